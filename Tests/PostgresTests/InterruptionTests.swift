import Postgres
import TestSupport
import Testing

@Suite("statements end with their call", .serialized, .timeLimit(.minutes(2)))
struct InterruptionTests {
    @Test("a statement past its deadline fails, is cancelled within 50 ms")
    func deadline() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            let late = try await lateness(below: .milliseconds(50), connecting: pool) { deadline in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection(deadline: deadline) { connection in
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
                #expect(error?.kind == .deadlineExceeded)
            }
            #expect(late < .milliseconds(50))
        }
    }

    @Test("a cancelled statement that ends within the grace keeps its connection")
    func connectionKept() async throws {
        try await withPool({
            $0.maximumConnections = 1
            $0.cancelGrace = .seconds(20)
        }) { pool in
            let before = try await pool.withConnection(deadline: nil, processID)
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection(deadline: milliseconds(500)) { connection in
                    // One step: between preparing and executing there is nothing to cancel.
                    try await connection.query("SELECT pg_sleep(60)", isPrepared: false)
                }
            }
            #expect(error?.kind == .deadlineExceeded)
            let after = try await pool.withConnection(deadline: nil, processID)
            #expect(before == after)
        }
    }

    @Test("cancelling the task ends the call within 50 ms")
    func cancellation() async throws {
        try await withPool { pool in
            let late = try await lateness(below: .milliseconds(50), connecting: pool) { moment in
                let key = Int64.random(in: .min ... .max)
                let call = Task {
                    try await pool.withConnection(deadline: nil) { connection in
                        try await connection.withAdvisoryLock(key) {
                            try await connection.query("SELECT pg_sleep(60)")
                        }
                    }
                }
                try await Task.sleep(until: moment)
                call.cancel()
                let result = await call.result
                let error = #expect(throws: PostgresError.self) { try result.get() }
                #expect(error?.kind == .cancelled)
            }
            #expect(late < .milliseconds(50))
        }
    }

    @Test("the server stops the statement of a cancelled task")
    func cancellationOnServer() async throws {
        try await withPool { pool in
            let key = Int64.random(in: .min ... .max)
            let call = Task {
                try await pool.withConnection(deadline: nil) { connection in
                    try await connection.withAdvisoryLock(key) {
                        try await connection.query("SELECT pg_sleep(600)")
                    }
                }
            }
            try await pool.withConnection(deadline: milliseconds(60_000)) { observer in
                while try await sleepers(observer, key: key) == 0 {}
                call.cancel()
                while try await sleepers(observer, key: key) > 0 {}
            }
            await #expect(throws: PostgresError.self) { try await call.value }
        }
    }

    private func sleepers(_ observer: PostgresConnection, key: Int64) async throws -> Int64 {
        try await observer.query(
            """
            SELECT count(*) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
            WHERE l.locktype = 'advisory' AND a.query LIKE '%pg_sleep%' AND a.state = 'active'
                AND (l.classid::bigint << 32) | l.objid::bigint = $1
            """, [.int(key)]
        ).onlyRow().int(0)
    }

    @Test("a cancelled statement's connection serves the next call; nothing later is hit")
    func connectionAfterwards() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            for _ in 1...20 {
                _ = try? await pool.withConnection(deadline: milliseconds(2)) { connection in
                    try await connection.query("SELECT pg_sleep(60)")
                }
                let row = try await pool.withConnection(deadline: nil) { connection in
                    try await connection.query("SELECT count(*) FROM pg_class").onlyRow()
                }
                #expect(try row.int(0) > 0)
            }
        }
    }

    @Test("a deadline that has passed sends nothing")
    func passedDeadline() async throws {
        try await withPool { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection(deadline: .now) { _ in
                    Issue.record("a connection was lent")
                }
            }
            #expect(error?.kind == .deadlineExceeded)
        }
    }

    @Test("a task cancelled before it asks gets no connection")
    func cancelledBefore() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withConnection(deadline: nil) { _ in
                let call = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await pool.withConnection(deadline: nil) { _ in }
                }
                let result = await call.result
                let error = #expect(throws: PostgresError.self) { try result.get() }
                #expect(error?.kind == .cancelled)
            }
        }
    }
}
