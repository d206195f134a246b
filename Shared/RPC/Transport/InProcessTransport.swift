public import Logging
internal import NIOCore
internal import Synchronization

/// Calls a router in the same process: same deadlines, cancellation, statuses and limits as over
/// sockets, without bytes or sockets.
public final class InProcessTransport: RPCCaller {
    private let router: RPCRouter
    fileprivate let limits: RPCLimits
    private let logger: Logger
    private let running = Mutex(0)

    /// A transport to `router`; `limits` hold for both sides, and `insight` is told what the router
    /// serves.
    public init(
        router: RPCRouter, limits: RPCLimits = .defaults,
        logger: Logger = Logger(label: "rpc.in-process"), insight: RPCInsight = .process
    ) {
        var router = router
        router.observe(by: insight)
        self.router = router
        self.limits = limits
        self.logger = logger
    }

    /// Makes a call.
    ///
    /// - Throws: ``RPCError`` if the call cannot be started, and what `body` throws.
    public func call<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage?, options: CallOptions,
        _ body: @Sendable (RPCCall) async throws -> Result
    ) async throws -> Result {
        let call = try start(method, request, options)
        defer { call.leave() }
        return try await body(RPCCall(call))
    }

    private func start(
        _ method: RPCMethod, _ request: RPCMessage?, _ options: CallOptions
    ) throws -> InProcessCall {
        var outgoing = try OutgoingCall(method, options: options, limits: limits)
        if let insight = router.insight {
            outgoing.metadata = insight.carryingCurrentSpan(outgoing.metadata, limits: limits)
        }
        if let request { try check(request, "request") }
        try running.withLock { running in
            guard running < limits.concurrentStreams else {
                throw tooManyCalls(limit: limits.concurrentStreams)
            }
            running += 1
        }
        let traceID = outgoing.metadata.text(TraceContext.key)
            .flatMap(TraceContext.traceID(fromHeader:))
        let context = CallContext(
            method: method, metadata: outgoing.metadata, deadline: outgoing.deadline,
            traceID: traceID, peer: "in-process")
        let call = InProcessCall(outgoing, transport: self, capacity: limits.unreadMessages)
        let responder = InProcessResponder(call: call, transport: self)
        if let request { call.sendOnly(request) }
        let task = router.start(
            context, requests: call.requests, responder: responder, logger: logger)
        call.started(task)
        return call
    }

    fileprivate func check(_ message: RPCMessage, _ direction: String) throws(RPCError) {
        try message.check(
            direction, limits: limits, peerMessageBytes: limits.receivedMessageBytes,
            peerAttachments: limits.attachments)
    }

    fileprivate func handlerReturned() { running.withLock { $0 -= 1 } }

    fileprivate func fitted(_ status: RPCStatus) -> RPCStatus { status.fitting(limits) }
}

/// What a handler learns whose metadata can no longer be sent.
var metadataTooLate: RPCError {
    RPCError(
        code: .failedPrecondition, message: "metadata comes once, before the first response")
}

/// What a caller learns when all slots are taken.
func tooManyCalls(limit: Int) -> RPCError {
    RPCError(
        code: .resourceExhausted,
        message: "\(limit) calls are running, which is the most (concurrentStreams); try later")
}

/// The caller's end of an in-process call.
private final class InProcessCall: CallTransport {
    private struct State {
        var hasSentMetadata = false
        var hasResponse = false
        var hasLastRequest = false
        var task: Task<Void, Never>?
        var timer: Scheduled<Void>?
        var holdsSlot = true
    }

    let outgoing: OutgoingCall
    private let transport: InProcessTransport
    let requests: MessageQueue
    let responses: MessageQueue
    private let state = Mutex(State())

    init(_ outgoing: OutgoingCall, transport: InProcessTransport, capacity: Int) {
        self.outgoing = outgoing
        self.transport = transport
        requests = MessageQueue(capacity: capacity)
        responses = MessageQueue(capacity: capacity)
    }

    /// Arms the deadline once there is something to cancel.
    func started(_ task: Task<Void, Never>?) {
        state.withLock { $0.task = task }
        let timer = outgoing.deadline.map { deadline in
            EventLoops.shared.next().scheduleTask(in: TimeAmount(until: deadline)) { [self] in
                abort(outgoing.deadlineExceeded)
            }
        }
        state.withLock { $0.timer = timer }
    }

