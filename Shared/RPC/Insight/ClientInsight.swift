internal import CoreMetrics
internal import Instrumentation
internal import Synchronization
internal import Tracing

/// What a client tells of its calls.
final class ClientInsight: Sendable {
    let metrics: ClientMetrics?
    private let tracing: CallTracing?

    /// Nil where nobody wants to know anything.
    init?(_ insight: RPCInsight, target: String) {
        metrics = insight.metrics.map { ClientMetrics($0, target: target) }
        tracing = insight.tracer.map { CallTracing(tracer: $0) }
        if metrics == nil, tracing == nil { return nil }
    }

    /// A call begins; `parent` is what the caller gave as metadata of its own.
    func begin(_ method: RPCMethod, parent: Metadata) -> ObservedOutgoingCall {
        let span = tracing.map { tracing -> any Span in
            let context = InstrumentationContext.current ?? tracing.context(in: parent)
            // The attempts are what a server's span belongs to, so that they are the clients.
            return tracing.begin("Sent", method.description, context, .internal)
        }
        return ObservedOutgoingCall(
            method, metrics: metrics?[method], openStreams: metrics?.openStreams, tracing: tracing,
            span: span)
    }
}

/// One call of a client that somebody wants to know of.
final class ObservedOutgoingCall: Sendable {
    private struct Attempts {
        var begun = 0
        /// Those before that a server may have taken.
        var previous = 0
        var retries = 0
        var transparentRetries = 0
        var hedges = 0
    }

    private let method: RPCMethod
    private let metrics: ClientMetrics.Method?
    private let openStreams: Meter?
    private let tracing: CallTracing?
    private let span: (any Span)?
    private let began = ContinuousClock.now
    private let attempts = Mutex(Attempts())

    init(
        _ method: RPCMethod, metrics: ClientMetrics.Method?, openStreams: Meter?,
        tracing: CallTracing?, span: (any Span)?
    ) {
        self.method = method
        self.metrics = metrics
        self.openStreams = openStreams
        self.tracing = tracing
        self.span = span
    }

    /// An attempt is made of `call`, whose metadata then carry its span.
    ///
    /// - Parameters:
    ///   - number: of attempts before it that a server may have taken, or that are under way.
    ///   - limits: of metadata.
    func beginAttempt(
        _ number: Int, isHedged: Bool, on address: RPCAddress, _ call: inout OutgoingCall,
        limits: RPCLimits
    ) -> ObservedAttempt {
        let isTransparent = attempts.withLock { attempts in
            let isFirst = attempts.begun == 0
            let isTransparent = !isFirst && !isHedged && number == attempts.previous
            attempts.begun += 1
            attempts.previous = number
            if isTransparent {
                attempts.transparentRetries += 1
            } else if !isFirst {
                if isHedged { attempts.hedges += 1 } else { attempts.retries += 1 }
            }
            return isTransparent
        }
        var attemptSpan: (any Span)?
        if let tracing, let span {
            let begun = tracing.begin("Attempt", method.description, span.context, .client)
            begun.attributes[CallTracing.previousAttempts] = number
            begun.attributes[CallTracing.isTransparentRetry] = isTransparent
            begun.attributes["server.address"] = address.host
            begun.attributes["server.port"] = address.port
            call.metadata = tracing.carrying(begun.context, in: call.metadata, limits: limits)
            attemptSpan = begun
        }
        metrics?.attemptStarted.increment()
        openStreams?.increment()
        return ObservedAttempt(metrics: metrics, openStreams: openStreams, span: attemptSpan)
    }

    /// The caller has its result, or none: how the call failed, nil for OK.
    func end(_ failure: RPCError?) {
        let code = failure?.code ?? .ok
        if let metrics {
            let duration = began.duration(to: .now)
            metrics.callDuration[code].recordNanoseconds(duration.nanoseconds)
            let attempts = attempts.withLock { $0 }
            if attempts.retries > 0 { metrics.retries.record(attempts.retries) }
            if attempts.transparentRetries > 0 {
                metrics.transparentRetries.record(attempts.transparentRetries)
            }
            if attempts.hedges > 0 { metrics.hedges.record(attempts.hedges) }
        }
        if let span { CallTracing.end(span, code) }
    }
}

/// One attempt of a client's call that somebody wants to know of.
final class ObservedAttempt: Sendable {
    private let metrics: ClientMetrics.Method?
    private let openStreams: Meter?
    private let span: (any Span)?
    private let began = ContinuousClock.now
    private let sentBytes = Atomic(0)

    init(metrics: ClientMetrics.Method?, openStreams: Meter?, span: (any Span)?) {
        self.metrics = metrics
        self.openStreams = openStreams
        self.span = span
    }

    /// A request has been given to the connection.
    func sent(bytes: Int) { sentBytes.add(bytes, ordering: .relaxed) }

    /// It is over.
    func end(_ delivery: MessageQueue.Delivery, receivedBytes: Int) {
        let code = delivery.code
        if let ended = metrics?.attemptEnded[code] {
            ended.duration.recordNanoseconds(began.duration(to: .now).nanoseconds)
            ended.sentBytes.record(sentBytes.load(ordering: .relaxed))
            ended.receivedBytes.record(receivedBytes)
        }
        openStreams?.decrement()
        if let span { CallTracing.end(span, code) }
    }
}

extension MessageQueue.Delivery {
    /// The status that an end says.
    fileprivate var code: RPCError.Code {
        switch self {
        case .message: .ok
        case .end(let status): status.code
        case .refused(let error): error.code
        }
    }
}
