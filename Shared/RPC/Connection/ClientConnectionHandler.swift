internal import Logging
internal import NIOCore

/// The shell of one connection to a replica: does what its state machine says.
///
/// Used on its event loop only; others go through ``ClientConnection``.
final class ClientConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private struct Entry {
        var attempt: ClientAttempt
        var timer: Scheduled<Void>?
        let began = ContinuousClock.now
        var firstResponse: ContinuousClock.Instant?
    }

    private struct WaitingWrite {
        var request: EncodedMessage?
        var isLast: Bool
        var continuation: CheckedContinuation<Void, any Error>
    }

    let signals = ClientConnectionSignals()

    private let address: RPCAddress
    private let configuration: RPCClientConfiguration
    private let logger: Logger
    private let processor: NIOSingleStepByteToMessageProcessor<FrameDecoder>
    private var machine: ClientConnectionStateMachine
    private var peer: Settings
    private var calls: [StreamID: Entry] = [:]
    /// Calls that have not been sent because the peer reads slowly.
    private var waiting = CircularBuffer<Entry>()
    /// Requests that their stream has no room for yet, or that is not open yet; one a call, as
    /// writers wait.
    private var waitingWrites: [ObjectIdentifier: WaitingWrite] = [:]
    private var handshakeTimer: Scheduled<Void>?
    /// From the end of the handshake on.
    private var lifetime: LifetimeTimer?
    private var closeReason = "the connection was closed by the peer"
    private var context: ChannelHandlerContext?
    private var output: FrameOutput?

    private var limits: RPCLimits { configuration.limits }

    init(address: RPCAddress, configuration: RPCClientConfiguration, logger: Logger) {
        self.address = address
        self.configuration = configuration
        let limits = configuration.limits
        self.logger = logger
        processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
        machine = ClientConnectionStateMachine(limits: limits)
        peer = Settings(limits)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        output = FrameOutput(
            context: context, mostUnflushedBytes: limits.pendingWriteBytes
        ) { [weak self] in self?.writeWhatWaits() }
        output?.writeHandshake(limits)
        handshakeTimer = context.eventLoop.assumeIsolated().scheduleTask(
            in: TimeAmount(limits.handshakeTimeout)
        ) { [weak self] () -> Void in
            guard let self, machine.isInHandshake else { return }
            fail("no handshake within \(limits.handshakeTimeout)", machine.close())
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !machine.isClosed else { return }
        lifetime?.note { $0.received(now: .now) }
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { inbound in receive(inbound) }
        } catch let violation as ProtocolViolation {
            fail(violation, machine.close())
        } catch {
            fail(ProtocolViolation("unreadable bytes"), machine.close())
        }
    }

    /// Takes one frame; what was read of its call before counts first.
    private func receive(_ inbound: Inbound) {
        if case .frame(.ping(_, isAcknowledgement: false)) = inbound,
            lifetime?.note({ $0.pingReceived(now: .now) }) == false
        {
            return fail(.tooManyPings(limits), machine.close())
        }
        guard case .frame(.message(let id, _)) = inbound, let entry = calls[id] else {
            perform(machine.receive(inbound))
            writeOutbound()
            return
        }
        count(entry.attempt.responses, of: id)
        perform(machine.receive(inbound))
        if machine.needsPromptReports(id) { count(entry.attempt.responses, of: id) }
        writeOutbound()
    }

    private func count(_ responses: MessageQueue, of id: StreamID) {
        let isPrompt = machine.needsPromptReports(id)
        machine.consumed(id, responses.takeConsumed(promptly: isPrompt))
    }

    /// The caller has read so much of a call that the peer may be told.
    func countConsumed(_ id: StreamID) {
        guard let entry = calls[id] else { return }
        count(entry.attempt.responses, of: id)
        writeOutbound()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { writeWhatWaits() }

    private func writeWhatWaits() {
        writeOutbound()
        while output?.isWritable == true, let entry = waiting.popFirst() { open(entry) }
    }

    /// Writes what may leave now.
    private func writeOutbound() {
        guard let output else { return }
        while let outbound = machine.nextOutbound(isWritable: output.isWritable) {
            switch outbound {
            case .frame(let frame): output.write(frame)
            case .message(let departure):
                lifetime?.note { $0.dataSent() }
                for buffer in departure.buffers { output.write(buffer) }
                if departure.unblocksWriter, let entry = calls[departure.stream] {
                    writeAgain(entry.attempt)
                }
            }
        }
        // A server that asks and does not read is not worth keeping.
        if !output.isWritable, output.pendingBytes > mostPendingBytes {
            closeReason = "the server does not read"
            output.closeNow()
        }
    }

    /// Messages wait for writability, so that beyond one frame over the mark there are only answers
    /// to what the server sends.
    private var mostPendingBytes: Int { 2 * (limits.pendingWriteBytes + peer.framePayloadBytes) }

    func channelInactive(context: ChannelHandlerContext) {
        fail(closeReason, machine.close())
        signals.closed.fulfil(.success(()))
        self.context = nil
        output = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closeReason =
            (error as? RPCError)?.message ?? describeTLSFailure(error)
            ?? "the connection broke: \(error)"
        context.close(promise: nil)
    }

    // MARK: Actions of the state machine

    private func perform(_ action: ClientConnectionStateMachine.Action) {
        switch action {
        case .none: break
        case .ready(let settings):
            peer = settings
            handshakeTimer?.cancel()
            beginLifetime()
            signals.ready.fulfil(.success(settings))
        case .metadata(let id, let metadata):
            calls[id]?.attempt.call.reply?.setInitial(metadata)
        case .deliver(let id, let message, let size):
            if calls[id]?.firstResponse == nil { calls[id]?.firstResponse = .now }
            if calls[id]?.attempt.responses.push(message, size) ?? false {
                machine.consumed(id, size)
            }
        case .finish(let id, let status): end(id, .status(status))
        case .goingAway(let goAway, let refused): goAwayReceived(goAway, refused)
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
        case .close(let reason): fail("\(reason)", machine.close())
        }
    }

    private func goAwayReceived(_ goAway: GoAway, _ refused: [StreamID]) {
        closeReason = "the server said \(goAway.code): \(goAway.reason)"
        lifetime?.tell { $0.drainBegan() }
        refuseNewCalls()
        for id in refused { end(id, .refused(unavailable(closeReason))) }
        closeIfDrained()
    }

    /// Ends a call whose stream the state machine has closed.
    private func end(_ id: StreamID, _ end: MessageQueue.End) {
        guard let entry = calls.removeValue(forKey: id) else { return }
        lifetime?.tell { $0.callEnded(now: .now) }
        conclude(entry, end)
        closeIfDrained()
    }

    private func conclude(_ entry: Entry, _ end: MessageQueue.End) {
        entry.timer?.cancel()
        if case .status(let status) = end { entry.attempt.call.reply?.trailing = status.metadata }
        waitingWrites.removeValue(forKey: ObjectIdentifier(entry.attempt))?.continuation.resume(
            throwing: Self.over)
        entry.attempt.ended(end.outcome, entry.began.duration(to: entry.firstResponse ?? .now))
        let responses = entry.attempt.responses
        // It may have ended before, on this side.
        entry.attempt.observed?.end(
            responses.end ?? end.delivery, receivedBytes: responses.receivedBytes)
        responses.finish(end)
    }

    private static let over = RPCError(
        code: .cancelled, message: "the call is over; its responses tell how it ended")

    // MARK: Calls

    func start(_ attempt: ClientAttempt) {
        guard let context, machine.isReady else {
            conclude(Entry(attempt: attempt), .refused(unavailable(closeReason)))
            return
        }
        let timer = attempt.call.deadline.map { deadline in
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(until: deadline)) {
                [weak self] () -> Void in self?.expire(attempt)
            }
        }
        let entry = Entry(attempt: attempt, timer: timer)
        if output?.isWritable == true, waiting.isEmpty {
            open(entry)
        } else {
            waiting.append(entry)
        }
    }

    private func open(_ entry: Entry) {
        let call = entry.attempt.call
        let headers = Frame.Headers(
            method: call.method, timeoutMicroseconds: call.remainingMicroseconds(now: .now),
            metadata: entry.attempt.metadata)
        guard output != nil, let id = machine.open(headers) else {
            conclude(entry, .refused(unavailable(closeReason)))
            return
        }
        entry.attempt.streamID.set(id)
        calls[id] = entry
        lifetime?.tell { $0.callOpened() }
        if let request = entry.attempt.takeRequest() {
            _ = machine.write(request, on: id, isLast: true)
        }
        writeAgain(entry.attempt)
        writeOutbound()
        // The last id that there is.
        if !machine.isReady { refuseNewCalls() }
    }

    /// Sends a request of a stream of them, nil to end them, at once or when there is room.
    func write(
        _ request: EncodedMessage?, isLast: Bool, of attempt: ClientAttempt,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        enqueue(
            WaitingWrite(request: request, isLast: isLast, continuation: continuation),
            of: attempt)
        writeOutbound()
    }

    private func enqueue(_ write: WaitingWrite, of attempt: ClientAttempt) {
        let id = attempt.streamID.current
        let isOpening = id == 0 && waiting.contains { $0.attempt === attempt }
        switch isOpening ? .full : machine.write(write.request, on: id, isLast: write.isLast) {
        case .accepted: write.continuation.resume()
        case .full where waitingWrites[ObjectIdentifier(attempt)] == nil:
            waitingWrites[ObjectIdentifier(attempt)] = write
        case .full:
            write.continuation.resume(
                throwing: RPCError(
                    code: .failedPrecondition,
                    message: "requests of a call are written by one task at a time"))
        case .ended: write.continuation.resume(throwing: Self.over)
        }
    }

    private func writeAgain(_ attempt: ClientAttempt) {
        guard let write = waitingWrites.removeValue(forKey: ObjectIdentifier(attempt)) else {
            return
        }
        enqueue(write, of: attempt)
    }

    private func expire(_ attempt: ClientAttempt) {
        attempt.responses.finish(
            .status(RPCStatus(attempt.call.deadlineExceeded)), discarding: true)
        abandon(attempt, code: .deadlineExceeded)
    }

    /// Forgets a call whose queue has been finished, and tells the peer.
    func abandon(_ attempt: ClientAttempt, code: RPCError.Code) {
        let id = attempt.streamID.current
        if id != 0 {
            guard machine.cancel(id, code) else { return }
            writeOutbound()
            end(id, .status(RPCStatus(attempt.call.cancelled)))
        } else if let index = waiting.firstIndex(where: { $0.attempt === attempt }) {
            conclude(waiting.remove(at: index), .status(RPCStatus(attempt.call.cancelled)))
        }
    }

    // MARK: The end of the connection

    func beginDrain(_ reason: String = "this client was shut down") {
        if machine.isInHandshake {
            close()
        } else if machine.beginDrain() {
            closeReason = reason
            lifetime?.tell { $0.drainBegan() }
            refuseNewCalls()
            closeIfDrained()
        }
    }

    func close() {
        closeReason = "this client was shut down"
        output?.closeNow()
    }

    private func refuseNewCalls() {
        signals.unusable.fulfil(.success(closeReason))
        let unsent = waiting
        waiting = CircularBuffer()
        for entry in unsent { conclude(entry, .refused(unavailable(closeReason))) }
    }

    private func closeIfDrained() {
        guard machine.isDrained else { return }
        _ = machine.close()
        output?.closeNow()
    }

    private func fail(_ violation: ProtocolViolation, _ open: [StreamID]) {
        output?.write(
            .goAway(GoAway(lastStreamID: 0, code: violation.code, reason: violation.reason)))
        logger.warning(
            "closing a connection",
            metadata: ["address": "\(address)", "reason": "\(violation.reason)"])
        fail("the server broke the protocol: \(violation.reason)", open)
    }

    /// Ends everything.
    ///
    /// Calls that were sent may have had their effect, so that they are not made again; `unusable`
    /// comes first, so that a caller that tries again does not come back here.
    private func fail(_ reason: String, _ open: [StreamID]) {
        closeReason = reason
        handshakeTimer?.cancel()
        lifetime?.cancel()
        signals.ready.fulfil(.failure(unavailable(reason)))
        refuseNewCalls()
        let error = RPCError(
            code: .unavailable,
            message: "\(address): \(reason); the call was under way and may have had its effect")
        for id in open {
            guard let entry = calls.removeValue(forKey: id) else { continue }
            conclude(entry, .status(RPCStatus(error)))
        }
        output?.flushAndClose()
    }

    private func unavailable(_ reason: String) -> RPCError {
        RPCError(code: .unavailable, message: "\(address): \(reason)")
    }
}
