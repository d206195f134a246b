import Logging
import Synchronization

/// A statement and the values bound to its `$1`, `$2`, ….
public struct PostgresStatement: Sendable, Hashable {
    /// Text without values.
    public let sql: String
    /// Values in order.
    public let parameters: [PostgresValue]
    /// Keep the statement's plan on the connection; false for statements that run once.
    public let isPrepared: Bool

    /// Makes a statement.
    public init(_ sql: String, _ parameters: [PostgresValue] = [], isPrepared: Bool = true) {
        self.sql = sql
        self.parameters = parameters
        self.isPrepared = isPrepared
    }
}

/// A connection on loan: valid until the closure that got it returns.
///
/// Statements on it run one after the other. Each is bounded by the loan's deadline and by the
/// cancellation of the calling task; the server is told to stop it, and if it does not within
/// `cancelGrace` the connection is dropped.
public struct PostgresConnection: Sendable {
    private final class Loan: Sendable {
        let hasEnded = Atomic<Bool>(false)
        let holdsLock = Atomic<Bool>(false)
    }

    private let worker: ConnectionWorker
    private let loan = Loan()
    /// No statement runs past it.
    public let deadline: ContinuousClock.Instant

    init(worker: ConnectionWorker, deadline: ContinuousClock.Instant) {
        self.worker = worker
        self.deadline = deadline
    }

    /// Refuses everything from here on.
    func end() { loan.hasEnded.store(true, ordering: .releasing) }

    /// An advisory lock could not be given back, because the call was over.
    var holdsLock: Bool { loan.holdsLock.load(ordering: .acquiring) }

    /// Runs one statement; values are bound as `$1`, `$2`, …, never written into the text.
    ///
    /// - Parameters:
    ///   - isPrepared: keep the statement's plan on the connection; false for statements that run
    ///     once.
    ///   - format: how the server sends the fields.
    /// - Throws: `PostgresError` of the kind that the server's SQLSTATE maps to.
    @discardableResult
    public func query(
        _ sql: String, _ parameters: [PostgresValue] = [], isPrepared: Bool = true,
        format: ResultFormat = .binary
    ) async throws(PostgresError) -> PostgresRows {
        let query = Query(
            sql: sql, parameters: try Session.encode(parameters), isPrepared: isPrepared,
            format: format)
        return try await perform(sending: { $0.sendAtOnce(query, control: $1) }) {
            session, control throws(PostgresError) in
            try session.execute(query, control: control)
        }
    }

    /// Runs statements in one round trip and, outside `withTransaction`, in a transaction of their
    /// own (READ COMMITTED): each sees what was committed before it started.
    ///
    /// - Returns: the rows of each.
    /// - Throws: `PostgresError` of the first statement that failed; nothing is written then.
    @discardableResult
    public func pipeline(
        _ statements: [PostgresStatement]
    ) async throws(PostgresError) -> [PostgresRows] {
        try await perform { session, control throws(PostgresError) in
            try session.executeTogether(statements, control: control)
        }
    }

    /// Runs several statements of the program's own text, without values; rows are dropped.
    ///
    /// - Throws: `PostgresError` of the kind that the server's SQLSTATE maps to.
    public func script(_ sql: String) async throws(PostgresError) {
        try await perform { session, control throws(PostgresError) in
            try session.script(sql, control: control)
        }
    }

