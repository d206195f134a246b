import CLibPQ
import Glibc

/// One libpq connection and the statements prepared on it.
///
/// One thread touches it at a time, which its `ConnectionWorker` sees to. libpq runs in its
/// non-blocking mode under `ppoll`, so that the same wait sees the answer, the deadline and the
/// task's cancellation, without a timer thread or an extra round trip.
final class Session: @unchecked Sendable {
    /// Servers older than 14 are refused.
    static let minimumServerVersion: CInt = 140_000

    let handle: OpaquePointer
    let wake: WakeUp
    let configuration: PostgresConfiguration
    private let canceller: Canceller
    var prepared: [StatementKey: String] = [:]
    /// Numbers the names of prepared statements; a name is never used twice.
    var preparedCount = 0
    /// Between `beginCopy` and `endCopy`.
    var isCopying = false
    /// A statement was sent by `sendAtOnce`, its answer not taken.
    var hasSent = false
    /// Set when the connection must not be used again.
    var isBroken = false

    private init(
        handle: OpaquePointer, configuration: PostgresConfiguration, wake: WakeUp,
        canceller: Canceller
    ) {
        self.handle = handle
        self.configuration = configuration
        self.wake = wake
        self.canceller = canceller
    }

    deinit { PQfinish(handle) }

    /// Connects; every attempt ends at the control's deadline.
    ///
    /// - Throws: `PostgresError` of kind `unavailable` (or `unsupported`, `cancelled`).
    static func open(
        configuration: PostgresConfiguration, wake: WakeUp, canceller: Canceller,
        control: CallControl
    ) throws(PostgresError) -> Session {
        let settings = [
            ("dbname", configuration.url),
            ("client_encoding", "UTF8"),
            ("fallback_application_name", configuration.applicationName),
        ]
        let keys = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { (keys + values).forEach { free($0) } }
        let keyList = keys.map { $0.map { UnsafePointer($0) } } + [nil]
        let valueList = values.map { $0.map { UnsafePointer($0) } } + [nil]
        guard let handle = PQconnectStartParams(keyList, valueList, 1) else {
            throw PostgresError(.resourceExhausted, "no memory for a database connection")
        }
        let session = Session(
            handle: handle, configuration: configuration, wake: wake, canceller: canceller)
        try session.finishConnecting(control)
        return session
    }

    private func finishConnecting(_ control: CallControl) throws(PostgresError) {
        var direction = PGRES_POLLING_WRITING
        while direction != PGRES_POLLING_OK {
            guard direction != PGRES_POLLING_FAILED, PQstatus(handle) != CONNECTION_BAD else {
                throw connectionError("cannot connect to the database")
            }
            if let interruption = control.interruption(now: .now) {
                guard interruption.kind == .deadlineExceeded else { throw interruption }
                throw PostgresError(
                    .unavailable, "the database did not accept a connection in time",
                    cause: interruption)
            }
            let events = direction == PGRES_POLLING_WRITING ? POLLOUT : POLLIN
            let outcome = wake.wait(
                socket: PQsocket(handle), events: Int16(events), until: control.deadline)
            if outcome.socketIsReady { direction = PQconnectPoll(handle) }
        }
        guard PQserverVersion(handle) >= Self.minimumServerVersion else {
            throw PostgresError(
                .unsupported,
                "PostgreSQL \(PQserverVersion(handle) / 10_000) is too old: use 14 or newer")
        }
        PQsetnonblocking(handle, 1)
        // libpq would write the server's notices, which may quote data, to standard error.
        _ = PQsetNoticeReceiver(handle, { _, _ in }, nil)
    }

    /// The descriptor to wait on; it changes while connecting.
    var socket: CInt { PQsocket(handle) }

    /// A transaction was begun and not ended on this connection.
    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Whether what the server sends between two jobs was not asked for.
    ///
    /// During a COPY it is the answer to the COPY, which the next job takes.
    var isIdle: Bool { !isCopying }

    /// Takes what the server sent unasked; false when that was the end of the connection.
    func absorbIdleInput() -> Bool {
        guard PQconsumeInput(handle) == 1 else { return false }
        // Parses what came, so that a closing message is noticed; nothing is in progress.
        while let result = PQgetResult(handle) { PQclear(result) }
        while let notification = PQnotifies(handle) { PQfreemem(notification) }
        return PQstatus(handle) == CONNECTION_OK
    }

    /// An error of the connection itself, which cannot be used any more.
    func connectionError(_ message: String) -> PostgresError {
        isBroken = true
        let words = PQerrorMessage(handle).map { String(cString: $0) }
        return PostgresError(
            .unavailable, "\(message): is the server running, and the URL right?", details: words)
    }

    // MARK: Waiting

    /// A cancel request under way.
    struct Cancellation {
        let reason: PostgresError
        let ticket: Canceller.Ticket?
        let limit: ContinuousClock.Instant
    }

    /// Asks the server to stop the statement that runs; at most `cancelGrace` is left to it.
    func beginCancelling(because reason: PostgresError) -> Cancellation {
        Cancellation(
            reason: reason, ticket: canceller.cancel(handle, waiter: wake),
            limit: .now.advanced(by: configuration.cancelGrace))
    }

    /// Waits until a result can be taken without blocking.
    ///
    /// - Throws: the interruption's reason when a cancelled statement did not end in time.
    func awaitResult(
        _ control: CallControl, _ cancellation: inout Cancellation?
    ) throws(PostgresError) {
        while true {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw connectionError("the database connection was lost") }
            if PQisBusy(handle) == 0 { return }
            let now = ContinuousClock.now
            if let cancellation, now >= cancellation.limit {
                isBroken = true
                throw cancellation.reason
            }
            if cancellation == nil, let reason = control.interruption(now: now) {
                cancellation = beginCancelling(because: reason)
            }
            let outcome = wake.wait(
                socket: socket, events: Int16(unsent == 1 ? POLLIN | POLLOUT : POLLIN),
                until: cancellation?.limit ?? control.deadline)
            if outcome.socketIsReady, PQconsumeInput(handle) == 0 {
                throw connectionError("the database connection was lost")
            }
        }
    }

    /// After a cancelled statement has ended: keeps the connection only if no request is under way
    /// that could still hit the next statement.
    func settle(_ cancellation: Cancellation, sqlState: String?) {
        guard let ticket = cancellation.ticket, sqlState == "57014" else {
            isBroken = true
            return
        }
        while !ticket.isDone, ContinuousClock.now < cancellation.limit {
            _ = wake.wait(until: cancellation.limit)
        }
        if !ticket.isDone { isBroken = true }
    }
}
