/// The serving side of one connection: which calls are open and what each frame means for them.
///
/// Knows neither sockets nor time; the shell tells it what happened and does what it returns.
struct ServerConnectionStateMachine {
    /// What the shell has to do, in full, for one event.
    enum Action: Equatable {
        case none
        /// The handshake is complete; these are the peer's limits.
        case opened(Settings)
        /// A call begins; with `endsRequests` no message will come.
        case startCall(StreamID, Frame.Headers)
        case deliver(StreamID, RPCMessage, bytes: Int, isLast: Bool)
        case endRequests(StreamID)
        /// The caller gave up: stop the handler, send nothing.
        case cancelCall(StreamID, RPCError.Code)
        /// Send TRAILERS; if a handler runs, stop it.
        case reject(StreamID, RPCStatus)
        case answerPing(UInt64)
        /// Send GOAWAY, close, and stop the handlers of these calls.
        case fail(ProtocolViolation, [StreamID])
    }

    private enum Phase: Equatable {
        case awaitingPreface
        case awaitingSettings
        case open
        /// GOAWAY was sent with this id.
        case draining(last: StreamID)
        case closed
    }

    private let limits: RPCLimits
    private var phase = Phase.awaitingPreface
    private var streams: [StreamID: MessageAssembly] = [:]
    /// Calls that have ended but whose handlers still run.
    private var abandoned: Set<StreamID> = []
    private var heldBytes = 0
    private(set) var lastStreamID: StreamID = 0

    init(limits: RPCLimits) { self.limits = limits }

    /// Whether a status can still be sent for the call.
    func isOpen(_ id: StreamID) -> Bool { streams[id] != nil }

    /// Whether the peer was told to go away and no call is left.
    var isDrained: Bool {
        if case .draining = phase { streams.isEmpty } else { false }
    }

    var isClosed: Bool { phase == .closed }

    /// Whether the peer has yet to show that it speaks this protocol.
    var isInHandshake: Bool { phase == .awaitingPreface || phase == .awaitingSettings }

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
            return close(id, handlerRuns: true) ? .cancelCall(id, code) : .none
        case .ping(let data, let isAcknowledgement):
            return isAcknowledgement ? .none : .answerPing(data)
        case .goAway, .windowUpdate, .skipped: return .none
        case .settings: return fail(ProtocolViolation("settings: a second time"))
        case .trailers: return fail(ProtocolViolation("trailers from a client"))
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
            return .reject(id, RPCStatus(violation))
        }
        guard streams.count < limits.concurrentStreams, abandoned.count < limits.concurrentStreams
        else { return .reject(id, RPCStatus(tooManyCalls(limit: limits.concurrentStreams))) }
        streams[id] = MessageAssembly()
        return .startCall(id, headers)
    }

    private mutating func receive(_ part: Frame.MessagePart, on id: StreamID) -> Action {
        if isUnknown(id) { return fail(ProtocolViolation("message: no stream \(id)")) }
        // Frames of a call that has ended were on their way.
        guard let index = streams.index(forKey: id) else { return .none }
        heldBytes -= streams.values[index].heldBytes
        let outcome = streams.values[index].append(part, direction: "request", limits: limits)
        heldBytes += streams.values[index].heldBytes
        switch outcome {
        case .incomplete:
            guard heldBytes > limits.unreadBytes else { return .none }
            return refuse(
                id,
                RPCStatus(
                    code: .resourceExhausted,
                    message: "more than \(limits.unreadBytes) bytes of incomplete messages on "
                        + "this connection (unreadBytes)"))
        case .message(let message, let bytes, let isLast):
            return .deliver(id, message, bytes: bytes, isLast: isLast)
        case .end: return .endRequests(id)
        case .refused(let status): return refuse(id, status)
        case .violation(let violation): return fail(violation)
        }
    }

    /// Ends a call from this side because of what its caller sent.
    private mutating func refuse(_ id: StreamID, _ status: RPCStatus) -> Action {
        close(id, handlerRuns: true) ? .reject(id, status) : .none
    }

    /// A call ended, in whatever way; false if it had ended before.
    ///
    /// With `handlerRuns` its slot stays taken until ``handlerReturned(_:)``, so that a client
    /// cannot pile up handlers by giving up its calls.
    mutating func close(_ id: StreamID, handlerRuns: Bool) -> Bool {
        guard let stream = streams.removeValue(forKey: id) else { return false }
        heldBytes -= stream.heldBytes
        if handlerRuns { abandoned.insert(id) }
        return true
    }

    /// The task of a call is over.
    mutating func handlerReturned(_ id: StreamID) { abandoned.remove(id) }

    /// No further call is taken; returns the id for GOAWAY, nil if that was done or makes no sense.
    mutating func beginDrain() -> StreamID? {
        guard phase == .open else { return nil }
        phase = .draining(last: lastStreamID)
        return lastStreamID
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

    private func isUnknown(_ id: StreamID) -> Bool {
        if case .draining = phase { return false }
        return id > lastStreamID
    }
}
