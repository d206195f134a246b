internal import Instrumentation
internal import Tracing

/// Spans of calls and how they travel in metadata.
///
/// Names are those of gRPC A72: `Sent.` for a client's call, `Attempt.` for each of its attempts,
/// `Recv.` on the server. The attributes are OpenTelemetry's for RPC.
struct CallTracing: Sendable {
    /// Attribute: the method's full name.
    static let method = "rpc.method"
    /// Attribute: the name of the status.
    static let status = "rpc.response.status_code"
    /// Attribute of an attempt: how many there were before that a server may have taken.
    static let previousAttempts = "previous-rpc-attempts"
    /// Attribute of an attempt: whether no server had taken the one before.
    static let isTransparentRetry = "transparent-retry"

    let tracer: any Tracer

    /// Begins a span.
    ///
    /// - Parameter label: the method's name, or that of all unknown ones.
    func begin(
        _ prefix: String, _ label: String, _ context: InstrumentationContext, _ kind: SpanKind
    ) -> any Span {
        let span: any Span = tracer.startSpan("\(prefix).\(label)", context: context, ofKind: kind)
        span.attributes["rpc.system.name"] = "llara"
        span.attributes[Self.method] = label
        return span
    }

    /// Ends a span with the status of its call.
    static func end(_ span: any Span, _ code: RPCError.Code) {
        span.attributes[Self.status] = code.name
        // The status's text stays out: it is for the caller.
        if code != .ok { span.setStatus(SpanStatus(code: .error, message: code.name)) }
        span.end()
    }

    /// The context that came with a call.
    func context(in metadata: Metadata) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        tracer.extract(metadata, into: &context, using: MetadataCarrier())
        return context
    }

    /// Metadata that carries `context` in place of any other.
    ///
    /// What breaks the rules of metadata is left out, and all of it where that would break the
    /// limits: a trace must not fail a call.
    func carrying(
        _ context: InstrumentationContext, in metadata: Metadata, limits: RPCLimits
    ) -> Metadata {
        var carrying = metadata
        tracer.inject(context, into: &carrying, using: MetadataCarrier())
        return carrying.violation(of: limits) == nil ? carrying : metadata
    }

    /// The trace id of a span as the header `traceparent` has it; nil for a tracer that has another.
    func traceID(of span: any Span) -> String? {
        var carrier = Metadata()
        tracer.inject(span.context, into: &carrier, using: MetadataCarrier())
        return carrier.text(TraceContext.key).flatMap(TraceContext.traceID(fromHeader:))
    }
}

/// Writes and reads what tracers carry as text in metadata.
struct MetadataCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout Metadata) {
        let entry = Metadata.Entry(key: key.lowercased(), value: Array(value.utf8), isText: true)
        guard Metadata.malformation(of: entry) == nil else { return }
        carrier.removeAll(entry.key)
        carrier.append(entry)
    }

    func extract(key: String, from carrier: Metadata) -> String? { carrier.text(key.lowercased()) }
}
