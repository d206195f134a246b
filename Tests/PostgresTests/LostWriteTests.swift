import Glibc
import Postgres
import TestSupport
import Testing

@Suite("a write whose connection is lost", .timeLimit(.minutes(3)))
struct LostWriteTests {
    @Test(
        "has an unknown outcome, except within a transaction that was not to commit yet",
        arguments: [false, true])
    func lost(inTransaction: Bool) async throws {
        // Its own server: the death of one process restarts all others.
        let cluster = try await PostgresCluster.start()
        defer { cluster.remove() }
        try await withPool(at: cluster.url, { $0.acquireTimeout = .seconds(30) }) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection(deadline: nil) { connection in
                    // The server process dies in the middle, as with a power cut.
                    let write = [
                        PostgresStatement("SELECT 1"), PostgresStatement("SELECT pg_sleep(600)"),
                    ]
                    let process = pid_t(try await processID(connection))
                    async let killed: Void = kill(process, whenSleepingOf: cluster)
                    if inTransaction {
                        try await connection.withTransaction {
                            _ = try await connection.pipeline(write)
                        }
                    } else {
                        _ = try await connection.pipeline(write)
                    }
                    try await killed
                }
            }
            #expect(error?.kind == (inTransaction ? .unavailable : .outcomeUnknown))
        }
    }

    private func kill(_ process: pid_t, whenSleepingOf cluster: PostgresCluster) async throws {
        try await withPool(at: cluster.url) { other in
            try await other.withConnection(deadline: nil) { watcher in
                while try await watcher.query(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'",
                    [.int(Int64(process))]
                ).isEmpty {
                    await Task.yield()
                }
            }
        }
        #expect(Glibc.kill(process, SIGKILL) == 0)
    }
}