    /// Whether the call's slot was taken until now; it is free from then on.
    func freeSlot() -> Bool {
        state.withLock { state in
            defer { state.holdsSlot = false }
            return state.holdsSlot
        }
    }

    func write(_ request: RPCMessage?, isLast: Bool) async throws {
        if state.withLock({ $0.hasLastRequest }) { throw outgoing.noRequestMayFollow }
        if let request {
            try transport.check(request, "request")
            try await withTaskCancellationHandler {
                try await requests.pushWaiting(request)
            } onCancel: {
                abort(outgoing.cancelled)
            }
        }
        guard isLast else { return }
        state.withLock { $0.hasLastRequest = true }
        requests.finish(.status(.ok))
    }

    /// Sends the one request of a call that has no stream of them.
    func sendOnly(_ request: RPCMessage) {
        state.withLock { $0.hasLastRequest = true }
        _ = requests.push(request, .none)
        requests.finish(.status(.ok))
    }

    /// Takes metadata before the first response; false if that is too late.
    func takeMetadata(_ metadata: Metadata) -> Bool {
        let isInTime = state.withLock { state in
            defer { state.hasSentMetadata = true }
            return !state.hasSentMetadata && !state.hasResponse
        }
        if isInTime { outgoing.reply?.setInitial(metadata) }
        return isInTime
    }

    func responseBegins() { state.withLock { $0.hasResponse = true } }

    var failure: RPCError? {
        if case .end(let status)? = responses.end { status.error } else { nil }
    }

    func next() async throws -> RPCMessage? {
        let delivery = await withTaskCancellationHandler {
            await responses.next()
        } onCancel: {
            abort(outgoing.cancelled)
        }
        switch delivery {
        case .message(let message): return message
        case .end(let status):
            if let error = status.error { throw error }
            return nil
        case .refused(let error): throw error
        }
    }

    /// The caller has its result or wants none.
    func leave() {
        abort(outgoing.cancelled)
        responses.discard()
    }

    /// Ends the call from the caller's side, unless it is over.
    private func abort(_ error: RPCError) {
        let (task, timer) = state.withLock { ($0.task, $0.timer) }
        timer?.cancel()
        guard responses.finish(.status(RPCStatus(error)), discarding: true) else { return }
        requests.finish(.status(RPCStatus(error)), discarding: true)
        task?.cancel()
    }
}

private struct InProcessResponder: Responder {
    let call: InProcessCall
    let transport: InProcessTransport

    /// Returns 0: there is no wire.
    func write(_ message: RPCMessage) async throws -> Int {
        try transport.check(message, "response")
        call.responseBegins()
        try await call.responses.pushWaiting(message)
        return 0
    }

    func send(_ metadata: Metadata) async throws {
        if let violation = metadata.violation(of: transport.limits) { throw violation }
        guard call.takeMetadata(metadata) else { throw metadataTooLate }
    }

    func finish(_ last: RPCMessage?, _ status: RPCStatus) -> SentEnd {
        var status = status
        if let last {
            do throws(RPCError) {
                try transport.check(last, "response")
                call.responseBegins()
                // The one response of its method, so that there is room for it.
                _ = call.responses.push(last, .none)
            } catch {
                status = RPCStatus(error)
            }
        }
        // The slot is held until the handler has answered, not until the caller has given up: a
        // handler that ignores cancellation still takes memory. A caller that has its status finds
        // the slot free.
        if call.freeSlot() { transport.handlerReturned() }
        let fitted = transport.fitted(status)
        call.outgoing.reply?.trailing = fitted.metadata
        call.responses.finish(.status(fitted))
        // A writer that waits for room learns that nobody reads any more.
        call.requests.finish(.status(fitted), discarding: true)
        return SentEnd(code: fitted.code)
    }
}

extension TimeAmount {
    /// Time from now until `deadline`, not negative.
    init(until deadline: ContinuousClock.Instant) {
        self.init(ContinuousClock.now.duration(to: deadline))
    }

    /// A duration, cut to what 64 bits of nanoseconds hold and not negative.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds < Int64.max / 2_000_000_000 else {
            self = .nanoseconds(.max / 2)
            return
        }
        self = .nanoseconds(max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }
}
