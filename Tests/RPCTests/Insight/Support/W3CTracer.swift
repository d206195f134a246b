import InMemoryTracing
import Synchronization
import Tracing

@testable import RPC

/// An in-memory tracer whose spans travel as W3C Trace Context has it, as those of real ones do.
struct W3CTracer: Tracer {
    let memory: InMemoryTracer

    init() {
        memory = InMemoryTracer(
            idGenerator: InMemoryTracer.IDGenerator(
                nextTraceID: { TraceContext.makeTraceID() },
                nextSpanID: { String(TraceContext.makeTraceID().prefix(16)) }))
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> InMemorySpan {
        memory.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function,
            file: fileID, line: line)
    }

    func activeSpan(identifiedBy context: InstrumentationContext) -> InMemorySpan? {
        memory.activeSpan(identifiedBy: context)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject(
            "00-\(span.traceID)-\(span.spanID)-01", forKey: "Traceparent", into: &carrier)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard
            let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-"),
            parts.count == 4
        else { return }
        context.inMemorySpanContext = InMemorySpanContext(
            traceID: String(parts[1]), spanID: String(parts[2]), parentSpanID: nil)
    }

    /// The finished spans by their names, once there are as many.
    func spans(_ count: Int) async -> [String: FinishedInMemorySpan] {
        await until { memory.finishedSpans.count >= count }
        return Dictionary(
            memory.finishedSpans.map { ($0.operationName, $0) }, uniquingKeysWith: { $1 })
    }

    /// Legacy requirement.
    func forceFlush() {}
}

/// Waits for what follows a call's end, such as its metrics.
func until(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}
