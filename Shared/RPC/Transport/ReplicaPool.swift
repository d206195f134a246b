internal import NIOCore
internal import Synchronization

/// The connections of a client and the calls that wait for one.
final class ReplicaPool: Sendable {
    struct Live: Sendable {
        var connection: ClientConnection
        var settings: Settings
    }

    private struct State {
        var replicas: ReplicaSet
        var live: [Int: Live] = [:]
        /// Replaced, and fulfilled, whenever a call that waits should look again.
        var change = OneShot<Void>()
        var nextConnection = 0
        var isShutDown = false
    }

    private let state: Mutex<State>
    private let configuration: RPCClientConfiguration

    init(_ addresses: [RPCAddress], configuration: RPCClientConfiguration) {
        self.configuration = configuration
        state = Mutex(State(replicas: ReplicaSet(addresses)))
    }

    /// A connection with a place reserved for the call.
    ///
    /// Waits while some replica is connecting, until `waitEnd` or the call's deadline.
    func acquire(
        for call: OutgoingCall, waitEnd: ContinuousClock.Instant
    ) async throws -> Live {
        while true {
            let (pick, change) = state.withLock { state in
                let live = state.live
                let pick = state.replicas.pick { id in
                    live[id].map { $0.connection.reserve(limit: places($0)) } ?? false
                }
                if case .use(let id) = pick { return (Choice.use(live[id]!), state.change) }
                return (Choice(pick), state.change)
            }
            switch pick {
            case .use(let live): return live
            case .fail(let status): throw status.error ?? unavailable
            case .wait: try await wait(for: change, call, until: waitEnd)
            }
        }
    }

    private enum Choice {
        case use(Live)
        case wait
        case fail(RPCStatus)

        init(_ pick: ReplicaSet.Pick) {
            self = if case .fail(let status) = pick { .fail(status) } else { .wait }
        }
    }

    private func places(_ live: Live) -> Int {
        min(live.settings.concurrentStreams, configuration.limits.concurrentStreams)
    }

    private var unavailable: RPCError {
        let status = state.withLock { $0.replicas.unavailable }
        return RPCError(code: status.code, message: status.message)
    }

    private func wait(
        for change: OneShot<Void>, _ call: OutgoingCall, until waitEnd: ContinuousClock.Instant
    ) async throws {
        let wake = OneShot<Bool>()
        let end = min(waitEnd, call.deadline ?? waitEnd)
        let timer = EventLoops.shared.next().scheduleTask(in: TimeAmount(until: end)) {
            _ = wake.fulfil(.success(false))
        }
        defer { timer.cancel() }
        change.whenDone { wake.fulfil(.success(true)) }
        do {
            if try await wake.value() { return }
        } catch {
            throw call.cancelled
        }
        if let deadline = call.deadline, deadline <= waitEnd { throw call.deadlineExceeded }
        throw unavailable
    }

    // MARK: What the connecting side reports

    func connecting(_ replica: Int) {
        update { $0.replicas.connecting(replica) }
    }

    func failed(_ replica: Int, reason: String) {
        update { $0.replicas.failed(replica, reason: reason) }
    }

    /// A handshake is complete; returns the connection's number, nil after shutdown.
    func ready(_ replica: Int, _ live: Live) -> Int? {
        update { state in
            guard !state.isShutDown else { return nil }
            let id = state.nextConnection
            state.nextConnection += 1
            state.live[id] = live
            state.replicas.ready(replica, connection: id)
            return id
        }
    }

    /// A connection takes no more calls; those on it go on.
    func lost(_ replica: Int, connection: Int) {
        update { $0.replicas.lost(replica, connection: connection) }
    }

    /// A connection is closed.
    func closed(connection: Int) { update { $0.live[connection] = nil } }

    /// Takes no more calls; returns the connections that are open.
    func shutDown() -> [ClientConnection] {
        update { state in
            state.isShutDown = true
            state.replicas.shutDown()
            return state.live.values.map(\.connection)
        }
    }

    private func update<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, changed) = state.withLock { state in
            let result = body(&state)
            let changed = state.change
            state.change = OneShot()
            return (result, changed)
        }
        changed.fulfil(.success(()))
        return result
    }
}
