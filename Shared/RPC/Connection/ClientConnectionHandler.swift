internal import Logging
internal import NIOCore
internal import Synchronization

/// The shell of one connection to a replica: does what its state machine says.
///
/// Used on its event loop only; others go through ``ClientConnection``.
final class ClientConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private struct Entry {
        var attempt: ClientAttempt
        var timer: Scheduled<Void>?
    }

    let signals = ClientConnectionSignals()
    /// Set before the channel is active.
    var ledger: UnreadLedger?

    private let address: RPCAddress
    private let limits: RPCLimits
    private let logger: Logger
    private let processor: NIOSingleStepByteToMessageProcessor<FrameDecoder>
    private var machine: ClientConnectionStateMachine
    private var peer: Settings
    private var calls: [StreamID: Entry] = [:]
    /// Calls that have not been sent because the peer reads slowly.
    private var waiting = CircularBuffer<Entry>()
    private var handshakeTimer: Scheduled<Void>?
    private var closeReason = "the connection was closed by the peer"
    private var isReadHeld = false
    private var context: ChannelHandlerContext?
    private var output: FrameOutput?

    init(address: RPCAddress, limits: RPCLimits, logger: Logger) {
        self.address = address
        self.limits = limits
        self.logger = logger
        processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
        machine = ClientConnectionStateMachine(limits: limits)
        peer = Settings(limits)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        output = FrameOutput(context: context)
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

    /// Reads on unless too much of what has been read is still with its readers.
    func read(context: ChannelHandlerContext) {
        if ledger?.pauseIfFull() ?? false {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func resumeReading() {
        guard isReadHeld, let context else { return }
        isReadHeld = false
        read(context: context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        while context.channel.isWritable, let entry = waiting.popFirst() { open(entry) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(closeReason, machine.close())
        signals.closed.fulfil(.success(()))
        self.context = nil
        output = nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // The ledger holds the handler; a connect that failed never became active.
        ledger = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closeReason = "the connection broke: \(error)"
        context.close(promise: nil)
    }

    // MARK: Actions of the state machine

    private func perform(_ action: ClientConnectionStateMachine.Action) {
        switch action {
        case .none: break
        case .ready(let settings):
            peer = settings
            handshakeTimer?.cancel()
            signals.ready.fulfil(.success(settings))
        case .deliver(let id, let message, let bytes):
            deliver(message, bytes: bytes, on: id)
        case .finish(let id, let status): end(id, .status(status))
        case .abandon(let id, let status):
            output?.write(.cancel(id, .cancelled))
            end(id, .status(status), discarding: true)
        case .answerPing(let data): answerPing(data)
        case .goingAway(let goAway, let refused): goAwayReceived(goAway, refused)
        case .fail(let violation, let open): fail(violation, open)
        }
    }

    private func deliver(_ message: RPCMessage, bytes: Int, on id: StreamID) {
        // Never full: what bounds it is the ledger, which stops reading.
        _ = calls[id]?.attempt.responses.push(message, bytes: bytes)
    }

    private func answerPing(_ data: UInt64) {
        guard let output else { return }
        // A server that asks and does not read is not worth keeping.
        guard output.pendingBytes <= 2 * (limits.pendingWriteBytes + limits.sentMessageBytes) else {
            closeReason = "the server does not read"
            output.closeNow()
            return
        }
        output.write(.ping(data, isAcknowledgement: true))
    }

    private func goAwayReceived(_ goAway: GoAway, _ refused: [StreamID]) {
        closeReason = "the server said \(goAway.code): \(goAway.reason)"
        refuseNewCalls()
        for id in refused { end(id, .refused(unavailable(closeReason))) }
        closeIfDrained()
    }

    /// Ends a call whose stream the state machine has closed.
    private func end(_ id: StreamID, _ end: MessageQueue.End, discarding: Bool = false) {
        guard let entry = calls.removeValue(forKey: id) else { return }
        conclude(entry, end, discarding: discarding)
        closeIfDrained()
    }

    private func conclude(_ entry: Entry, _ end: MessageQueue.End, discarding: Bool = false) {
        entry.timer?.cancel()
        // The place first: whoever has the status finds it free.
        signals.inFlight.withLock { $0 -= 1 }
        entry.attempt.responses.finish(end, discarding: discarding)
    }

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
        if context.channel.isWritable, waiting.isEmpty {
            open(entry)
        } else {
            waiting.append(entry)
        }
    }

    private func open(_ entry: Entry) {
        guard let output, let id = machine.open() else {
            conclude(entry, .refused(unavailable(closeReason)))
            return
        }
        let call = entry.attempt.call
        entry.attempt.streamID.store(id, ordering: .relaxed)
        calls[id] = entry
        let headers = Frame.Headers(
            method: call.method, timeoutMicroseconds: call.remainingMicroseconds(now: .now),
            metadata: call.metadata)
        output.write(.headers(id, headers))
        output.write(
            entry.attempt.request, on: id, endsStream: true, payloadLimit: peer.framePayloadBytes)
        // The last id that there is.
        if !machine.isReady { refuseNewCalls() }
    }

    private func expire(_ attempt: ClientAttempt) {
        attempt.responses.finish(
            .status(RPCStatus(attempt.call.deadlineExceeded)), discarding: true)
        abandon(attempt, code: .deadlineExceeded)
    }

    /// Forgets a call whose queue has been finished, and tells the peer.
    func abandon(_ attempt: ClientAttempt, code: RPCError.Code) {
        let id = attempt.streamID.load(ordering: .relaxed)
        if id != 0 {
            guard machine.close(id) else { return }
            output?.write(.cancel(id, code))
            end(id, .status(RPCStatus(attempt.call.cancelled)))
        } else if let index = waiting.firstIndex(where: { $0.attempt === attempt }) {
            conclude(waiting.remove(at: index), .status(RPCStatus(attempt.call.cancelled)))
        }
    }

    // MARK: The end of the connection

    func beginDrain() {
        if machine.isInHandshake {
            close()
        } else if machine.beginDrain() {
            closeReason = "this client was shut down"
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