    /// Runs `body` between BEGIN and COMMIT (READ COMMITTED); what it throws rolls back.
    ///
    /// - Throws: what `body` throws; `PostgresError` of kind `outcomeUnknown` when the connection
    ///   was lost during the COMMIT.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await command("BEGIN")
        let value: Value
        do {
            value = try await body()
        } catch {
            // Where the call is over already, the pool rolls back when it takes the connection.
            _ = try? await command("ROLLBACK")
            throw error
        }
        try await commit()
        return value
    }

    /// Holds a session's advisory lock while `body` runs, waiting for it up to the deadline.
    ///
    /// - Throws: what `body` throws, or `PostgresError` when the lock was not free in time.
    @discardableResult
    public func withAdvisoryLock<Value: Sendable>(
        _ key: Int64, _ body: () async throws -> Value
    ) async throws -> Value {
        try await query("SELECT pg_advisory_lock($1)", [.int(key)], isPrepared: false)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        do {
            try await query("SELECT pg_advisory_unlock($1)", [.int(key)], isPrepared: false)
        } catch {
            // The call is over: the pool unlocks when it takes the connection back.
            loan.holdsLock.store(true, ordering: .releasing)
        }
        return try result.get()
    }

    /// Bytes of one COPY message; larger chunks are split.
    public static let maximumCopyChunkBytes = 1 << 20

    /// Runs `COPY … FROM STDIN` with the chunks that `next` returns until nil.
    ///
    /// The next chunk is asked for when the socket has taken the one before, so memory is bounded
    /// by one chunk and the socket's buffer. The connection is dropped when `next` throws.
    ///
    /// - Returns: the rows that the server took.
    /// - Throws: what `next` throws, or `PostgresError`.
    @discardableResult
    public func copyIn(
        _ sql: String, _ next: () async throws -> [UInt8]?
    ) async throws -> Int {
        try await perform { session, control throws(PostgresError) in
            try session.beginCopy(sql, control: control)
        }
        do {
            while let chunk = try await next() {
                var rest = chunk[...]
                while !rest.isEmpty {
                    let part = Array(rest.prefix(Self.maximumCopyChunkBytes))
                    rest = rest.dropFirst(part.count)
                    try await perform { session, control throws(PostgresError) in
                        try session.putCopy(part, control: control)
                    }
                }
            }
        } catch {
            try? await perform { session, _ throws(PostgresError) in
                if session.isCopying { session.abandonCopy() }
            }
            throw error
        }
        return try await perform { session, control throws(PostgresError) in
            try session.endCopy(control: control)
        }
    }

    private func commit() async throws(PostgresError) {
        let tag: String
        do {
            tag = try await command("COMMIT")
        } catch {
            guard error.code.sqlState == nil else { throw error }
            throw PostgresError(
                .outcomeUnknown,
                "the connection was lost during COMMIT: read back whether the change happened",
                details: error.details, cause: error)
        }
        // A failed transaction answers COMMIT with ROLLBACK, without an error.
        guard tag == "COMMIT" else {
            throw PostgresError(.internalError, "the transaction had failed and was rolled back")
        }
    }

    @discardableResult
    private func command(_ sql: String) async throws(PostgresError) -> String {
        try await perform { session, control throws(PostgresError) in
            try session.command(sql, control: control)
        }
    }

    private func perform<Value: Sendable>(
        sending: ((Session, CallControl) -> Bool)? = nil,
        _ body: @escaping @Sendable (Session, CallControl) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        guard !loan.hasEnded.load(ordering: .acquiring) else {
            throw PostgresError(.internalError, "a connection was used after it was given back")
        }
        return try await worker.perform(deadline: deadline, sending: sending, body)
    }
}

extension PostgresConnection {
    /// Lends a connection outside any pool, for migrations: to `directURL`, closed afterwards.
    ///
    /// - Throws: `PostgresError` of kind `unavailable` when the server cannot be reached; else what
    ///   `body` throws.
    @discardableResult
    public static func withDirect<Value: Sendable>(
        _ configuration: PostgresConfiguration, deadline: ContinuousClock.Instant?,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var single = configuration
        single.url = configuration.directURL ?? configuration.url
        single.maximumConnections = 1
        single.minimumConnections = 1
        // The only bound is the deadline: a server that starts late is waited for.
        single.acquireTimeout = .seconds(86_400)
        let pool = try ConnectionPool(configuration: single, logger: .silent)
        do {
            let value = try await pool.withConnection(deadline: deadline, body)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension Logger {
    /// Errors of a direct connection reach its caller, who decides whether to log them.
    fileprivate static var silent: Logger {
        Logger(label: "postgres.direct") { _ in SwiftLogNoOpLogHandler() }
    }
}
