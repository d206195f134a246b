internal import Logging
internal import NIOCore

/// The shell of one accepted connection: does what its state machine says and hands requests to
/// tasks.
///
/// Used on its event loop only; others go through ``ServerConnection``.
final class ServerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Call {
        var requests: MessageQueue
        var task: Task<Void, Never>
        var timer: Scheduled<Void>?
    }

    private struct WaitingWrite {
        var id: StreamID
        var message: EncodedMessage
        var isLast: Bool
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let router: RPCRouter
    private let configuration: RPCServerConfiguration
    private let connections: ServerConnections
    private let logger: Logger
    private let processor: NIOSingleStepByteToMessageProcessor<FrameDecoder>
    private let ledger: UnreadLedger
    private var machine: ServerConnectionStateMachine
    private var peer: Settings
    private var calls: [StreamID: Call] = [:]
    private var waitingWrites = CircularBuffer<WaitingWrite>()
    private var handshakeTimer: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    private var output: FrameOutput?

    private var limits: RPCLimits { configuration.limits }

    init(
        router: RPCRouter, configuration: RPCServerConfiguration, connections: ServerConnections,
        logger: Logger
    ) {
        self.router = router
        self.configuration = configuration
        self.connections = connections
        self.logger = logger
        processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: configuration.limits))
        ledger = UnreadLedger(limit: configuration.limits.unreadBytes) {}
        machine = ServerConnectionStateMachine(limits: configuration.limits)
        peer = Settings(configuration.limits)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let output = FrameOutput(context: context)
        self.output = output
        output.writeHandshake(limits)
        let connection = ServerConnection(handler: self, channel: context.channel)
        if let refusal = connections.add(connection) {
            fail(refusal, [])
            return
        }
        handshakeTimer = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.handshakeTimeout)
        ) { [weak self] in
            self?.failHandshake()
        }
    }

    private func failHandshake() {
        guard machine.isInHandshake else { return }
        fail(
            ProtocolViolation(
                "no handshake within \(limits.handshakeTimeout)", code: .handshakeTimeout),
            machine.close())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After a violation the rest is read only so that the peer can read the reason.
        guard !machine.isClosed else { return }
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { inbound in
                perform(machine.receive(inbound))
            }
        } catch let violation as ProtocolViolation {
            fail(violation, machine.close())
        } catch {
            fail(ProtocolViolation("unreadable bytes"), machine.close())
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        while context.channel.isWritable, let write = waitingWrites.popFirst() { perform(write) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeTimer?.cancel()
        let lost = RPCError(code: .cancelled, message: "the caller's connection was lost")
        for id in machine.close() { endCall(id, lost) }
        connections.remove(ServerConnection.key(of: self))
        self.context = nil
        output = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Actions of the state machine

    private func perform(_ action: ServerConnectionStateMachine.Action) {
        switch action {
        case .none: break
        case .opened(let settings):
            peer = settings
            handshakeTimer?.cancel()
            // The server began to drain before this peer had said a word.
            if connections.isDraining { beginDrain() }
        case .startCall(let id, let headers): startCall(id, headers)
        case .deliver(let id, let message, let bytes, let isLast):
            deliver(message, bytes: bytes, isLast: isLast, on: id)
        case .endRequests(let id): calls[id]?.requests.finish(.status(.ok))
        case .cancelCall(let id, let code):
            endCall(id, RPCError(code: code, message: "the caller gave up"))
            closeIfDrained()
        case .reject(let id, let status):
            if let error = status.error { endCall(id, error) }
            sendStatus(status, on: id)
        case .answerPing(let data):
            output?.write(.ping(data, isAcknowledgement: true))
            checkFlood()
        case .fail(let violation, let open): fail(violation, open)
        }
    }

    private func startCall(_ id: StreamID, _ headers: Frame.Headers) {
        guard let context else { return }
        // Beyond some years the sum with now would overflow.
        let timeout = headers.timeoutMicroseconds.map { Int64(clamping: min($0, 1 << 48)) }
        let deadline = timeout.map { ContinuousClock.now.advanced(by: .microseconds($0)) }
        let traceID = headers.metadata.text(TraceContext.key)
            .flatMap(TraceContext.traceID(fromHeader:))
        let callContext = CallContext(
            method: headers.method, metadata: headers.metadata, deadline: deadline,
            traceID: traceID, peer: context.remoteAddress.map { "\($0)" } ?? "unknown")
        let requests = MessageQueue(capacity: limits.unreadMessages, ledger: ledger)
        if headers.endsStream { requests.finish(.status(.ok)) }
        let timer = deadline.map { deadline in
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(until: deadline)) {
                [weak self] () -> Void in self?.expire(id, headers.method)
            }
        }
        let responder = ServerResponder(
            connection: ServerConnection(handler: self, channel: context.channel), id: id,
            limits: limits, peer: peer)
        let task = router.start(
            callContext, requests: requests, responder: responder, logger: logger)
        calls[id] = Call(requests: requests, task: task, timer: timer)
    }

    private func deliver(_ message: RPCMessage, bytes: Int, isLast: Bool, on id: StreamID) {
        guard let call = calls[id] else { return }
        let isFull = ledger.bytes + bytes > limits.unreadBytes
        guard !isFull, call.requests.push(message, bytes: bytes) else {
            end(
                id,
                RPCError(
                    code: .resourceExhausted,
                    message: isFull
                        ? "more than \(limits.unreadBytes) bytes wait to be read (unreadBytes)"
                        : "more than \(limits.unreadMessages) requests wait (unreadMessages)"))
            return
        }
        if isLast { call.requests.finish(.status(.ok)) }
    }

    private func expire(_ id: StreamID, _ method: RPCMethod) {
        end(
            id,
            RPCError(code: .deadlineExceeded, message: "\(method) did not end before its deadline"))
    }

    /// Ends a call whose handler still runs.
    private func end(_ id: StreamID, _ error: RPCError) {
        guard machine.close(id, handlerRuns: true) else { return }
        endCall(id, error)
        sendStatus(RPCStatus(error), on: id)
    }

    /// Forgets a call and stops its handler.
    private func endCall(_ id: StreamID, _ error: RPCError) {
        guard let call = calls.removeValue(forKey: id) else { return }
        call.timer?.cancel()
        call.requests.finish(.status(RPCStatus(error)), discarding: true)
        call.task.cancel()
        guard !waitingWrites.isEmpty else { return }
        let all = waitingWrites
        waitingWrites = CircularBuffer()
        for write in all where write.id != id { waitingWrites.append(write) }
        for write in all where write.id == id { write.continuation.resume(throwing: error) }
    }

    private func sendStatus(_ status: RPCStatus, on id: StreamID) {
        output?.write(.trailers(id, status.fitting(limits)))
        checkFlood()
        closeIfDrained()
    }

    // MARK: What handlers do

    /// Sends a response, at once or when the peer has read enough.
    func write(
        _ message: EncodedMessage, isLast: Bool, on id: StreamID,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        let write = WaitingWrite(
            id: id, message: message, isLast: isLast, continuation: continuation)
        let mustWait = output.map { !$0.isWritable } ?? false || !waitingWrites.isEmpty
        if mustWait, machine.isOpen(id) {
            waitingWrites.append(write)
        } else {
            perform(write)
        }
    }

    private func perform(_ write: WaitingWrite) {
        guard let output, machine.isOpen(write.id) else {
            write.continuation.resume(
                throwing: RPCError(code: .cancelled, message: "the call is over"))
            return
        }
        output.write(
            write.message, on: write.id, endsStream: false, payloadLimit: peer.framePayloadBytes)
        if write.isLast { finish(.ok, on: write.id) }
        write.continuation.resume()
    }

    /// Sends the status of a handler, unless the call is over.
    func finish(_ status: RPCStatus, on id: StreamID) {
        guard machine.close(id, handlerRuns: false) else { return }
        calls.removeValue(forKey: id)?.timer?.cancel()
        sendStatus(status, on: id)
    }

    /// The task of a call is over.
    func handlerReturned(_ status: RPCStatus, on id: StreamID) {
        finish(status, on: id)
        machine.handlerReturned(id)
    }

    // MARK: The end of the connection

    /// Takes no further call and closes when the last one has ended.
    func beginDrain() {
        guard let last = machine.beginDrain() else { return }
        output?.write(.goAway(shutdown(last)))
        closeIfDrained()
    }

    /// Ends what is left with UNAVAILABLE and closes.
    func endDrain() {
        let error = RPCError(
            code: .unavailable, message: "the server shuts down and its drain timeout has passed")
        let last = machine.lastStreamID
        let wasClosed = machine.isClosed
        let open = machine.close()
        for id in open {
            endCall(id, error)
            output?.write(.trailers(id, RPCStatus(error)))
        }
        guard !wasClosed else { return }
        output?.close(after: .goAway(shutdown(last)), linger: configuration.lingerTimeout)
    }

    private func shutdown(_ last: StreamID) -> GoAway {
        GoAway(lastStreamID: last, code: .shutdown, reason: "the server shuts down")
    }

    private func closeIfDrained() {
        guard machine.isDrained else { return }
        _ = machine.close()
        output?.close(after: nil, linger: configuration.lingerTimeout)
    }

    private func fail(_ violation: ProtocolViolation, _ open: [StreamID]) {
        _ = machine.close()
        handshakeTimer?.cancel()
        logger.info(
            "closing a connection",
            metadata: ["code": "\(violation.code)", "reason": "\(violation.reason)"])
        for id in open {
            endCall(id, RPCError(code: .cancelled, message: "the caller broke the protocol"))
        }
        let goAway = GoAway(
            lastStreamID: machine.lastStreamID, code: violation.code, reason: violation.reason)
        output?.close(after: .goAway(goAway), linger: configuration.lingerTimeout)
    }

    /// Answers that the peer asks for and does not read must not pile up.
    ///
    /// Messages wait for writability, so that beyond one message over the mark there are only such
    /// answers.
    private func checkFlood() {
        guard let output, !output.isWritable, !machine.isClosed else { return }
        let most =
            2 * (limits.pendingWriteBytes + limits.framePayloadBytes) + limits.sentMessageBytes
        guard output.pendingBytes > most else { return }
        for id in machine.close() {
            endCall(id, RPCError(code: .cancelled, message: "the caller does not read"))
        }
        output.closeNow()
    }
}
