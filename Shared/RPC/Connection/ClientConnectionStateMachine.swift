/// The calling side of one connection; the twin of ``ServerConnectionStateMachine``.
struct ClientConnectionStateMachine {
    /// What the shell has to do, beside writing, for one event.
    enum Action: Equatable {
        case none
        /// The handshake is complete; calls may be opened.
        case ready(Settings)
        /// What the server sent before its first message.
        case metadata(StreamID, Metadata)
        case deliver(StreamID, RPCMessage, Consumption)
        case finish(StreamID, RPCStatus)
        /// Open no further call; these may be made again elsewhere.
        case goingAway(GoAway, refused: [StreamID])
        /// Send GOAWAY, close, and fail these calls.
        case fail(ProtocolViolation, [StreamID])
    }

    /// What is written next.
    enum Outbound {
        case frame(Frame)
        case message(MessageExchange.Departure)
    }

    private enum Phase: Equatable {
        case awaitingPreface
        case awaitingSettings
        case ready
        case goingAway
        case closed
    }

    /// What has come of a call.
    private struct Reply {
        var hasMetadata = false
        var hasMessage = false
    }

    private let limits: RPCLimits
    private var phase = Phase.awaitingPreface
    /// Made when the peer's SETTINGS come, before any call.
    private var exchange: MessageExchange?
    private var replies: [StreamID: Reply] = [:]
    private var frames = FIFOQueue<Frame>()
    private(set) var lastStreamID: StreamID = 0

    init(limits: RPCLimits) { self.limits = limits }

    var isClosed: Bool { phase == .closed }

    /// Whether no call is open and none will be.
    var isDrained: Bool { phase == .goingAway && replies.isEmpty }

    /// Whether a call may be opened.
    var isReady: Bool { phase == .ready }

    /// Whether the peer has yet to show that it speaks this protocol.
    var isInHandshake: Bool { phase == .awaitingPreface || phase == .awaitingSettings }

    // MARK: Leaving

    /// Opens a call; nil if this connection takes none.
    mutating func open(_ headers: Frame.Headers) -> StreamID? {
        guard phase == .ready else { return nil }
        let id = lastStreamID == 0 ? 1 : lastStreamID + 2
        lastStreamID = id
        replies[id] = Reply()
        exchange?.open(id)
        frames.append(.headers(id, headers))
        // The ids are used up: whoever owns the connection opens another.
        if id >= StreamID.max - 1 { phase = .goingAway }
        return id
    }

    /// A request is to be sent, nil to end them after the fact; after `full` it waits for its turn.
    mutating func write(
        _ message: EncodedMessage?, on id: StreamID, isLast: Bool
    ) -> SendWindows.Admission {
        exchange?.enqueue(message, on: id, endsStream: isLast) ?? .ended
    }

    /// The next frame to write; messages only while the socket takes them.
    mutating func nextOutbound(isWritable: Bool) -> Outbound? {
        if let frame = frames.takeFirst() ?? exchange?.nextUpdate() { return .frame(frame) }
        guard isWritable, let departure = exchange?.nextDeparture() else { return nil }
        return .message(departure)
    }

    /// The caller wants no more of a call; false if it is over.
    mutating func cancel(_ id: StreamID, _ code: RPCError.Code) -> Bool {
        guard close(id) else { return false }
        frames.append(.cancel(id, code))
        return true
    }

    /// The caller has read responses.
    mutating func consumed(_ id: StreamID, _ amount: Consumption) {
        exchange?.consumed(id, amount)
    }

    /// Whether the peer waits for what the caller reads next, however little it is.
    func needsPromptReports(_ id: StreamID) -> Bool {
        exchange?.needsPromptReports(id) ?? false
    }

    // MARK: Arriving

    /// What a frame, or the preface, means.
    mutating func receive(_ inbound: Inbound) -> Action {
        switch (phase, inbound) {
        case (.closed, _):
            return .none
        case (.awaitingPreface, .preface(Preface.version)):
            phase = .awaitingSettings
            return .none
        case (.awaitingPreface, .preface(let version)):
            return fail(
                ProtocolViolation(
                    "version \(version); this client speaks \(Preface.version)",
                    code: .unsupportedVersion))
        case (.awaitingSettings, .frame(.settings(let settings))):
            phase = .ready
            exchange = MessageExchange(limits: limits, peer: settings, receiving: "response")
            return .ready(settings)
        case (.awaitingSettings, .frame(.goAway(let goAway))),
            (.ready, .frame(.goAway(let goAway))), (.goingAway, .frame(.goAway(let goAway))):
            return receive(goAway)
        case (.ready, .frame(let frame)), (.goingAway, .frame(let frame)):
            return receive(frame)
        case (.awaitingPreface, .frame), (.awaitingSettings, _), (.ready, .preface),
            (.goingAway, .preface):
            return fail(ProtocolViolation("preface and SETTINGS come first, and once"))
        }
    }

