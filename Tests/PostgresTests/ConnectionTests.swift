import Postgres
import TestSupport
import Testing

@Suite("a connection runs statements", .timeLimit(.minutes(2)))
struct ConnectionTests {
    @Test("every parameter type comes back as it was sent")
    func roundTrip() async throws {
        try await withConnection { connection in
            let row = try await connection.query(
                """
                SELECT $1::bigint, $2::double precision, $3::real, $4::boolean, $5::text,
                    $6::bytea, $7::text[], $8::text, $1::integer, $1::smallint, $5::varchar,
                    $9::text[], $5::name, jsonb_build_object('a', 1)
                """,
                [
                    .int(-7), .double(2.5), .float(0.1), .bool(true), .text("naïve ☃"),
                    .bytes([0, 1, 255]), .texts(["a", "", "{,\"}"]), .null, .texts([]),
                ]
            ).onlyRow()
            #expect(try row.int(0) == -7)
            #expect(try row.double(1) == 2.5)
            #expect(try row.double(2) == Double(Float(0.1)))
            #expect(try row.bool(3))
            #expect(try row.text(4) == "naïve ☃")
            #expect(try row.bytes(5) == [0, 1, 255])
            #expect(try row.texts(6) == ["a", "", "{,\"}"])
            #expect(try row.isNull(7))
            #expect(try row.optionalText(7) == nil)
            #expect(try row.optionalInt(7) == nil)
            #expect(try row.optionalDouble(7) == nil)
            #expect(try row.int(8) == -7)
            #expect(try row.int(9) == -7)
            #expect(try row.text(10) == "naïve ☃")
            #expect(try row.texts(11) == [])
            #expect(try row.text(12) == "naïve ☃")
            #expect(try row.text(13) == "{\"a\": 1}")
        }
    }

    @Test("arrays of numbers and booleans arrive as they were sent")
    func arrays() async throws {
        try await withConnection { connection in
            let row = try await connection.query(
                "SELECT $1::bigint[]::text, $2::real[]::text, $3::boolean[]::text",
                [.ints([1, -2, .max]), .floats([0.5, -1]), .bools([true, false])]
            ).onlyRow()
            #expect(try row.text(0) == "{1,-2,9223372036854775807}")
            #expect(try row.text(1) == "{0.5,-1}")
            #expect(try row.text(2) == "{t,f}")
        }
    }

    @Test("the same fields can be read in text format, and types without a reader as text")
    func textFormat() async throws {
        try await withConnection { connection in
            let row = try await connection.query(
                "SELECT -7, 2.5::double precision, true, 'x', '\\x00ff'::bytea, 1.2::numeric, NULL",
                format: .text
            ).onlyRow()
            #expect(try row.int(0) == -7)
            #expect(try row.double(1) == 2.5)
            #expect(try row.bool(2))
            #expect(try row.text(3) == "x")
            #expect(try row.bytes(4) == [0, 255])
            #expect(try row.text(5) == "1.2")
            #expect(try row.isNull(6))
        }
    }

    @Test("reading a column as another type, a NULL or a column that is not there is an error")
    func misreadings() async throws {
        try await withConnection { connection in
            let row = try await connection.query("SELECT 'x'::text, NULL::bigint, 1.5::numeric")
                .onlyRow()
            let readings: [() throws -> Void] = [
                { _ = try row.int(0) }, { _ = try row.double(0) }, { _ = try row.bool(0) },
                { _ = try row.bytes(0) }, { _ = try row.texts(0) }, { _ = try row.int(1) },
                { _ = try row.text(2) }, { _ = try row.text(3) }, { _ = try row.text(-1) },
            ]
            for reading in readings {
                let error = #expect(throws: PostgresError.self) { try reading() }
                #expect(error?.kind == .internalError)
            }
        }
    }

    @Test("a value shaped like SQL stays a value")
    func injection() async throws {
        let hostile = "'; DROP TABLE x; -- $1 \\ %s"
        try await withConnection { connection in
            let row = try await connection.query("SELECT $1::text", [.text(hostile)]).onlyRow()
            #expect(try row.text(0) == hostile)
        }
    }

