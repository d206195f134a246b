import Domain
import Glibc
import Logging
import Postgres
import Storage
import TestSupport

/// Runs `body` with a migrated store in a schema of its own.
@discardableResult
func withStore<Value: Sendable>(
    _ body: (CatalogStore) async throws -> Value
) async throws -> Value {
    try await PostgresFixture.withSchema("storage") { fixture in
        try await withPool(fixture) { pool in
            let store = try CatalogStore(pool: pool, schema: fixture.schema)
            try await store.migrate(deadline: nil)
            return try await body(store)
        }
    }
}

/// Runs `body` with a pool over the fixture's server, and closes the pool.
@discardableResult
func withPool<Value: Sendable>(
    _ fixture: PostgresFixture, _ body: (ConnectionPool) async throws -> Value
) async throws -> Value {
    var configuration = fixture.configuration
    // A machine that runs all tests at once may need long to make a connection.
    configuration.acquireTimeout = .seconds(30)
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

/// Items whose ids are the numbers, with titles such as "Title 1".
func drafts(_ range: ClosedRange<Int>) -> [ItemDraft] {
    range.map { ItemDraft(id: "\($0)", title: "Title \($0)") }
}

/// Unix time now.
var nowSeconds: Int64 { Int64(time(nil)) }

/// The error that `body` throws.
func storageError(_ body: () async throws -> Void) async -> StorageError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StorageError
    }
}

/// Runs `body` with a pool over the shared server.
func withAnyPool(_ body: (ConnectionPool) async throws -> Void) async throws {
    try await PostgresFixture.withSchema("any") { fixture in
        try await withPool(fixture) { try await body($0) }
    }
}
