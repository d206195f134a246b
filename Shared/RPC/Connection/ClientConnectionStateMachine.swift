/// The calling side of one connection; the twin of ``ServerConnectionStateMachine``.
struct ClientConnectionStateMachine {
    /// What the shell has to do, in full, for one event.
    enum Action: Equatable {
        case none
        /// The handshake is complete; calls may be opened.
        case ready(Settings)
        case deliver(StreamID, RPCMessage, bytes: Int)
        case finish(StreamID, RPCStatus)
        /// A limit of this side: end the call here and send CANCEL.
        case abandon(StreamID, RPCStatus)
        case answerPing(UInt64)
        /// Open no further call; these may be made again elsewhere.
        case goingAway(GoAway, refused: [StreamID])
        /// Send GOAWAY, close, and fail these calls.
        case fail(ProtocolViolation, [StreamID])
    }

    private enum Phase: Equatable {
        case awaitingPreface
        case awaitingSettings
        case ready
        case goingAway
        case closed
    }

    private let limits: RPCLimits
    private var phase = Phase.awaitingPreface
    private var streams: [StreamID: MessageAssembly] = [:]
    private var heldBytes = 0
    private(set) var lastStreamID: StreamID = 0

    init(limits: RPCLimits) { self.limits = limits }

    var isClosed: Bool { phase == .closed }

    /// Whether no call is open and none will be.
    var isDrained: Bool { phase == .goingAway && streams.isEmpty }

    /// Whether a call may be opened.
    var isReady: Bool { phase == .ready }

    /// Whether the peer has yet to show that it speaks this protocol.
    var isInHandshake: Bool { phase == .awaitingPreface || phase == .awaitingSettings }

    /// Opens a call; nil if this connection takes none.
    mutating func open() -> StreamID? {
        guard phase == .ready else { return nil }
        let id = lastStreamID == 0 ? 1 : lastStreamID + 2
        lastStreamID = id
        streams[id] = MessageAssembly()
        // The ids are used up: whoever owns the connection opens another.
        if id >= StreamID.max - 1 { phase = .goingAway }
        return id
    }

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
        let refused = streams.keys.filter { $0 > goAway.lastStreamID }.sorted()
        for id in refused { _ = close(id) }
        return .goingAway(goAway, refused: refused)
    }

    private mutating func receive(_ frame: Frame) -> Action {
        switch frame {
        case .message(let id, let part): return receive(part, on: id)
        case .trailers(let id, let status):
            if id > lastStreamID { return fail(ProtocolViolation("trailers: no stream \(id)")) }
            guard close(id) else { return .none }
            if let violation = status.metadata.violation(of: limits) {
                return .finish(id, RPCStatus(violation))
            }
            return .finish(id, status)
        case .ping(let data, let isAcknowledgement):
            return isAcknowledgement ? .none : .answerPing(data)
        case .windowUpdate, .skipped, .goAway: return .none
        case .settings: return fail(ProtocolViolation("settings: a second time"))
        case .headers: return fail(ProtocolViolation("headers from a server"))
        case .cancel: return fail(ProtocolViolation("cancel from a server"))
        }
    }

    private mutating func receive(_ part: Frame.MessagePart, on id: StreamID) -> Action {
        if id > lastStreamID { return fail(ProtocolViolation("message: no stream \(id)")) }
        // Frames of a call that has ended were on their way.
        guard let index = streams.index(forKey: id) else { return .none }
        if part.endsStream { return fail(ProtocolViolation("message: a server ends by trailers")) }
        heldBytes -= streams.values[index].heldBytes
        let outcome = streams.values[index].append(part, direction: "response", limits: limits)
        heldBytes += streams.values[index].heldBytes
        switch outcome {
        case .incomplete:
            guard heldBytes > limits.unreadBytes else { return .none }
            _ = close(id)
            return .abandon(
                id,
                RPCStatus(
                    code: .resourceExhausted,
                    message: "more than \(limits.unreadBytes) bytes of incomplete messages on "
                        + "this connection (unreadBytes)"))
        case .end: return .none
        case .message(let message, let bytes, _): return .deliver(id, message, bytes: bytes)
        case .refused(let status):
            _ = close(id)
            return .abandon(id, status)
        case .violation(let violation): return fail(violation)
        }
    }

    /// The call is over on this side; false if it was.
    mutating func close(_ id: StreamID) -> Bool {
        guard let stream = streams.removeValue(forKey: id) else { return false }
        heldBytes -= stream.heldBytes
        return true
    }

    /// No further call is opened; false if that was so.
    mutating func beginDrain() -> Bool {
        guard phase == .ready else { return false }
        phase = .goingAway
        return true
    }

    /// The connection is gone, or is to go; returns the calls that were open.
    mutating func close() -> [StreamID] {
        phase = .closed
        let open = streams.keys.sorted()
        streams = [:]
        heldBytes = 0
        return open
    }

    private mutating func fail(_ violation: ProtocolViolation) -> Action {
        .fail(violation, close())
    }
}
