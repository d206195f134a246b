import Glibc
import Synchronization
import Threads

/// One thread and the connection that only it touches.
///
/// While it has nothing to do the thread waits on the connection too, so that a connection which
/// the server closes is noticed before the next call needs it.
final class ConnectionWorker: Sendable {
    /// Work for the thread; the session is nil when there is no connection.
    ///
    /// It returns what tells the caller, which runs after the connection's condition is stored,
    /// because the caller may give the connection back at once.
    typealias Job = @Sendable (Session?) -> @Sendable () -> Void

    /// What the connection is good for, as of the last job.
    enum Condition: Sendable, Equatable {
        case closed
        case idle
        case inTransaction
        /// Jobs are queued or running.
        case busy
    }

    private enum Order: Sendable {
        case open(CallControl, @Sendable (PostgresError?) -> Void)
        case run(Job)
        case close
        case stop(@Sendable () -> Void)
    }

    private struct State {
        var orders: [Order] = []
        var openControl: CallControl?
        var hasThread = false
        var pendingJobs = 0
        var condition = Condition.closed
    }

    private let configuration: PostgresConfiguration
    private let canceller: Canceller
    /// Called on the thread when an idle connection breaks.
    private let onLost: @Sendable () -> Void
    private let state = Mutex(State())
    let wake: WakeUp

    init(
        configuration: PostgresConfiguration, canceller: Canceller,
        onLost: @escaping @Sendable () -> Void
    ) throws(PostgresError) {
        self.configuration = configuration
        self.canceller = canceller
        self.onLost = onLost
        wake = try WakeUp()
    }

    /// What the connection is good for now.
    var condition: Condition {
        state.withLock { $0.pendingJobs > 0 ? .busy : $0.condition }
    }

    /// Connects on the thread, which is started at the first use.
    func open(_ completion: @escaping @Sendable (PostgresError?) -> Void) {
        let control = CallControl(deadline: .now.advanced(by: configuration.connectTimeout))
        let needsThread = state.withLock { state in
            state.openControl = control
            state.orders.append(.open(control, completion))
            defer { state.hasThread = true }
            return !state.hasThread
        }
        guard needsThread else { return wake.signal() }
        do throws(PostgresError) {
            try DedicatedThread.start(orThrow: PostgresError.noThread) { [self] in run() }
        } catch {
            state.withLock { state in
                state.orders = []
                state.hasThread = false
            }
            completion(error)
        }
    }

    /// Closes the connection after the jobs that wait.
    func close() { send(.close) }

    /// Closes the connection and ends the thread; an attempt to connect is given up.
    func stop(_ completion: @escaping @Sendable () -> Void) {
        let hasThread = state.withLock { state in
            state.openControl?.cancel()
            if state.hasThread { state.orders.append(.stop(completion)) }
            return state.hasThread
        }
        if hasThread { wake.signal() } else { completion() }
    }

    /// Queues a job; refused when too many wait already.
    func enqueue(_ job: @escaping Job) -> PostgresError? {
        let isTaken = state.withLock { state in
            guard state.pendingJobs < configuration.maximumQueuedStatements else { return false }
            state.pendingJobs += 1
            state.orders.append(.run(job))
            return true
        }
        guard isTaken else {
            return PostgresError(
                .resourceExhausted,
                "\(configuration.maximumQueuedStatements) statements wait on one connection already"
            )
        }
        wake.signal()
        return nil
    }

    /// Runs `body` on the thread with the connection; cancelling the task interrupts it.
    func perform<Value: Sendable>(
        deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (Session, CallControl) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let control = CallControl(deadline: deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Value, PostgresError>, Never>) in
                let refusal = enqueue { session in
                    let result = Result { () throws(PostgresError) in
                        // A call that is over has lost its connection for that reason.
                        guard let session else {
                            throw control.interruption(now: .now) ?? .connectionLost
                        }
                        return try body(session, control)
                    }
                    return { continuation.resume(returning: result) }
                }
                if let refusal { continuation.resume(returning: .failure(refusal)) }
            }
        } onCancel: {
            control.cancel()
            wake.signal()
        }
        return try result.get()
    }

    /// Ends a transaction and gives advisory locks back, within a second; tells whether it did.
    func reset(_ completion: @escaping @Sendable (Bool) -> Void) {
        let refusal = enqueue { session in
            let control = CallControl(deadline: .now.advanced(by: .seconds(1)))
            let isDone = Result { () throws(PostgresError) in
                try session?.script("ROLLBACK; SELECT pg_advisory_unlock_all()", control: control)
            }
            let isUsable = session.map { !$0.isBroken && !$0.isInTransaction } ?? false
            return {
                if case .success = isDone { completion(isUsable) } else { completion(false) }
            }
        }
        if refusal != nil { completion(false) }
    }

    private func send(_ order: Order) {
        state.withLock { $0.orders.append(order) }
        wake.signal()
    }

    // MARK: On the thread

    private func run() {
        var session: Session?
        while true {
            guard let order = nextOrder() else {
                waitIdle(&session)
                continue
            }
            switch order {
            case .open(let control, let completion):
                completion(open(control, into: &session))
            case .run(let job):
                perform(job, on: &session)
            case .close:
                session = nil
                state.withLock { $0.condition = .closed }
            case .stop(let completion):
                session = nil
                state.withLock { $0.condition = .closed }
                completion()
                return
            }
        }
    }

    private func nextOrder() -> Order? {
        state.withLock { $0.orders.isEmpty ? nil : $0.orders.removeFirst() }
    }

    private func open(_ control: CallControl, into session: inout Session?) -> PostgresError? {
        do throws(PostgresError) {
            session = try Session.open(
                configuration: configuration, wake: wake, canceller: canceller, control: control)
            state.withLock { $0.condition = .idle }
            return nil
        } catch {
            return error
        }
    }

    private func perform(_ job: Job, on session: inout Session?) {
        let deliver = job(session)
        if session?.isBroken == true { session = nil }
        let condition: Condition =
            session.map { $0.isInTransaction ? .inTransaction : .idle } ?? .closed
        state.withLock { state in
            state.pendingJobs -= 1
            state.condition = condition
        }
        deliver()
    }

    private func waitIdle(_ session: inout Session?) {
        let socket = session.flatMap { $0.isIdle ? $0.socket : nil } ?? -1
        let outcome = wake.wait(socket: socket, events: Int16(POLLIN))
        guard outcome.socketIsReady, let current = session, !current.absorbIdleInput() else {
            return
        }
        session = nil
        state.withLock { $0.condition = .closed }
        onLost()
    }
}

extension PostgresError {
    /// The connection broke before this statement.
    static var connectionLost: PostgresError {
        PostgresError(.unavailable, "the database connection was lost; try again")
    }
}
