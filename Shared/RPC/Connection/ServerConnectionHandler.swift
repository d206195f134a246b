internal import Logging
internal import NIOCore

/// The shell of one accepted connection: does what its state machine says and hands requests to
/// tasks.
///
/// Used on its event loop only; others go through ``ServerConnection``.
final class ServerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Call {
        var context: CallContext
        var requests: MessageQueue
        /// Nil until all that came with the call's headers has been taken.
        var task: Task<Void, Never>?
        var timer: Scheduled<Void>?
    }

    /// A call whose handler is to be started.
    private struct Start {
        var id: StreamID
        var context: CallContext
        var requests: MessageQueue
    }

    /// A handler's message that its stream has no room for yet; one a call, as writers wait.
    private struct WaitingWrite {
        var message: EncodedMessage
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let router: RPCRouter
    private let configuration: RPCServerConfiguration
    private let connections: ServerConnections
    private let logger: Logger
    private let processor: NIOSingleStepByteToMessageProcessor<FrameDecoder>
    private var machine: ServerConnectionStateMachine
    private var peer: Settings
    private var calls: [StreamID: Call] = [:]
    private var starts: [Start] = []
    private var waitingWrites: [StreamID: WaitingWrite] = [:]
    private var handshakeTimer: Scheduled<Void>?
    /// From the end of the handshake on.
    private var lifetime: LifetimeTimer?
    private var context: ChannelHandlerContext?
    private var output: FrameOutput?
    private let start = ContinuousClock.now
    private var startedCallCount: UInt64 = 0
    private var receivedBytes: UInt64 = 0
    /// Where calls come from, `127.0.0.1:5000`; asked for once, as that is a call of the kernel.
    private var peerName = "unknown"

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
        machine = ServerConnectionStateMachine(limits: configuration.limits)
        peer = Settings(configuration.limits)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        if let address = context.remoteAddress, let host = address.ipAddress,
            let port = address.port
        {
            peerName = "\(RPCAddress(host: host, port: port))"
        }
        let output = FrameOutput(
            context: context, mostUnflushedBytes: limits.pendingWriteBytes
        ) { [weak self] in self?.writeOutbound() }
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
        lifetime?.note { $0.received(now: .now) }
        let bytes = unwrapInboundIn(data)
        receivedBytes += UInt64(bytes.readableBytes)
        do {
            try processor.process(buffer: bytes) { inbound in receive(inbound) }
        } catch let violation as ProtocolViolation {
            fail(violation, machine.close())
        } catch {
            fail(ProtocolViolation("unreadable bytes"), machine.close())
        }
        startHandlers()
    }

    /// Takes one frame; what was read of its call before counts first.
    private func receive(_ inbound: Inbound) {
        if case .frame(.ping(_, isAcknowledgement: false)) = inbound,
            lifetime?.note({ $0.pingReceived(now: .now) }) == false
        {
            return fail(.tooManyPings(limits), machine.close())
        }
        guard case .frame(.message(let id, _)) = inbound, let call = calls[id] else {
            perform(machine.receive(inbound))
            writeOutbound()
            return
        }
        count(call.requests, of: id)
        perform(machine.receive(inbound))
        if machine.needsPromptReports(id) { count(call.requests, of: id) }
        writeOutbound()
    }

    private func count(_ requests: MessageQueue, of id: StreamID) {
        let isPrompt = machine.needsPromptReports(id)
        machine.consumed(id, requests.takeConsumed(promptly: isPrompt))
    }

    /// The handler of a call has read so much that the peer may be told.
    private func countConsumed(_ id: StreamID) {
        guard let call = calls[id] else { return }
        count(call.requests, of: id)
        writeOutbound()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { writeOutbound() }

    /// Writes what may leave now.
    private func writeOutbound() {
        guard let output else { return }
        while let outbound = machine.nextOutbound(isWritable: output.isWritable) {
            switch outbound {
            case .frame(let frame):
                if case .trailers = frame { lifetime?.note { $0.dataSent() } }
                output.write(frame)
            case .message(let departure, let endsCall):
                lifetime?.note { $0.dataSent() }
                for buffer in departure.buffers { output.write(buffer) }
                if endsCall { forget(departure.stream) }
                if departure.unblocksWriter { writeAgain(departure.stream) }
            }
        }
        checkFlood()
        closeIfDrained()
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeTimer?.cancel()
        lifetime?.cancel()
        let lost = RPCError(code: .cancelled, message: "the caller's connection was lost")
        for id in machine.close() { endCall(id, lost) }
        connections.remove(ServerConnection.key(of: self))
        self.context = nil
        output = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = (error as? RPCError)?.message ?? describeTLSFailure(error)
        logger.log(
            level: reason == nil ? .debug : .info, "a connection broke",
            metadata: ["reason": "\(reason ?? "\(error)")"])
        context.close(promise: nil)
    }

    // MARK: Actions of the state machine

    private func perform(_ action: ServerConnectionStateMachine.Action) {
        switch action {
        case .none: break
        case .opened(let settings):
            peer = settings
            handshakeTimer?.cancel()
            beginLifetime()
            // The server began to drain before this peer had said a word.
            if connections.isDraining { beginDrain() }
        case .startCall(let id, let headers): startCall(id, headers)
        case .deliver(let id, let message, let size, let isLast):
            deliver(message, size, isLast: isLast, on: id)
        case .endRequests(let id): calls[id]?.requests.finish(.status(.ok))
        case .cancelCall(let id, let code):
            endCall(id, RPCError(code: code, message: "the caller gave up"))
        case .endCall(let id, let status):
            endCall(id, status.error ?? RPCError(code: .unknown, message: status.message))
        case .fail(let violation, let open): fail(violation, open)
        }
    }

    private func beginLifetime() {
        guard let context else { return }
        var generator = SystemRandomNumberGenerator()
        let begun = ConnectionLifetime(
            keepalive: configuration.keepalive, age: configuration.age,
            pingInterval: limits.pingInterval,
            peerPingInterval: .milliseconds(peer.pingIntervalMilliseconds), now: .now,
            using: &generator)
        lifetime = LifetimeTimer(begun, on: context.eventLoop) { [weak self] action in
            self?.perform(action)
        }
    }

    private func perform(_ action: ConnectionLifetime.Action) {
        switch action {
        case .sendPing: output?.write(.ping(0, isAcknowledgement: false))
        case .drain(let reason): beginDrain("\(reason)")
        case .close(let reason):
            logger.info("closing a connection", metadata: ["reason": "\(reason)"])
            endDrain(RPCError(code: .unavailable, message: "\(reason)"))
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
            traceID: traceID, peer: peerName)
        let connection = ServerConnection(handler: self, channel: context.channel)
        let requests = MessageQueue(reportBytes: limits.consumptionReportBytes) {
            connection.run { $0.countConsumed(id) }
        }
        if headers.endsStream { requests.finish(.status(.ok)) }
        let timer = deadline.map { deadline in
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(until: deadline)) {
                [weak self] () -> Void in self?.expire(id, headers.method)
            }
        }
        startedCallCount += 1
        calls[id] = Call(context: callContext, requests: requests, timer: timer)
        starts.append(Start(id: id, context: callContext, requests: requests))
        lifetime?.tell { $0.callOpened() }
    }

    /// Starts the handlers of the calls that have come, whose requests have come as a rule: a
    /// handler that waits for one costs two changes of threads.
    private func startHandlers() {
        guard let context, !starts.isEmpty else { return }
        let connection = ServerConnection(handler: self, channel: context.channel)
        for start in starts {
            let responder = ServerResponder(
                connection: connection, id: start.id, limits: limits, peer: peer)
            let task = router.start(
                start.context, requests: start.requests, responder: responder, logger: logger)
            if calls[start.id] == nil { task?.cancel() } else { calls[start.id]?.task = task }
        }
        starts.removeAll(keepingCapacity: true)
    }

    private func deliver(
        _ message: RPCMessage, _ size: Consumption, isLast: Bool, on id: StreamID
    ) {
        guard let call = calls[id] else { return }
        if call.requests.push(message, size) { machine.consumed(id, size) }
        if isLast { call.requests.finish(.status(.ok)) }
    }

    private func expire(_ id: StreamID, _ method: RPCMethod) {
        let status = RPCStatus(
            code: .deadlineExceeded, message: "\(method) did not end before its deadline")
        perform(machine.end(id, status))
        writeOutbound()
    }

    /// Forgets a call and stops its handler.
    private func endCall(_ id: StreamID, _ error: RPCError) {
        guard let call = calls[id] else { return }
        forget(id, error)
        call.requests.finish(.status(RPCStatus(error)), discarding: true)
        call.task?.cancel()
    }

    /// Forgets a call that is over.
    private func forget(_ id: StreamID, _ error: RPCError = ServerConnectionHandler.over) {
        if let call = calls.removeValue(forKey: id) {
            call.timer?.cancel()
            lifetime?.tell { $0.callEnded(now: .now) }
        }
        waitingWrites.removeValue(forKey: id)?.continuation.resume(throwing: error)
    }

    private static let over = RPCError(code: .cancelled, message: "the call is over")

    // MARK: What handlers do

    /// Sends a response, at once or when the peer has read enough of those before.
    func write(
        _ message: EncodedMessage, on id: StreamID,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        enqueue(message, on: id, continuation)
        writeOutbound()
    }

    private func enqueue(
        _ message: EncodedMessage, on id: StreamID,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        switch machine.write(message, on: id) {
        case .accepted: continuation.resume()
        case .full where waitingWrites[id] == nil:
            waitingWrites[id] = WaitingWrite(message: message, continuation: continuation)
        case .full:
            continuation.resume(
                throwing: RPCError(
                    code: .failedPrecondition,
                    message: "responses of a call are written by one task at a time"))
        case .ended: continuation.resume(throwing: Self.over)
        }
    }

    private func writeAgain(_ id: StreamID) {
        guard let waiting = waitingWrites.removeValue(forKey: id) else { return }
        enqueue(waiting.message, on: id, waiting.continuation)
    }

    /// Sends metadata before the first response.
    func send(
        _ metadata: Metadata, on id: StreamID, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard machine.send(metadata, on: id) else {
            continuation.resume(throwing: metadataTooLate)
            return
        }
        writeOutbound()
        continuation.resume()
    }

    /// The task of a call is over: its last response and its status follow what it has written.
    func handlerReturned(_ last: EncodedMessage?, _ status: RPCStatus, on id: StreamID) {
        // Whoever returns a response has written none before, so that there is room for it.
        if let last { _ = machine.write(last, on: id) }
        if machine.finish(id, status) == true { forget(id) }
        machine.handlerReturned(id)
        writeOutbound()
    }

    /// What the connection does now; nil once it is closed.
    var inspection: ConnectionInspection? {
        guard context != nil else { return nil }
        let oldest = calls.values.map(\.context)
            .sorted { $0.arrival < $1.arrival }
            .prefix(ServerInspection.maximumCalls)
        return ConnectionInspection(
            peer: peerName, start: start, startedCallCount: startedCallCount,
            receivedBytes: receivedBytes, sentBytes: output?.sentBytes ?? 0,
            isDraining: machine.isDraining || machine.isClosed,
            openCalls: oldest.map { call in
                OpenCall(method: call.method, traceID: call.traceID, start: call.arrival)
            })
    }

    // MARK: The end of the connection

    /// Takes no further call and closes when the last one has ended.
    func beginDrain(_ reason: String = "the server shuts down") {
        guard let last = machine.beginDrain() else { return }
        lifetime?.tell { $0.drainBegan() }
        output?.write(
            .goAway(GoAway(lastStreamID: last, code: .shutdown, reason: reason)))
        closeIfDrained()
    }

    /// Ends what is left with UNAVAILABLE and closes.
    func endDrain(
        _ error: RPCError = RPCError(
            code: .unavailable, message: "the server shuts down and its drain timeout has passed")
    ) {
        let last = machine.lastStreamID
        let wasClosed = machine.isClosed
        let open = machine.close()
        for id in open {
            endCall(id, error)
            output?.write(.trailers(id, RPCStatus(error)))
        }
        guard !wasClosed else { return }
        lifetime?.cancel()
        let goAway = GoAway(lastStreamID: last, code: .shutdown, reason: error.message)
        output?.close(after: .goAway(goAway), linger: configuration.lingerTimeout)
    }

    private func closeIfDrained() {
        guard machine.isDrained else { return }
        _ = machine.close()
        lifetime?.cancel()
        output?.close(after: nil, linger: configuration.lingerTimeout)
    }

    private func fail(_ violation: ProtocolViolation, _ open: [StreamID]) {
        _ = machine.close()
        handshakeTimer?.cancel()
        lifetime?.cancel()
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
