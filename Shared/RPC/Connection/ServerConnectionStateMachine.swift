/// The serving side of one connection: which calls are open, what each frame means for them, and
/// what is sent when.
///
/// Knows neither sockets nor time; the shell tells it what happened, does what it returns, and then
/// writes what ``nextOutbound(isWritable:)`` gives.
struct ServerConnectionStateMachine {
    /// What the shell has to do, beside writing, for one event.
    enum Action: Equatable {
        case none
        /// The handshake is complete; these are the peer's limits.
        case opened(Settings)
        /// A call begins; with `endsRequests` no message will come.
        case startCall(StreamID, Frame.Headers)
        case deliver(StreamID, RPCMessage, Consumption, isLast: Bool)
        case endRequests(StreamID)
        /// The caller gave up: stop the handler.
        case cancelCall(StreamID, RPCError.Code)
        /// The call has ended with this status, for this side's reasons: stop its handler.
        case endCall(StreamID, RPCStatus)
        /// Send GOAWAY, close, and stop the handlers of these calls.
        case fail(ProtocolViolation, [StreamID])
    }

    /// What is written next.
    enum Outbound {
        case frame(Frame)
        /// A MESSAGE frame; with `endsCall` the handler's status follows and nothing is left to do
        /// for the call.
        case message(MessageExchange.Departure, endsCall: Bool)
    }

    private enum Phase: Equatable {
        case awaitingPreface
        case awaitingSettings
        case open
        /// GOAWAY was sent with this id.
        case draining(last: StreamID)
        case closed
    }

    /// What has been sent of a call.
    private struct Reply {
        var hasMetadata = false
        var hasMessage = false
        /// The handler's, while messages before it wait for credit.
        var status: RPCStatus?
    }

    private let limits: RPCLimits
    private var phase = Phase.awaitingPreface
    /// Made when the peer's SETTINGS come, before any call.
    private var exchange: MessageExchange?
    private var replies: [StreamID: Reply] = [:]
    /// Calls that have ended but whose handlers still run.
    private var abandoned: Set<StreamID> = []
    private var frames = FIFOQueue<Frame>()
    private(set) var lastStreamID: StreamID = 0

    init(limits: RPCLimits) { self.limits = limits }

    /// Whether a handler may still write and end the call.
    func isOpen(_ id: StreamID) -> Bool { replies[id].map { $0.status == nil } ?? false }

    /// Whether the peer was told to go away.
    var isDraining: Bool { if case .draining = phase { true } else { false } }

    /// Whether the peer was told to go away and no call is left.
    var isDrained: Bool {
        if case .draining = phase { replies.isEmpty } else { false }
    }

    var isClosed: Bool { phase == .closed }

