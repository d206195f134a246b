internal import NIOCore

/// The messages of all calls of one connection, within the limits and windows of both sides.
///
/// Frames that arrive are put together; messages that leave are cut into frames, and the streams
/// with credit take turns. Knows neither sockets nor time.
struct MessageExchange {
    /// What a MESSAGE frame came to.
    enum Arrival: Equatable {
        /// A part of a message, or a frame of a call that has ended.
        case nothing
        case message(RPCMessage, Consumption, isLast: Bool)
        /// No message, but the end of them.
        case end
        /// A limit of this side; the call ends, the connection goes on.
        case refused(RPCStatus)
        case violation(ProtocolViolation)
    }

    /// A MESSAGE frame for the socket.
    struct Departure {
        var stream: StreamID
        /// Header and payload.
        var buffers: [ByteBuffer]
        /// A writer that was told `full` may write again.
        var unblocksWriter: Bool
    }

    private struct Outgoing {
        var message: EncodedMessage
        var endsStream: Bool
    }

    private struct Stream {
        var assembly = MessageAssembly()
        /// Of messages that were delivered and not read.
        var unreadBytes = 0
        var outgoing = FIFOQueue<Outgoing>()
    }

    private let limits: RPCLimits
    /// What this side receives, for errors: `request` or `response`.
    private let direction: String
    private var send: SendWindows
    private var receive: ReceiveWindows
    private var streams: [StreamID: Stream] = [:]
    /// Incomplete and unread, of all streams.
    private var heldBytes = 0
    private var updates = FIFOQueue<Frame>()

    /// Exchange with a peer whose SETTINGS have come.
    init(limits: RPCLimits, peer: Settings, receiving direction: String) {
        self.limits = limits
        self.direction = direction
        send = SendWindows(
            connectionBytes: peer.connectionWindowBytes, streamBytes: peer.streamWindowBytes,
            frameBytes: peer.framePayloadBytes, waitingBytesLimit: limits.pendingWriteBytes)
        receive = ReceiveWindows(
            connectionBytes: limits.connectionWindowBytes, streamBytes: limits.streamWindowBytes)
    }

    /// A call begins.
    mutating func open(_ id: StreamID) {
        streams[id] = Stream()
        send.open(id)
        receive.open(id)
    }

    /// A call has ended, in whatever way; false if it had.
    ///
    /// What had not left is dropped.
    mutating func close(_ id: StreamID) -> Bool {
        guard let stream = streams.removeValue(forKey: id) else { return false }
        heldBytes -= stream.assembly.heldBytes + stream.unreadBytes
        send.close(id)
        give(receive.close(id), on: id)
        return true
    }

    // MARK: Arriving

    /// A MESSAGE frame has come, of an open call or of one that has ended.
    mutating func arrived(_ part: Frame.MessagePart, on id: StreamID) -> Arrival {
        do throws(ProtocolViolation) {
            give(
                try receive.received(
                    id, bytes: part.bytes.readableBytes, hasMore: part.hasMore,
                    endsStream: part.endsStream), on: id)
        } catch {
            return .violation(error)
        }
        guard let index = streams.index(forKey: id) else { return .nothing }
        let before = streams.values[index].assembly.heldBytes
        let outcome = streams.values[index].assembly.append(
            part, direction: direction, limits: limits)
        heldBytes += streams.values[index].assembly.heldBytes - before
        switch outcome {
        case .incomplete: return isFull ? .refused(tooMuchHeld) : .nothing
        case .end: return .end
        case .refused(let status): return .refused(status)
        case .violation(let violation): return .violation(violation)
        case .message(let message, let bytes, let isLast):
            streams.values[index].unreadBytes += bytes
            heldBytes += bytes
            guard !isFull else { return .refused(tooMuchHeld) }
            let size = Consumption(
                messages: 1, windowBytes: part.bytes.readableBytes, contentBytes: bytes)
            return .message(message, size, isLast: isLast)
        }
    }

    /// Whether a message has come in part.
    func isIncomplete(_ id: StreamID) -> Bool {
        streams[id].map { $0.assembly.heldBytes > 0 } ?? false
    }

    private var isFull: Bool { heldBytes > limits.unreadBytes }

    private var tooMuchHeld: RPCStatus {
        RPCStatus(
            code: .resourceExhausted,
            message: "more than \(limits.unreadBytes) bytes of messages of this connection are "
                + "incomplete or wait to be read (unreadBytes)")
    }

    /// The application has taken messages.
    mutating func consumed(_ id: StreamID, _ amount: Consumption) {
        guard !amount.isEmpty, let index = streams.index(forKey: id) else { return }
        streams.values[index].unreadBytes -= amount.contentBytes
        heldBytes -= amount.contentBytes
        give(receive.consumed(id, bytes: amount.windowBytes, messages: amount.messages), on: id)
    }

    /// Whether the peer waits for what the reader of a stream takes next, however little it is.
    func needsPromptReports(_ id: StreamID) -> Bool { receive.isKeeping(id) }

    private mutating func give(_ credit: ReceiveWindows.Updates, on id: StreamID) {
        if let increment = credit.connection { updates.append(.windowUpdate(0, increment)) }
        if let increment = credit.stream { updates.append(.windowUpdate(id, increment)) }
    }

    /// The next WINDOW_UPDATE to send.
    mutating func nextUpdate() -> Frame? { updates.takeFirst() }

    // MARK: Leaving

    /// A message is to be sent; nil is the end of a stream of requests after the fact.
    mutating func enqueue(
        _ message: EncodedMessage?, on id: StreamID, endsStream: Bool
    ) -> SendWindows.Admission {
        let message = message ?? .empty
        let admission = send.enqueue(id, bytes: message.contentBytes)
        if admission == .accepted {
            streams[id]?.outgoing.append(Outgoing(message: message, endsStream: endsStream))
        }
        return admission
    }

    /// WINDOW_UPDATE has come.
    mutating func grow(_ id: StreamID, by increment: UInt32) throws(ProtocolViolation) {
        try send.grow(id, by: increment)
    }

    /// Whether everything written on a stream has left.
    func isDrained(_ id: StreamID) -> Bool { send.isDrained(id) }

    /// The next MESSAGE frame that may leave; nil while there is nothing to send or no credit.
    mutating func nextDeparture() -> Departure? {
        guard let slice = send.next(), let index = streams.index(forKey: slice.stream) else {
            return nil
        }
        let buffers = streams.values[index].outgoing.updateFirst { outgoing in
            outgoing.message.takeFrame(
                payloadBytes: slice.bytes, on: slice.stream, endsStream: outgoing.endsStream)
        }
        if slice.completesMessage { _ = streams.values[index].outgoing.takeFirst() }
        return buffers.map {
            Departure(stream: slice.stream, buffers: $0, unblocksWriter: slice.unblocksWriter)
        }
    }
}
