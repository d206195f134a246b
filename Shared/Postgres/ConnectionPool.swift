public import Logging
import Synchronization
import Threads

/// A bounded pool of PostgreSQL connections, each with a thread of its own.
///
/// Connections are made when calls need them and kept. A server that is away at the start or later
/// is tried again with growing pauses; meanwhile calls wait for at most `acquireTimeout` and then
/// fail with kind `unavailable`. `close` must be called in the end: it stops the threads.
public final class ConnectionPool: Sendable {
    private struct State {
        var machine: PoolStateMachine
        var generator = SystemRandomNumberGenerator()
        var nextID: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Result<Int, PostgresError>, Never>] = [:]
        /// Requests whose task was cancelled before they could wait.
        var cancelledEarly: Set<UInt64> = []
        var lastConnectError: PostgresError?
        var armedWakeUp: ContinuousClock.Instant?
    }

    /// The limits and the URL.
    public let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let timer: WakeUp
    /// Ends of the timer's waits, for tests.
    let timerTurns = Atomic<Int>(0)
    private let canceller: Canceller
    private let workers: [ConnectionWorker]

    /// Makes a pool and starts to connect; it does not wait for the server.
    ///
    /// - Throws: `PostgresError` of kind `invalid` for a bad setting, `resourceExhausted` when no
    ///   thread or descriptor is left.
    public init(configuration: PostgresConfiguration, logger: Logger) throws(PostgresError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(machine: PoolStateMachine(configuration)))
        timer = try WakeUp()
        canceller = try Canceller()
        let relay = LossRelay()
        do throws(PostgresError) {
            var workers: [ConnectionWorker] = []
            for slot in 0..<configuration.maximumConnections {
                workers.append(
                    try ConnectionWorker(configuration: configuration, canceller: canceller) {
                        relay.report(slot)
                    })
            }
            self.workers = workers
            try DedicatedThread.start(orThrow: PostgresError.noThread) { [self] in runTimer() }
        } catch {
            canceller.close()
            throw error
        }
        relay.connect { [weak self] slot in
            self?.apply { $0.machine.lost(slot: slot, now: .now) }
        }
        apply { $0.machine.started(now: .now) }
    }

    /// Connections that are open now.
    public var connectionCount: Int { state.withLock { $0.machine.connectionCount } }

    /// Lends a connection to `body` and takes it back when `body` ends, however it ends.
    ///
    /// Every statement on it is bounded by `deadline`, or by `defaultTimeout` if that is nil.
    ///
    /// - Throws: `PostgresError` of kind `unavailable`, `resourceExhausted`, `deadlineExceeded` or
    ///   `cancelled` when there is no connection; else what `body` throws.
    @discardableResult
    public func withConnection<Value: Sendable>(
        deadline: ContinuousClock.Instant?,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let limit = deadline ?? .now.advanced(by: configuration.defaultTimeout)
        let slot = try await acquire(deadline: limit)
        let connection = PostgresConnection(worker: workers[slot], deadline: limit)
        do {
            let value = try await body(connection)
            release(slot, connection)
            return value
        } catch {
            release(slot, connection)
            throw error
        }
    }

    /// Lends a connection inside BEGIN and COMMIT; what `body` throws rolls back.
    ///
    /// - Throws: as `withConnection`; kind `outcomeUnknown` when the connection was lost during the
    ///   COMMIT.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        deadline: ContinuousClock.Instant?,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(deadline: deadline) { connection in
            try await connection.withTransaction { try await body(connection) }
        }
    }

    /// Refuses new calls, closes the connections when their calls end, and stops the threads.
    public func close() async {
        apply { $0.machine.closed() }
        for worker in workers {
            await withCheckedContinuation { continuation in
                worker.stop { continuation.resume() }
            }
        }
        canceller.close()
        timer.signal()
    }

    /// Calls that wait for a connection.
    var waiterCount: Int { state.withLock { $0.machine.waiterCount } }

    // MARK: Leasing

    private func acquire(deadline: ContinuousClock.Instant) async throws(PostgresError) -> Int {
        let (id, idleSlot) = state.withLock { state in
            state.nextID += 1
            // The usual case needs no continuation: an idle connection is leased at once.
            return (state.nextID, state.machine.leaseIdle(deadline: deadline, now: .now))
        }
        if let idleSlot { return idleSlot }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                apply { state in
                    state.waiting[id] = continuation
                    guard state.cancelledEarly.remove(id) == nil else {
                        return [.refuse(id, .cancelled)]
                    }
                    return state.machine.requested(id, deadline: deadline, now: .now)
                }
            }
        } onCancel: {
            apply { state in
                if state.waiting[id] == nil { state.cancelledEarly.insert(id) }
                return state.machine.requestCancelled(id)
            }
        }
        _ = state.withLock { $0.cancelledEarly.remove(id) }
        return try result.get()
    }

    private func release(_ slot: Int, _ connection: PostgresConnection) {
        connection.end()
        let worker = workers[slot]
        switch worker.condition {
        case .idle where !connection.holdsLock:
            apply { $0.machine.released(slot: slot, isUsable: true, now: .now) }
        case .idle, .inTransaction:
            // The call has ended, so it does not wait for this.
            worker.reset { [self] isUsable in
                apply { $0.machine.released(slot: slot, isUsable: isUsable, now: .now) }
            }
        case .closed, .busy:
            // Statements left running, or a lost connection.
            apply { $0.machine.released(slot: slot, isUsable: false, now: .now) }
        }
    }

    // MARK: Interpreting actions

    private func apply(_ event: (inout State) -> [PoolStateMachine.Action]) {
        var deliveries: [() -> Void] = []
        var opens: [Int] = []
        let mustWakeTimer = state.withLock { state in
            for action in event(&state) {
                switch action {
                case .lease(let id, let slot):
                    guard let waiter = state.waiting.removeValue(forKey: id) else { continue }
                    deliveries.append { waiter.resume(returning: .success(slot)) }
                case .refuse(let id, let refusal):
                    guard let waiter = state.waiting.removeValue(forKey: id) else { continue }
                    let error = error(for: refusal, cause: state.lastConnectError)
                    deliveries.append { waiter.resume(returning: .failure(error)) }
                case .open(let slot): opens.append(slot)
                case .close(let slot): workers[slot].close()
                }
            }
            guard let next = state.machine.nextWakeUp else { return false }
            if let armed = state.armedWakeUp, armed <= next { return false }
            state.armedWakeUp = next
            return true
        }
        if mustWakeTimer { timer.signal() }
        deliveries.forEach { $0() }
        opens.forEach(open)
    }

    private func open(slot: Int) {
        workers[slot].open { [self] error in
            guard let error else {
                let wasAway = state.withLock { $0.machine.isInOutage }
                if wasAway { logger.notice("the database can be reached again") }
                return apply { $0.machine.opened(slot: slot, now: .now) }
            }
            let isNews = state.withLock { state in
                state.lastConnectError = error
                return !state.machine.isInOutage && !state.machine.isClosed
            }
            // libpq's own words name hosts and roles, no people, and are what operators need.
            logger.log(
                level: isNews ? .warning : .debug, "the database cannot be reached",
                metadata: ["error": "\(error)", "reason": "\(error.details ?? "")"])
            apply { state in
                state.machine.openFailed(slot: slot, now: .now, using: &state.generator)
            }
        }
    }

    private func runTimer() {
        while true {
            let (next, isClosed) = state.withLock { state in
                state.armedWakeUp = state.machine.nextWakeUp
                return (state.armedWakeUp, state.machine.isClosed)
            }
            if isClosed { return }
            _ = timer.wait(until: next)
            timerTurns.add(1, ordering: .relaxed)
            apply { state in
                let actions = state.machine.timePassed(now: .now)
                // This thread looks at it before it waits: it must not signal itself.
                state.armedWakeUp = state.machine.nextWakeUp
                return actions
            }
        }
    }

    private func error(
        for refusal: PoolStateMachine.Refusal, cause: PostgresError?
    ) -> PostgresError {
        switch refusal {
        case .tooManyWaiters:
            PostgresError(
                .resourceExhausted,
                "\(configuration.maximumWaiters) calls wait for a database connection already")
        case .deadlinePassed: .callDeadlinePassed
        case .cancelled: .callCancelled
        case .noneInTime:
            PostgresError(
                .resourceExhausted,
                "all \(configuration.maximumConnections) database connections stayed in use for"
                    + " \(configuration.acquireTimeout)")
        case .unreachable:
            PostgresError(
                .unavailable,
                "the database cannot be reached; the pool keeps trying: see that the server runs"
                    + " and the URL is right", details: cause?.details, cause: cause)
        case .closed: .poolClosed
        }
    }
}

/// Breaks the circle between the pool, which is not made yet, and its workers' callbacks.
private final class LossRelay: Sendable {
    private let handler = Mutex<(@Sendable (Int) -> Void)?>(nil)

    func connect(_ handler: @escaping @Sendable (Int) -> Void) {
        self.handler.withLock { $0 = handler }
    }

    func report(_ slot: Int) { handler.withLock { $0 }?(slot) }
}
