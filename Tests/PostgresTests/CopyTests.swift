import Postgres
import TestSupport
import Testing

@Suite("COPY takes rows in chunks", .timeLimit(.minutes(2)))
struct CopyTests {
    private static let copy = "COPY copied FROM STDIN (FORMAT binary)"

    private func withTable<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.script(
                "CREATE TEMP TABLE copied (a bigint, b text, c real, d bytea, e boolean)")
            return try await body(connection)
        }
    }

    @Test("rows of every type arrive, over many chunks")
    func rows() async throws {
        try await withTable { connection in
            var encoder = CopyRowEncoder()
            var next = 0
            var isFinished = false
            let count = try await connection.copyIn(Self.copy) {
                if isFinished { return nil }
                while next < 20_000, encoder.bytes.count < 10_000 {
                    encoder.append([
                        .int(Int64(next)), next == 7 ? .null : .text("\\N\t\n☃\(next)"),
                        .float(0.5), .bytes([0, 255]), .bool(true),
                    ])
                    next += 1
                }
                if next == 20_000 {
                    encoder.finish()
                    isFinished = true
                }
                return encoder.take()
            }
            #expect(count == 20_000)
            let row = try await connection.query(
                "SELECT count(*), count(b), sum(a)::bigint, bool_and(e), min(d) FROM copied"
            ).onlyRow()
            #expect(try row.int(0) == 20_000)
            #expect(try row.int(1) == 19_999)
            #expect(try row.int(2) == 19_999 * 10_000)
            #expect(try row.bool(3))
            #expect(try row.bytes(4) == [0, 255])
        }
    }

    @Test("a chunk larger than the limit is split")
    func largeChunk() async throws {
        try await withTable { connection in
            var encoder = CopyRowEncoder()
            let size = PostgresConnection.maximumCopyChunkBytes * 3 + 5
            encoder.append([
                .int(1), .text(String(repeating: "x", count: size)), .null, .null, .null,
            ])
            encoder.finish()
            var chunks: [[UInt8]] = [encoder.take()]
            #expect(try await connection.copyIn(Self.copy) { chunks.popLast() } == 1)
            let row = try await connection.query("SELECT length(b) FROM copied").onlyRow()
            #expect(try row.int(0) == Int64(size))
        }
    }

    @Test("a row that does not fit the table fails the COPY with the server's reason")
    func wrongRow() async throws {
        try await withTable { connection in
            var encoder = CopyRowEncoder()
            encoder.append([.int(1)])
            encoder.finish()
            var chunks: [[UInt8]] = [encoder.take()]
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn(Self.copy) { chunks.popLast() }
            }
            #expect(error?.code.sqlState == "22P04")
            let one = try await number("SELECT 1", connection)
            #expect(one == 1)
        }
    }

    @Test("a source that fails stores nothing, and its connection is not lent again")
    func failingSource() async throws {
        struct Stop: Error {}
        try await withPool({ $0.maximumConnections = 1 }) { pool in
            await #expect(throws: Stop.self) {
                try await pool.withConnection(deadline: nil) { connection in
                    try await connection.script("CREATE TEMP TABLE copied (a bigint)")
                    try await connection.copyIn(Self.copy) { throw Stop() }
                }
            }
            try await pool.withConnection(deadline: nil) { connection in
                let rows = try await connection.query("SELECT to_regclass('copied')::text")
                #expect(try rows.onlyRow().isNull(0))
            }
        }
    }

    @Test("a COPY past its deadline ends within 50 ms")
    func deadline() async throws {
        try await withPool { pool in
            let late = try await lateness(below: .milliseconds(50), connecting: pool) { deadline in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection(deadline: deadline) { connection in
                        try await connection.script(
                            "CREATE TEMP TABLE IF NOT EXISTS copied (a bigint)")
                        var encoder = CopyRowEncoder()
                        try await connection.copyIn(Self.copy) {
                            encoder.append([.int(1)])
                            return encoder.take()
                        }
                    }
                }
                #expect(error?.kind == .deadlineExceeded)
            }
            #expect(late < .milliseconds(50))
        }
    }
}
