public import Logging
internal import NIOCore
internal import Synchronization

/// Calls a router in the same process: same deadlines, cancellation, statuses and limits as over
/// sockets, without bytes or sockets.
public final class InProcessTransport: RPCCaller {
    private let router: RPCRouter
    private let limits: RPCLimits
    private let logger: Logger
    private let running = Mutex(0)

    /// A transport to `router`; `limits` hold for both sides.
    public init(
        router: RPCRouter, limits: RPCLimits = .defaults,
        logger: Logger = Logger(label: "rpc.in-process")
    ) {
        self.router = router
        self.limits = limits
        self.logger = logger
    }

    /// Sends one request and returns the one response.
    public func unary(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions
    ) async throws -> RPCMessage {
        let call = try start(method, request, options)
        defer { call.leave() }
        return try await call.single(of: method)
    }

    /// Sends one request and hands the responses to `body`.
    public func serverStreaming<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions,
        _ body: @Sendable (RPCResponseStream) async throws -> Result
    ) async throws -> Result {
        let call = try start(method, request, options)
        defer { call.leave() }
        return try await body(RPCResponseStream(reader: call))
    }

    private func start(
        _ method: RPCMethod, _ request: RPCMessage, _ options: CallOptions
    ) throws -> InProcessCall {
        let outgoing = try OutgoingCall(method, options: options, limits: limits)
        try check(request, "request")
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
        let call = InProcessCall(outgoing, capacity: limits.unreadMessages)
        let responder = InProcessResponder(call: call, transport: self)
        _ = call.requests.push(request, bytes: request.encodedByteCount)
        call.requests.finish(.status(.ok))
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

/// What a caller learns when all slots are taken.
func tooManyCalls(limit: Int) -> RPCError {
    RPCError(
        code: .resourceExhausted,
        message: "\(limit) calls are running, which is the most (concurrentStreams); try later")
}

/// The caller's end of an in-process call.
private final class InProcessCall: ResponseReader {
    private struct State {
        var task: Task<Void, Never>?
        var timer: Scheduled<Void>?
        var holdsSlot = true
    }

    let outgoing: OutgoingCall
    let requests: MessageQueue
    let responses: MessageQueue
    private let state = Mutex(State())

    init(_ outgoing: OutgoingCall, capacity: Int) {
        self.outgoing = outgoing
        requests = MessageQueue(capacity: 1)
        responses = MessageQueue(capacity: capacity)
    }

    /// Arms the deadline once there is something to cancel.
    func started(_ task: Task<Void, Never>) {
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

    func write(_ message: RPCMessage, isLast: Bool) async throws {
        try transport.check(message, "response")
        try await call.responses.pushWaiting(message, bytes: message.encodedByteCount)
        if isLast { finish(.ok) }
    }

    func finish(_ status: RPCStatus) {
        // The slot is held until the handler has answered, not until the caller has given up: a
        // handler that ignores cancellation still takes memory. A caller that has its status finds
        // the slot free.
        if call.freeSlot() { transport.handlerReturned() }
        call.responses.finish(.status(transport.fitted(status)))
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
