import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite("migrations", .timeLimit(.minutes(2)))
struct MigratorTests {
    @Test("every step is applied once, also when several processes start at once")
    func concurrentStarts() async throws {
        try await PostgresFixture.withSchema("migrations") { fixture in
            try await withPool(fixture) { pool in
                let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 1...4 {
                        group.addTask {
                            let store = try CatalogStore(pool: pool, schema: fixture.schema)
                            return try await store.migrate(deadline: nil)
                        }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(applied == Migration.all.count)
            }
        }
    }

    @Test("a schema newer than the program is refused with a clear error")
    func newerSchema() async throws {
        try await PostgresFixture.withSchema("migrations") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                try await store.migrate(deadline: nil)
                try await pool.withConnection(deadline: nil) { connection in
                    try await connection.query(
                        "INSERT INTO \(fixture.schema).schema_migrations VALUES (999, 'later')")
                }
                let error = await storageError { try await store.migrate(deadline: nil) }
                #expect(error?.code == .failedPrecondition)
                #expect(error?.message.contains("use the newer program") == true)
            }
        }
    }

    @Test("a schema of another program is refused")
    func foreignSchema() async throws {
        try await PostgresFixture.withSchema("migrations") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                try await store.migrate(deadline: nil)
                try await pool.withConnection(deadline: nil) { connection in
                    try await connection.query(
                        "UPDATE \(fixture.schema).schema_migrations SET name = 'other'")
                }
                let error = await storageError { try await store.migrate(deadline: nil) }
                #expect(error?.code == .failedPrecondition)
            }
        }
    }

    @Test("a step that fails leaves nothing behind, and the steps before it stand")
    func failingStep() async throws {
        try await PostgresFixture.withSchema("migrations") { fixture in
            let schema = try SchemaName(fixture.schema)
            let good = Migration(version: 1, name: "good", sql: "CREATE TABLE @.good (a int)")
            let bad = Migration(
                version: 2, name: "bad", sql: "CREATE TABLE @.bad (a int); SELECT 1/0")
            let repaired = Migration(version: 2, name: "bad", sql: "CREATE TABLE @.bad (a int)")
            let applied = try await PostgresConnection.withDirect(
                fixture.configuration, deadline: nil
            ) { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await Migrator(schema: schema, migrations: [good, bad]).run(on: connection)
                }
                #expect(error?.code.sqlState == "22012")
                return try await Migrator(schema: schema, migrations: [good, repaired])
                    .run(on: connection)
            }
            #expect(applied == 1)
        }
    }

    @Test("the steps are numbered without a gap")
    func numbering() {
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
    }

    @Test("a catalog call before the migration says what is missing")
    func notMigrated() async throws {
        try await PostgresFixture.withSchema("migrations") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                let error = await storageError { _ = try await store.catalogVersion(deadline: nil) }
                #expect(error?.code == .failedPrecondition)
                #expect(error?.message.contains("migrated") == true)
            }
        }
    }
}