    @Test(
        "the server's refusals have a kind and a SQLSTATE, and quote no data",
        arguments: [
            ("SELECT $1::bigint", "22P02", PostgresError.Kind.invalid),
            ("SELECT 1 / length('') + length($1)", "22012", .invalid),
            ("SELECT nothing($1)", "42883", .unsupported),
            ("SELECT $1 FROM nothing", "42P01", .unsupported),
            ("SELEC $1", "42601", .internalError),
        ])
    func refusals(sql: String, state: String, kind: PostgresError.Kind) async throws {
        try await withConnection { connection in
            let isText = sql.contains("::bigint")
            let sql = isText ? "SELECT ($1::text)::bigint" : sql
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query(sql, [.text("secret")])
            }
            #expect(error?.code == PostgresError.Code(kind, sqlState: state))
            #expect(error?.description.contains("secret") == false)
            if isText { #expect(error?.details?.contains("secret") == true) }
            // The connection goes on after an error.
            let one = try await number("SELECT 1", connection)
            #expect(one == 1)
        }
    }

    @Test("a NUL in a text is refused by the server and hurts nothing")
    func nulByte() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT $1::text", [.text("a\0b")])
            }
            #expect(error?.kind == .invalid)
            let one = try await number("SELECT 1", connection)
            #expect(one == 1)
        }
    }

    @Test("a plan that a change of schema made wrong is made anew")
    func changedSchema() async throws {
        try await withConnection { connection in
            try await connection.script("CREATE TEMP TABLE shape (a bigint)")
            _ = try await connection.query("SELECT * FROM shape")
            try await connection.script("ALTER TABLE shape ADD b bigint")
            _ = try? await connection.query("SELECT * FROM shape")
            #expect(try await connection.query("SELECT * FROM shape").columnCount == 2)
        }
    }

    @Test("beyond the limit of prepared statements statements run unprepared")
    func preparedLimit() async throws {
        try await withPool({ $0.maximumPreparedStatements = 2 }) { pool in
            try await pool.withConnection(deadline: nil) { connection in
                for number in 1...5 {
                    let row = try await connection.query("SELECT \(number)::bigint").onlyRow()
                    #expect(try row.int(0) == Int64(number))
                }
                let row = try await connection.query(
                    "SELECT count(*) FROM pg_prepared_statements", isPrepared: false
                ).onlyRow()
                #expect(try row.int(0) == 2)
            }
        }
    }

    @Test("a transaction is kept when its body returns and undone when it throws")
    func transactions() async throws {
        struct Stop: Error {}
        try await withConnection { connection in
            try await connection.script("CREATE TEMP TABLE kept (a bigint)")
            try await connection.withTransaction {
                try await connection.query("INSERT INTO kept VALUES (1)")
            }
            await #expect(throws: Stop.self) {
                try await connection.withTransaction {
                    try await connection.query("INSERT INTO kept VALUES (2)")
                    throw Stop()
                }
            }
            let row = try await connection.query("SELECT sum(a)::bigint FROM kept").onlyRow()
            #expect(try row.int(0) == 1)
        }
    }

    @Test("a transaction whose failed statement was ignored does not claim to be committed")
    func ignoredFailure() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction {
                    _ = try? await connection.query("SELECT 1/0")
                }
            }
            #expect(error?.kind == .internalError)
        }
    }

    @Test("an advisory lock keeps others out until its holder ends, also with an error")
    func advisoryLock() async throws {
        struct Stop: Error {}
        let key = Int64.random(in: .min ... .max)
        try await withPool { pool in
            do {
                try await pool.withConnection(deadline: nil) { holder in
                    try await holder.withAdvisoryLock(key) {
                        let error = await #expect(throws: PostgresError.self) {
                            try await pool.withConnection(
                                deadline: .now.advanced(by: .milliseconds(100))
                            ) { other in try await other.withAdvisoryLock(key) {} }
                        }
                        #expect(error?.kind == .deadlineExceeded)
                        throw Stop()
                    }
                }
            } catch is Stop {}
            try await pool.withConnection(deadline: nil) { other in
                try await other.withAdvisoryLock(key) {}
            }
        }
    }
}
