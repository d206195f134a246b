import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite("the pool lends connections", .timeLimit(.minutes(2)))
struct ConnectionPoolTests {
    @Test("many calls share few connections")
    func sharing() async throws {
        try await withPool({ $0.maximumConnections = 3 }) { pool in
            let processes = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 1...60 {
                    group.addTask { try await pool.withConnection(deadline: nil, processID) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect((1...3).contains(processes.count))
            #expect(pool.connectionCount <= 3)
        }
    }

    @Test("with all connections in use a call fails after the acquire timeout, saying so")
    func exhaustion() async throws {
        try await withPool({
            $0.maximumConnections = 1
            $0.acquireTimeout = .milliseconds(50)
        }) { pool in
            while pool.connectionCount == 0 { await Task.yield() }
            try await pool.withConnection(deadline: nil) { _ in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection(deadline: nil) { _ in }
                }
                #expect(error?.kind == .resourceExhausted)
                #expect(error?.message.contains("stayed in use") == true)
            }
        }
    }

    @Test("a connection that was stopped is never opened again, and stops as often as asked")
    func openAfterStop() async throws {
        let url = try await PostgresFixture.serverURL()
        let canceller = try Canceller()
        defer { canceller.close() }
        for hasThread in [false, true] {
            let worker = try ConnectionWorker(
                configuration: PostgresConfiguration(url: url), canceller: canceller, onLost: {})
            if hasThread { #expect(await opened(worker) == nil) }
            await stopped(worker)
            await stopped(worker)
            #expect(await opened(worker)?.message == "the database pool is closed")
            #expect(worker.condition == .closed)
        }
    }

    private func opened(_ worker: ConnectionWorker) async -> PostgresError? {
        await withCheckedContinuation { continuation in
            worker.open { continuation.resume(returning: $0) }
        }
    }

    private func stopped(_ worker: ConnectionWorker) async {
        await withCheckedContinuation { continuation in
            worker.stop { continuation.resume() }
        }
    }

    @Test("a call that goes on after the pool was closed fails at its next statement")
    func statementAfterClose() async throws {
        try await withPool { pool in
            try await pool.withConnection(deadline: milliseconds(60_000)) { connection in
                await pool.close()
                let error = await #expect(throws: PostgresError.self) {
                    try await processID(connection)
                }
                #expect(error?.message == "the database pool is closed")
            }
        }
    }

    @Test("the timer's thread rests while calls wait")
    func restingTimer() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withConnection(deadline: nil) { connection in
                let waiting = Task { try await pool.withConnection(deadline: nil, processID) }
                while pool.waiterCount == 0 { await Task.yield() }
                let before = pool.timerTurns.load(ordering: .relaxed)
                for _ in 1...50 { _ = try await processID(connection) }
                // One may be under way, and one armed before it.
                #expect(pool.timerTurns.load(ordering: .relaxed) <= before + 2)
                waiting.cancel()
            }
        }
    }

    @Test("a full queue refuses at once")
    func fullQueue() async throws {
        try await withPool({
            $0.maximumConnections = 1
            $0.maximumWaiters = 0
        }) { pool in
            // With no room to wait even the first call may come before the connection is open.
            while pool.connectionCount == 0 { await Task.yield() }
            try await pool.withConnection(deadline: nil) { _ in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection(deadline: nil) { _ in }
                }
                #expect(error?.kind == .resourceExhausted)
                #expect(error?.message.contains("0 calls wait") == true)
            }
        }
    }

    @Test("as many statements may wait on one connection as the limit says")
    func statementQueue() async throws {
        let key = Int64.random(in: .min ... .max)
        @Sendable func outcome(_ connection: PostgresConnection) async -> PostgresError.Kind? {
            do throws(PostgresError) {
                try await connection.query("SELECT pg_advisory_xact_lock($1)", [.int(key)])
                return nil
            } catch {
                return error.kind
            }
        }
        try await withPool({ $0.maximumQueuedStatements = 2 }) { pool in
            try await pool.withConnection(deadline: milliseconds(60_000)) { connection in
                try await withThrowingTaskGroup(of: PostgresError.Kind?.self) { group in
                    try await pool.withConnection(deadline: milliseconds(60_000)) { holder in
                        try await holder.withAdvisoryLock(key) {
                            for _ in 1...6 { group.addTask { await outcome(connection) } }
                            // None ends before the lock does, except those that are refused.
                            let first = try await group.next()
                            #expect(first == .resourceExhausted)
                        }
                    }
                    let others = try await group.reduce(into: []) { $0.append($1) }
                    #expect(others.count { $0 == nil } >= 2, "\(others)")
                }
            }
        }
    }

    @Test("a transaction left open and a lock left held end with their loan")
    func leftovers() async throws {
        let key = Int64.random(in: .min ... .max)
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withConnection(deadline: nil) { connection in
                try await connection.script("BEGIN; CREATE TABLE left_over (a int)")
            }
            let rows = try await pool.withConnection(deadline: nil) { connection in
                try await connection.query("SELECT to_regclass('left_over')::text")
            }
            #expect(try rows.onlyRow().isNull(0))
            let call = Task {
                try await pool.withConnection(deadline: milliseconds(100)) { connection in
                    try await connection.withAdvisoryLock(key) {
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
            }
            _ = await call.result
            let locks = try await pool.withConnection(deadline: nil) { connection in
                try await number(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                        + " AND pid = pg_backend_pid()", connection)
            }
            #expect(locks == 0)
        }
    }

    @Test("a connection kept beyond its loan refuses to work")
    func escapedConnection() async throws {
        try await withPool { pool in
            let escaped = try await pool.withConnection(deadline: nil) { $0 }
            let error = await #expect(throws: PostgresError.self) {
                try await escaped.query("SELECT 1")
            }
            #expect(error?.kind == .internalError)
        }
    }

    @Test("a closed pool refuses calls")
    func closed() async throws {
        let pool = try await withPool { $0 }
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withConnection(deadline: nil) { _ in }
        }
        #expect(error?.kind == .unavailable)
    }

    @Test("a transaction of the pool is committed")
    func transaction() async throws {
        try await PostgresFixture.withSchema("pool") { fixture in
            try await withPool { pool in
                try await pool.withTransaction(deadline: nil) { connection in
                    try await connection.script(
                        "CREATE SCHEMA \(fixture.schema); CREATE TABLE \(fixture.schema).t (a int)")
                }
                try await pool.withConnection(deadline: nil) { connection in
                    _ = try await connection.query("SELECT * FROM \(fixture.schema).t")
                }
            }
        }
    }
}