    private mutating func receive(_ goAway: GoAway) -> Action {
        phase = .goingAway
        let refused = replies.keys.filter { $0 > goAway.lastStreamID }.sorted()
        for id in refused { _ = close(id) }
        return .goingAway(goAway, refused: refused)
    }

    private mutating func receive(_ frame: Frame) -> Action {
        switch frame {
        case .message(let id, let part): return receive(part, on: id)
        case .metadata(let id, let metadata): return receive(metadata, on: id)
        case .trailers(let id, let status):
            if id > lastStreamID { return fail(ProtocolViolation("trailers: no stream \(id)")) }
            let isIncomplete = exchange?.isIncomplete(id) ?? false
            guard close(id) else { return .none }
            if let violation = status.metadata.violation(of: limits) {
                return .finish(id, RPCStatus(violation))
            }
            if isIncomplete, status.code == .ok {
                return .finish(
                    id,
                    RPCStatus(
                        code: .internalError,
                        message: "the server ended the call within a response"))
            }
            return .finish(id, status)
        case .ping(let data, let isAcknowledgement):
            if !isAcknowledgement { frames.append(.ping(data, isAcknowledgement: true)) }
            return .none
        case .windowUpdate(let id, let increment):
            if id > lastStreamID {
                return fail(ProtocolViolation("window update: no stream \(id)"))
            }
            do throws(ProtocolViolation) {
                try exchange?.grow(id, by: increment)
                return .none
            } catch {
                return fail(error)
            }
        case .skipped, .goAway: return .none
        case .settings: return fail(ProtocolViolation("settings: a second time"))
        case .headers: return fail(ProtocolViolation("headers from a server"))
        case .cancel: return fail(ProtocolViolation("cancel from a server"))
        }
    }

    private mutating func receive(_ metadata: Metadata, on id: StreamID) -> Action {
        if id > lastStreamID { return fail(ProtocolViolation("metadata: no stream \(id)")) }
        guard let reply = replies[id] else { return .none }
        guard !reply.hasMetadata, !reply.hasMessage else {
            return fail(ProtocolViolation("metadata: once, and before the first message"))
        }
        replies[id]?.hasMetadata = true
        if let violation = metadata.violation(of: limits) {
            _ = cancel(id, .cancelled)
            return .finish(id, RPCStatus(violation))
        }
        return .metadata(id, metadata)
    }

    private mutating func receive(_ part: Frame.MessagePart, on id: StreamID) -> Action {
        if id > lastStreamID { return fail(ProtocolViolation("message: no stream \(id)")) }
        if part.endsStream { return fail(ProtocolViolation("message: a server ends by trailers")) }
        replies[id]?.hasMessage = true
        switch exchange?.arrived(part, on: id) ?? .nothing {
        case .nothing, .end: return .none
        case .message(let message, let size, _): return .deliver(id, message, size)
        case .refused(let status):
            // A limit of this side: the call ends here, and the server is told.
            _ = cancel(id, .cancelled)
            return .finish(id, status)
        case .violation(let violation): return fail(violation)
        }
    }

    /// The call is over on this side; false if it was.
    private mutating func close(_ id: StreamID) -> Bool {
        guard replies.removeValue(forKey: id) != nil else { return false }
        _ = exchange?.close(id)
        return true
    }

    // MARK: The end

    /// No further call is opened; false if that was so.
    mutating func beginDrain() -> Bool {
        guard phase == .ready else { return false }
        phase = .goingAway
        return true
    }

    /// The connection is gone, or is to go; returns the calls that were open.
    mutating func close() -> [StreamID] {
        phase = .closed
        let open = replies.keys.sorted()
        replies = [:]
        exchange = nil
        frames = FIFOQueue()
        return open
    }

    private mutating func fail(_ violation: ProtocolViolation) -> Action {
        .fail(violation, close())
    }
}
