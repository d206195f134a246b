internal import Synchronization

/// A call that a server is busy with.
public struct OpenCall: Sendable, Equatable {
    /// What was called.
    public var method: RPCMethod
    /// W3C trace id.
    public var traceID: String
    /// When it began.
    public var start: ContinuousClock.Instant
}

/// A connection of a server at one moment.
public struct ConnectionInspection: Sendable, Equatable {
    /// The other end, `127.0.0.1:5000`.
    public var peer: String
    /// When it was accepted.
    public var start: ContinuousClock.Instant
    /// Calls that it has carried.
    public var startedCallCount: UInt64
    /// Bytes read, without those of TLS.
    public var receivedBytes: UInt64
    /// Bytes written, without those of TLS.
    public var sentBytes: UInt64
    /// Whether it takes no further calls.
    public var isDraining: Bool
    /// Oldest first, at most ``ServerInspection/maximumCalls``.
    public var openCalls: [OpenCall]
}

/// What a server does at this moment, and which of its calls were slow.
///
/// Made before the server, so that a method of it can answer from it; as an interceptor it sees how
/// every call ends.
public final class ServerInspection: ServerInterceptor {
    /// Most connections that are looked at.
    public static let maximumConnections = 1_000
    /// Most calls of a connection that are told: with all connections they fit a message.
    public static let maximumCalls = 20

    private struct State {
        var connections: ServerConnections?
        var slow = SlowCalls()
    }

    private let state = Mutex(State())

    /// Knows nothing until a server has it.
    public init() {}

    func observe(_ connections: ServerConnections) {
        state.withLock { $0.connections = connections }
    }

    /// Connections that are open, oldest first, and how many there are in all; of more than
    /// ``maximumConnections`` any so many.
    public func connections() async -> (oldest: [ConnectionInspection], count: Int) {
        guard let connections = state.withLock(\.connections) else { return ([], 0) }
        let open = connections.open(limit: Self.maximumConnections)
        var found: [ConnectionInspection] = []
        for connection in open.some { found += [await connection.inspection()].compactMap(\.self) }
        return (found.sorted { $0.start < $1.start }, open.count)
    }

    /// The slowest calls of the last 10 minutes, slowest first, at most 100.
    public func slowCalls(now: ContinuousClock.Instant = .now) -> [EndedCall] {
        state.withLock { $0.slow.recent(now: now) }
    }

    /// Notes how long the call took and how it ended.
    public func ended(_ context: CallContext, _ code: RPCError.Code) {
        let end = ContinuousClock.now
        let duration = context.arrival.duration(to: end)
        state.withLock { state in
            guard state.slow.keeps(duration, now: end) else { return }
            state.slow.note(
                EndedCall(
                    method: context.method, peer: context.peer, traceID: context.traceID,
                    duration: duration, code: code, end: end))
        }
    }
}
