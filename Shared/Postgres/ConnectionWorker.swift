import Glibc
import Synchronization
import Threads

/// One connection and the thread that waits for it.
///
/// A statement that needs no answer before it is sent by its caller, which never blocks; the
/// thread, which waits on the connection anyway, is then woken by the answer alone. All else the
/// thread does. While there is nothing to do a connection which the server closes is noticed before
/// the next call needs it.
final class ConnectionWorker: Sendable {
    /// Work for the thread; the session is nil when there is no connection.
    ///
    /// It returns what tells the caller, which runs after the job has left the connection, because
    /// the caller may give the connection back at once.
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
        case run(Job, deadline: ContinuousClock.Instant)
        case close
        case stop(@Sendable () -> Void)
    }

    private struct State {
        /// Touched by the thread while jobs are pending, else under this lock.
        var session: Session?
        var orders: [Order] = []
        var openControl: CallControl?
        var hasThread = false
        /// It is to end, or has ended: nothing starts its thread again.
        var isStopped = false
        var pendingJobs = 0
        /// The thread waits, and has to be signalled for what the connection does not tell it.
        var isWaiting = false
        /// When the thread's wait ends by itself: the deadline of a statement before.
        ///
        /// Later deadlines need no signal then, and those of calls that follow each other are.
        var waitLimit: ContinuousClock.Instant?
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
        state.withLock { state in
            guard state.pendingJobs == 0 else { return .busy }
            guard let session = state.session else { return .closed }
            return session.isInTransaction ? .inTransaction : .idle
        }
    }

    /// Connects on the thread, which is started at the first use.
    func open(_ completion: @escaping @Sendable (PostgresError?) -> Void) {
        let control = CallControl(deadline: .now.advanced(by: configuration.connectTimeout))
        let needsThread: Bool? = state.withLock { state in
            guard !state.isStopped else { return nil }
            state.openControl = control
            state.orders.append(.open(control, completion))
            defer { state.hasThread = true }
            return !state.hasThread
        }
        guard let needsThread else { return completion(.poolClosed) }
        guard needsThread else { return wake.signal() }
        do throws(PostgresError) {
            try DedicatedThread.start(orThrow: PostgresError.noThread) { [self] in run() }
        } catch {
            abandonOrders(error)
        }
    }

    /// Closes the connection after the jobs that wait.
    func close() { send(.close) }

    /// Closes the connection and ends the thread; an attempt to connect is given up.
    func stop(_ completion: @escaping @Sendable () -> Void) {
        let hasThread = state.withLock { state in
            state.isStopped = true
            state.openControl?.cancel()
            if state.hasThread { state.orders.append(.stop(completion)) }
            return state.hasThread
        }
        if hasThread { wake.signal() } else { completion() }
    }

    /// Runs `body` on the thread with the connection; cancelling the task interrupts it.
    ///
    /// - Parameter sending: called before on the calling thread, if no other job has the
    ///   connection. It may send `body`'s statement, without blocking, and says whether it did to
    ///   the last byte; `body` then takes the answer.
    func perform<Value: Sendable>(
        deadline: ContinuousClock.Instant,
        sending: ((Session, CallControl) -> Bool)? = nil,
        _ body: @escaping @Sendable (Session, CallControl) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let control = CallControl(deadline: deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Value, PostgresError>, Never>) in
                let refusal = enqueue(deadline, sending: { sending?($0, control) ?? false }) {
                    session in
                    let result = Result { () throws(PostgresError) in
                        // A call that is over has lost its connection for that reason.
                        guard let session, !session.isBroken else {
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
        let deadline = ContinuousClock.now.advanced(by: .seconds(1))
        let refusal = enqueue(deadline, sending: { _ in false }) { session in
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

    /// There is no thread any more: what was ordered of it ends with `error`, or is done.
    private func abandonOrders(_ error: PostgresError) {
        let orders = state.withLock { state in
            state.hasThread = false
            defer { state.orders = [] }
            return state.orders
        }
        for order in orders {
            switch order {
            case .open(_, let completion): completion(error)
            case .run(let job, _): perform(job)
            case .close: break
            case .stop(let completion): completion()
            }
        }
    }

    /// Queues a job; refused when too many wait already, or nobody is there to do it.
    private func enqueue(
        _ deadline: ContinuousClock.Instant, sending: (Session) -> Bool, _ job: @escaping Job
    ) -> PostgresError? {
        var isStopped = false
        let mustSignal: Bool? = state.withLock { state in
            isStopped = !state.hasThread
            guard !isStopped, state.pendingJobs < configuration.maximumQueuedStatements else {
                return nil
            }
            var isSent = false
            if state.orders.isEmpty, state.pendingJobs == 0, let session = state.session {
                isSent = sending(session)
            }
            state.pendingJobs += 1
            state.orders.append(.run(job, deadline: deadline))
            // A thread that does not wait looks at the orders before it does.
            guard state.isWaiting else { return false }
            // The answer wakes the thread, and the end of its wait is not too late.
            return !(isSent && state.waitLimit.map { $0 <= deadline } ?? false)
        }
        guard let mustSignal else {
            if isStopped { return .poolClosed }
            return PostgresError(
                .resourceExhausted,
                "\(configuration.maximumQueuedStatements) statements wait on one connection already"
            )
        }
        if mustSignal { wake.signal() }
        return nil
    }

    private func send(_ order: Order) {
        state.withLock { $0.orders.append(order) }
        wake.signal()
    }

    // MARK: On the thread

    private func run() {
        while true {
            switch nextOrder() {
            case nil: waitIdle()
            case .open(let control, let completion): completion(open(control))
            case .run(let job, _): perform(job)
            case .close: drop()
            case .stop(let completion):
                drop()
                abandonOrders(.poolClosed)
                return completion()
            }
        }
    }

    /// The order to carry out; nil when the thread has to wait.
    private func nextOrder() -> Order? {
        state.withLock { state in
            guard !state.orders.isEmpty else {
                state.isWaiting = true
                return nil
            }
            let order = state.orders.removeFirst()
            if case .run(_, let deadline) = order { state.waitLimit = deadline }
            return order
        }
    }

    private func open(_ control: CallControl) -> PostgresError? {
        do throws(PostgresError) {
            let session = try Session.open(
                configuration: configuration, wake: wake, canceller: canceller, control: control)
            state.withLock { $0.session = session }
            return nil
        } catch {
            return error
        }
    }

    private func perform(_ job: Job) {
        let session = state.withLock { $0.session }
        let deliver = job(session)
        state.withLock { state in
            state.pendingJobs -= 1
            if session?.isBroken == true { state.session = nil }
        }
        deliver()
    }

    /// Closes the connection, outside the lock.
    private func drop() { _ = state.withLock { $0.session.take() } }

    private func waitIdle() {
        let (socket, limit) = state.withLock { state in
            (state.session.flatMap { $0.isIdle ? $0.socket : nil } ?? -1, state.waitLimit)
        }
        let outcome = wake.wait(socket: socket, events: Int16(POLLIN), until: limit)
        let lost: Session? = state.withLock { state in
            state.isWaiting = false
            if let limit, limit <= .now { state.waitLimit = nil }
            // What came is the answer to a statement that was sent.
            guard outcome.socketIsReady, state.orders.isEmpty, let session = state.session,
                !session.absorbIdleInput()
            else { return nil }
            return state.session.take()
        }
        if lost != nil { onLost() }
    }
}

extension PostgresError {
    /// Nothing is done any more.
    static var poolClosed: PostgresError {
        PostgresError(.unavailable, "the database pool is closed")
    }

    /// The connection broke before this statement.
    static var connectionLost: PostgresError {
        PostgresError(.unavailable, "the database connection was lost; try again")
    }
}
