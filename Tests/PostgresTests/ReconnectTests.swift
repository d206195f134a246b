import Postgres
import TestSupport
import Testing

@Suite("the pool outlives its server", .timeLimit(.minutes(3)))
struct ReconnectTests {
    @Test("a killed server process breaks its call only; the next one has a new connection")
    func terminatedBackend() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            let first = try await pool.withConnection(deadline: nil) { victim in
                let process = try await processID(victim)
                try await withPool { other in
                    try await other.withConnection(deadline: nil) { killer in
                        try await killer.query(
                            "SELECT pg_terminate_backend($1::int, 5000)", [.int(process)])
                    }
                }
                let error = await #expect(throws: PostgresError.self) {
                    try await victim.query("SELECT 1")
                }
                #expect(error?.kind == .unavailable)
                return process
            }
            let second = try await pool.withConnection(deadline: nil, processID)
            #expect(first != second)
        }
    }

    @Test("an idle connection that the server closes is replaced before a call needs it")
    func terminatedWhileIdle() async throws {
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            let first = try await pool.withConnection(deadline: nil, processID)
            try await withPool { other in
                try await other.withConnection(deadline: nil) { killer in
                    try await killer.query(
                        "SELECT pg_terminate_backend($1::int, 5000)", [.int(first)])
                    // The pool reconnects by itself: wait until the server shows its new process.
                    while pool.connectionCount == 1 {
                        if try await killer.query(
                            "SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int(first)]
                        ).isEmpty {
                            break
                        }
                    }
                }
            }
            var second = first
            // The pool may hear of it later than the server's own view shows it.
            for _ in 1...10_000 where second == first {
                second = (try? await pool.withConnection(deadline: nil, processID)) ?? first
            }
            #expect(first != second)
        }
    }

    @Test("a server that is away fails calls clearly within their deadline, and is found again")
    func restart() async throws {
        let cluster = try await PostgresCluster.start()
        defer { cluster.remove() }
        try await withPool(at: cluster.url, { $0.acquireTimeout = .seconds(30) }) { pool in
            _ = try await pool.withConnection(deadline: nil, processID)
            try await cluster.stop()
            while pool.connectionCount > 0 { await Task.yield() }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection(deadline: milliseconds(2_000), processID)
            }
            #expect(error?.kind == .unavailable)
            let late = try await lateness(below: .milliseconds(50)) { deadline in
                await #expect(throws: PostgresError.self) {
                    try await pool.withConnection(deadline: deadline, processID)
                }
            }
            #expect(late < .milliseconds(50))
            try await cluster.restart()
            // The waiting call is served as soon as an attempt succeeds.
            _ = try await pool.withConnection(deadline: milliseconds(30_000), processID)
        }
    }

    @Test("a pool may start before its server")
    func serverAwayAtStart() async throws {
        let cluster = try await PostgresCluster.start()
        defer { cluster.remove() }
        try await cluster.stop()
        try await withPool(at: cluster.url, { $0.acquireTimeout = .seconds(30) }) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection(deadline: milliseconds(2_000), processID)
            }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("keeps trying") == true)
            #expect(error?.cause != nil)
            try await cluster.restart()
            _ = try await pool.withConnection(deadline: milliseconds(30_000), processID)
        }
    }

    @Test("a direct connection waits for its server up to the deadline")
    func directConnection() async throws {
        let configuration = PostgresConfiguration(
            url: "postgresql://nobody@/nothing?host=/nonexistent")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.withDirect(
                configuration, deadline: milliseconds(2_000), processID)
        }
        #expect(error?.kind == .unavailable)
    }
}
