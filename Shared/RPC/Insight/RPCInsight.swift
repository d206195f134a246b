public import CoreMetrics
public import Tracing

/// Where a server or client tells what it does: metrics, traces and a record of calls.
///
/// What is nil costs a check a call.
public struct RPCInsight: Sendable {
    /// Makes the handles of the metrics, see ``MetricName``; nil measures nothing.
    public var metrics: (any MetricsFactory)?
    /// Makes a span of each call; nil makes none, and the trace id alone is carried.
    public var tracer: (any Tracer)?
    /// Records calls that a server serves; nil records none.
    public var recorder: CallRecorder?

    /// Tells the given ones.
    public init(
        metrics: (any MetricsFactory)? = nil, tracer: (any Tracer)? = nil,
        recorder: CallRecorder? = nil
    ) {
        self.metrics = metrics
        self.tracer = tracer
        self.recorder = recorder
    }

    /// Nobody is told anything.
    public static let none = RPCInsight()

    /// What this process, or task, has bootstrapped by now: back ends come before the servers and
    /// clients that are to tell them.
    public static var process: RPCInsight {
        let metrics = MetricsSystem.factory
        let tracer = InstrumentationSystem.tracer
        return RPCInsight(
            metrics: metrics is NOOPMetricsHandler ? nil : metrics,
            tracer: tracer is NoOpTracer ? nil : tracer)
    }
}