    /// Whether the peer has yet to show that it speaks this protocol.
    var isInHandshake: Bool { phase == .awaitingPreface || phase == .awaitingSettings }

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
                    "version \(version); this server speaks \(Preface.version)",
                    code: .unsupportedVersion))
        case (.awaitingSettings, .frame(.settings(let settings))):
            phase = .open
            exchange = MessageExchange(limits: limits, peer: settings, receiving: "request")
            return .opened(settings)
        case (.open, .frame(let frame)), (.draining, .frame(let frame)):
            return receive(frame)
        case (.awaitingPreface, .frame), (.awaitingSettings, _), (.open, .preface),
            (.draining, .preface):
            return fail(ProtocolViolation("preface and SETTINGS come first, and once"))
        }
    }

    private mutating func receive(_ frame: Frame) -> Action {
        switch frame {
        case .headers(let id, let headers): return receive(headers, on: id)
        case .message(let id, let part): return receive(part, on: id)
        case .cancel(let id, let code):
            if isUnknown(id) { return fail(ProtocolViolation("cancel: no stream \(id)")) }
            return close(id) ? .cancelCall(id, code) : .none
        case .ping(let data, let isAcknowledgement):
            if !isAcknowledgement { frames.append(.ping(data, isAcknowledgement: true)) }
            return .none
        case .windowUpdate(let id, let increment):
            if isUnknown(id) { return fail(ProtocolViolation("window update: no stream \(id)")) }
            do throws(ProtocolViolation) {
                try exchange?.grow(id, by: increment)
                return .none
            } catch {
                return fail(error)
            }
        case .goAway, .skipped: return .none
        case .settings: return fail(ProtocolViolation("settings: a second time"))
        case .trailers: return fail(ProtocolViolation("trailers from a client"))
        case .metadata: return fail(ProtocolViolation("metadata from a client"))
        }
    }

    private mutating func receive(_ headers: Frame.Headers, on id: StreamID) -> Action {
        guard id > lastStreamID else {
            return fail(ProtocolViolation("headers: stream \(id) is not new"))
        }
        // Sent before GOAWAY arrived: the client knows from its id that nobody will answer.
        if case .draining = phase { return .none }
        lastStreamID = id
        if let violation = headers.metadata.violation(of: limits) {
            frames.append(.trailers(id, RPCStatus(violation).fitting(limits)))
            return .none
        }
        guard replies.count < limits.concurrentStreams, abandoned.count < limits.concurrentStreams
        else {
            let error = tooManyCalls(limit: limits.concurrentStreams)
            frames.append(.trailers(id, RPCStatus(error).fitting(limits)))
            return .none
        }
        replies[id] = Reply()
        exchange?.open(id)
        return .startCall(id, headers)
    }

    private mutating func receive(_ part: Frame.MessagePart, on id: StreamID) -> Action {
        if isUnknown(id) { return fail(ProtocolViolation("message: no stream \(id)")) }
        switch exchange?.arrived(part, on: id) ?? .nothing {
        case .nothing: return .none
        case .end: return .endRequests(id)
        case .message(let message, let size, let isLast):
            return .deliver(id, message, size, isLast: isLast)
        case .refused(let status): return end(id, status)
        case .violation(let violation): return fail(violation)
        }
    }

    /// The handler has read requests.
    mutating func consumed(_ id: StreamID, _ amount: Consumption) {
        exchange?.consumed(id, amount)
    }

    /// Whether the peer waits for what the handler of a call reads next, however little it is.
    func needsPromptReports(_ id: StreamID) -> Bool {
        exchange?.needsPromptReports(id) ?? false
    }

    // MARK: Leaving

    /// The next frame to write; messages only while the socket takes them.
    mutating func nextOutbound(isWritable: Bool) -> Outbound? {
        if let frame = frames.takeFirst() ?? exchange?.nextUpdate() { return .frame(frame) }
        guard isWritable, let departure = exchange?.nextDeparture() else { return nil }
        let id = departure.stream
        guard let status = replies[id]?.status, exchange?.isDrained(id) ?? true else {
            return .message(departure, endsCall: false)
        }
        _ = conclude(id, status)
        return .message(departure, endsCall: true)
    }

    /// A handler writes a response; after `full` it waits for its turn.
    mutating func write(_ message: EncodedMessage, on id: StreamID) -> SendWindows.Admission {
        guard isOpen(id) else { return .ended }
        let admission = exchange?.enqueue(message, on: id, endsStream: false) ?? .ended
        if admission == .accepted { replies[id]?.hasMessage = true }
        return admission
    }

    /// A handler sends metadata before its first message; false if that is too late.
    mutating func send(_ metadata: Metadata, on id: StreamID) -> Bool {
        guard isOpen(id), let reply = replies[id], !reply.hasMetadata, !reply.hasMessage else {
            return false
        }
        replies[id]?.hasMetadata = true
        frames.append(.metadata(id, metadata))
        return true
    }

    /// A handler's status, which follows what it has written; returns whether the call is over now,
    /// nil if it was.
    mutating func finish(_ id: StreamID, _ status: RPCStatus) -> Bool? {
        guard isOpen(id) else { return nil }
        guard exchange?.isDrained(id) ?? true else {
            replies[id]?.status = status
            return false
        }
        return conclude(id, status)
    }

    private mutating func conclude(_ id: StreamID, _ status: RPCStatus) -> Bool {
        guard replies.removeValue(forKey: id) != nil else { return false }
        _ = exchange?.close(id)
        frames.append(.trailers(id, status.fitting(limits)))
        return true
    }

    /// Ends a call from this side, whatever waits to be sent: its deadline, or a limit.
    mutating func end(_ id: StreamID, _ status: RPCStatus) -> Action {
        guard close(id) else { return .none }
        frames.append(.trailers(id, status.fitting(limits)))
        return .endCall(id, status)
    }

    /// A call is over; false if it was.
    ///
    /// If its handler still runs, its slot stays taken until ``handlerReturned(_:)``, so that a
    /// client cannot pile up handlers by giving up its calls.
    private mutating func close(_ id: StreamID) -> Bool {
        guard let reply = replies.removeValue(forKey: id) else { return false }
        _ = exchange?.close(id)
        if reply.status == nil { abandoned.insert(id) }
        return true
    }

    /// The task of a call is over.
    mutating func handlerReturned(_ id: StreamID) { abandoned.remove(id) }

    // MARK: The end

    /// No further call is taken; returns the id for GOAWAY, nil if that was done or makes no sense.
    mutating func beginDrain() -> StreamID? {
        guard phase == .open else { return nil }
        phase = .draining(last: lastStreamID)
        return lastStreamID
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

    private func isUnknown(_ id: StreamID) -> Bool {
        if case .draining = phase { return false }
        return id > lastStreamID
    }
}
