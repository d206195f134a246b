import Logging
import Postgres
import TestSupport

/// Runs `body` with a pool over the shared server, and closes the pool.
@discardableResult
func withPool<Value: Sendable>(
    _ change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (ConnectionPool) async throws -> Value
) async throws -> Value {
    try await withPool(at: try await PostgresFixture.serverURL(), change, body)
}

/// Runs `body` with a pool over the server at `url`, and closes the pool.
@discardableResult
func withPool<Value: Sendable>(
    at url: String, _ change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (ConnectionPool) async throws -> Value
) async throws -> Value {
    var configuration = PostgresConfiguration(url: url)
    // A machine that runs all tests at once may need long to make a connection.
    configuration.acquireTimeout = .seconds(30)
    change(&configuration)
    let pool = try ConnectionPool(
        configuration: configuration,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let value = try await body(pool)
        await pool.close()
        return value
    } catch {
        await pool.close()
        throw error
    }
}

/// Runs `body` with a connection to the shared server.
func withConnection<Value: Sendable>(
    _ body: (PostgresConnection) async throws -> Value
) async throws -> Value {
    try await withPool { pool in try await pool.withConnection(deadline: nil, body) }
}

/// A deadline from now.
func milliseconds(_ count: Int) -> ContinuousClock.Instant {
    .now.advanced(by: .milliseconds(count))
}

/// The server process of a connection.
func processID(_ connection: PostgresConnection) async throws -> Int64 {
    try await connection.query("SELECT pg_backend_pid()").onlyRow().int(0)
}

/// The number that a statement without parameters answers with.
func number(_ sql: String, _ connection: PostgresConnection) async throws -> Int64 {
    try await connection.query(sql).onlyRow().int(0)
}

/// How much later than its deadline a call ends, less what a bare sleep is late at the same time.
///
/// The best of ten, stopping early below `limit`, because other processes may take the machine's
/// cores for a while. A connection of `pool` is ready before each.
func lateness(
    below limit: Duration, connecting pool: ConnectionPool? = nil,
    _ body: (ContinuousClock.Instant) async throws -> Void
) async throws -> Duration {
    var best = Duration.seconds(3_600)
    for _ in 1...10 where best >= limit {
        try await pool?.withConnection(deadline: nil, processID)
        let deadline = milliseconds(200)
        async let bareSleep: Duration = {
            try await Task.sleep(until: deadline)
            return deadline.duration(to: .now)
        }()
        try await body(deadline)
        let late = deadline.duration(to: .now)
        best = min(best, late - min(try await bareSleep, late))
    }
    return best
}
