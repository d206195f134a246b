internal import CoreMetrics
internal import Instrumentation
internal import NIOCore
internal import Tracing

/// What a server tells of its calls and connections.
final class ServerInsight: Sendable {
    private let methods: Set<RPCMethod>
    private let metrics: ServerMetrics?
    private let tracing: CallTracing?
    private let recorder: CallRecorder?

    /// Nil where nobody wants to know anything.
    init?(_ insight: RPCInsight, methods: [RPCMethod]) {
        let methods = Set(methods)
        self.methods = methods
        metrics = insight.metrics.map { ServerMetrics($0, methods: methods) }
        tracing = insight.tracer.map { CallTracing(tracer: $0) }
        recorder = insight.recorder
        if metrics == nil, tracing == nil, recorder == nil { return nil }
    }

    /// A connection was accepted, and is closed when `closed` says so.
    func connectionOpened(until closed: EventLoopFuture<Void>) {
        guard let metrics else { return }
        metrics.openConnections.increment()
        closed.whenComplete { _ in metrics.openConnections.decrement() }
    }

    /// A call has come; its trace id becomes that of its span.
    func begin(
        _ context: inout CallContext, _ requests: MessageQueue, _ responder: any Responder
    ) -> ObservedCall {
        let method = metrics?[context.method]
        method?.started.increment()
        metrics?.openStreams.increment()
        var span: (any Span)?
        if let tracing {
            let label =
                methods.contains(context.method)
                ? context.method.description : MetricLabel.otherMethod
            let parent = tracing.context(in: context.metadata)
            let begun = tracing.begin("Recv", label, parent, .server)
            span = begun
            if let traceID = tracing.traceID(of: begun) { context.traceID = traceID }
        }
        return ObservedCall(
            responder, requests: requests, deadline: context.deadline, metrics: method,
            openStreams: metrics?.openStreams, span: span, recording: recorder?.begin(context))
    }

    /// Metadata of a call within this process, with the span that makes it.
    func carryingCurrentSpan(_ metadata: Metadata, limits: RPCLimits) -> Metadata {
        guard let tracing, let current = InstrumentationContext.current else { return metadata }
        return tracing.carrying(current, in: metadata, limits: limits)
    }
}
