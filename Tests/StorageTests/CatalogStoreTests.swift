import Domain
import Logging
import Postgres
import Storage
import TestSupport
import Testing

@Suite("the catalog keeps items and sequences", .timeLimit(.minutes(2)))
struct CatalogStoreTests {
    @Test("an item reads as it was written")
    func smoke() async throws {
        try await withStore { store in
            let item = ItemDraft(
                id: "1", title: "Toy Story", attributes: [.init(key: "year", value: "1995")])
            let write = try await store.upsert(items: [item], author: "test", deadline: nil)
            #expect(write.changedCount == 1)
            let read = try await store.items(ids: ["2", "1"], deadline: nil)
            #expect(read.items.map(\.title) == ["Toy Story"])
            #expect(read.catalogVersion == write.version)
            let appended = try await store.append(
                userID: "u", items: [HistoryItem(itemID: "1", timeSeconds: 5, rating: 4)],
                deadline: nil)
            #expect(appended.version == write.version + 1)
            let history = try await store.history(userID: "u", count: 10, deadline: nil)
            #expect(history.entries.map(\.title) == ["Toy Story"])
            #expect(history.interactionCount == 1)
        }
    }
}

/// Runs `body` with a migrated store in a schema of its own.
func withStore<Value: Sendable>(
    _ body: (CatalogStore) async throws -> Value
) async throws -> Value {
    try await PostgresFixture.withSchema("storage") { fixture in
        let pool = try ConnectionPool(
            configuration: fixture.configuration, logger: Logger(label: "test"))
        do {
            let store = try CatalogStore(pool: pool, schema: fixture.schema)
            try await store.migrate(deadline: nil)
            let value = try await body(store)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}
