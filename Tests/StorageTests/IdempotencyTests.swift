import Domain
import Postgres
import Storage
import TestSupport
import Testing

@Suite("idempotency keys", .timeLimit(.minutes(2)))
struct IdempotencyTests {
    @Test("every write with a key is written once and answered alike")
    func replays() async throws {
        try await withStore { store in
            let item = ItemDraft(
                id: "1", title: "t", attributes: (0..<9).map { .init(key: "\($0)", value: "v") })
            let writes: [(String) async throws -> WriteResult] = [
                { key in
                    var shuffled = item
                    shuffled.attributes.shuffle()
                    return try await store.upsert(
                        items: [shuffled], author: "", idempotencyKey: key, deadline: nil)
                },
                { key in
                    try await store.patch(
                        [ItemPatch(id: "1", title: "new")], author: "", idempotencyKey: key,
                        deadline: nil)
                },
                { key in
                    try await store.append(
                        userID: "u", items: [HistoryItem(itemID: "1", rating: 0.1)],
                        idempotencyKey: key, deadline: nil)
                },
                { key in
                    try await store.deleteUser(userID: "u", idempotencyKey: key, deadline: nil)
                },
                { key in
                    try await store.delete(
                        itemIDs: ["1"], author: "", idempotencyKey: key, deadline: nil)
                },
            ]
            for (number, write) in writes.enumerated() {
                let first = try await write("key \(number)")
                #expect(first.changedCount == 1)
                #expect(!first.isReplayed)
                var expected = first
                expected.isReplayed = true
                #expect(try await write("key \(number)") == expected)
                #expect(try await store.catalogVersion(deadline: nil) == first.version)
            }
            // Later changes do not change the answer, nor does the state that they leave.
            let late = try await writes[2]("key 2")
            #expect(late.isReplayed)
            #expect(try await store.history(userID: "u", count: 1, deadline: nil).entries.isEmpty)
        }
    }

    @Test("a key that was used for another request is refused")
    func anotherRequest() async throws {
        try await withStore { store in
            _ = try await store.upsert(
                items: drafts(1...1), author: "a", idempotencyKey: "k", deadline: nil)
            let version = try await store.catalogVersion(deadline: nil)
            let others: [() async throws -> Void] = [
                {
                    _ = try await store.upsert(
                        items: drafts(1...2), author: "a", idempotencyKey: "k", deadline: nil)
                },
                {
                    _ = try await store.upsert(
                        items: drafts(1...1), author: "b", idempotencyKey: "k", deadline: nil)
                },
                {
                    _ = try await store.delete(
                        itemIDs: ["1"], author: "a", idempotencyKey: "k", deadline: nil)
                },
                { _ = try await store.deleteUser(userID: "1", idempotencyKey: "k", deadline: nil) },
            ]
            for other in others {
                let error = await storageError(other)
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == "idempotency_key")
            }
            #expect(try await store.catalogVersion(deadline: nil) == version)
        }
    }

    @Test("a refused write leaves its key unused")
    func refused() async throws {
        try await withStore { store in
            let patch = [ItemPatch(id: "1", title: "new")]
            let error = await storageError {
                _ = try await store.patch(patch, author: "", idempotencyKey: "k", deadline: nil)
            }
            #expect(error?.code == .notFound)
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            let write = try await store.patch(
                patch, author: "", idempotencyKey: "k", deadline: nil)
            #expect(write.changedCount == 1)
            #expect(!write.isReplayed)
        }
    }

    @Test("of concurrent calls with one key one writes, and all get its answer")
    func race() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            let answers = try await withThrowingTaskGroup(of: WriteResult.self) { group in
                for _ in 1...8 {
                    group.addTask {
                        try await store.append(
                            userID: "u", items: [HistoryItem(itemID: "1")], idempotencyKey: "k",
                            deadline: nil)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.version)).count == 1)
            #expect(answers.filter { !$0.isReplayed }.count == 1)
            let history = try await store.history(userID: "u", count: 9, deadline: nil)
            #expect(history.interactionCount == 1)
        }
    }

    @Test("a key is forgotten after a day, and later writes remove what is forgotten")
    func forgotten() async throws {
        try await PostgresFixture.withSchema("idempotency") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                try await store.migrate(deadline: nil)
                _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
                func append(_ key: String) async throws -> Bool {
                    try await store.append(
                        userID: "u", items: [HistoryItem(itemID: "1")], idempotencyKey: key,
                        deadline: nil
                    ).isReplayed
                }
                func sql(_ text: String) async throws -> PostgresRows {
                    try await pool.withConnection(deadline: nil) { try await $0.query(text) }
                }
                for number in 1...3 { _ = try await append("\(number)") }
                let table = "\(fixture.schema).idempotency"
                _ = try await sql("UPDATE \(table) SET stored_at = now() - interval '23:59 hours'")
                #expect(try await append("1"))
                _ = try await sql("UPDATE \(table) SET stored_at = now() - interval '24 hours'")
                #expect(try await append("1") == false)
                #expect(try await append("1"))
                #expect(try await sql("SELECT count(*) FROM \(table)").onlyRow().int(0) == 1)
            }
        }
    }

    @Test("a key of the largest size is taken, one beyond it or with NUL is refused")
    func limits() async throws {
        let largest = String(repeating: "k", count: CatalogLimits.maximumIdempotencyKeyBytes)
        try await withStore { store in
            _ = try await store.deleteUser(userID: "u", idempotencyKey: largest, deadline: nil)
            for key in [largest + "k", "a\0"] {
                let error = await storageError {
                    _ = try await store.deleteUser(userID: "u", idempotencyKey: key, deadline: nil)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == "idempotency_key")
            }
        }
    }
}

@Suite("a deleted user", .timeLimit(.minutes(2)))
struct DeletedUserTests {
    @Test("nothing of the user stays, and the items' counts are those of the others")
    func forgets() async throws {
        try await PostgresFixture.withSchema("forget") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                try await store.migrate(deadline: nil)
                _ = try await store.upsert(items: drafts(1...3), author: "", deadline: nil)
                for user in ["someone special", "other"] {
                    _ = try await store.append(
                        userID: user, items: ["1", "2", "1"].map { HistoryItem(itemID: $0) },
                        idempotencyKey: "of \(user)", deadline: nil)
                }
                let before = try await store.catalogVersion(deadline: nil)
                let write = try await store.deleteUser(
                    userID: "someone special", idempotencyKey: "k", deadline: nil)
                #expect(write == WriteResult(version: before + 1, changedCount: 3))
                let history = try await store.history(
                    userID: "someone special", count: 5, deadline: nil)
                #expect(history.interactionCount == 0)
                let popular = try await store.popular(count: 3, deadline: nil)
                #expect(popular.entries.map(\.interactionCount) == [2, 1, 0])
                try await pool.withConnection(deadline: nil) { connection in
                    let tables = try await connection.query(
                        "SELECT table_name::text FROM information_schema.tables"
                            + " WHERE table_schema = $1", [.text(fixture.schema)]
                    ).map { try $0.text(0) }
                    #expect(tables.contains("interactions") && tables.contains("idempotency"))
                    for table in tables {
                        let traces = try await connection.query(
                            "SELECT count(*) FROM \(fixture.schema).\(table) t"
                                + " WHERE t::text LIKE '%special%'"
                        ).onlyRow().int(0)
                        #expect(traces == 0, "\(table)")
                    }
                }
            }
        }
    }
}
