import Domain
import Postgres

/// Brings a schema to the version that this program knows.
struct Migrator: Sendable {
    let schema: SchemaName
    let migrations: [Migration]

    /// Applies the missing steps, each in a transaction of its own, under an advisory lock, so that
    /// several processes may start at once.
    ///
    /// - Returns: the number of steps applied.
    /// - Throws: `StorageError` of code `failedPrecondition` when the schema is newer than this
    ///   program or differs from it.
    func run(on connection: PostgresConnection) async throws -> Int {
        var lock = StableHash()
        lock.combine("llara migrations")
        lock.combine(schema.name)
        return try await connection.withAdvisoryLock(Int64(bitPattern: lock.value)) {
            try await apply(on: connection)
        }
    }

    private func apply(on connection: PostgresConnection) async throws -> Int {
        try await connection.script(
            schema.qualify(
                """
                SET client_min_messages = warning;
                CREATE SCHEMA IF NOT EXISTS "\(schema.name)";
                CREATE TABLE IF NOT EXISTS @.schema_migrations (
                    version bigint PRIMARY KEY,
                    name text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                );
                """))
        let rows = try await connection.query(
            schema.qualify("SELECT version, name FROM @.schema_migrations ORDER BY version"),
            isPrepared: false)
        let applied = try rows.map { (version: try $0.int(0), name: try $0.text(1)) }
        try check(applied)
        for migration in migrations.dropFirst(applied.count) {
            try await connection.withTransaction {
                try await connection.script(schema.qualify(migration.sql))
                try await connection.query(
                    schema.qualify("INSERT INTO @.schema_migrations VALUES ($1, $2)"),
                    [.int(Int64(migration.version)), .text(migration.name)], isPrepared: false)
            }
        }
        return migrations.count - applied.count
    }

    private func check(_ applied: [(version: Int64, name: String)]) throws(StorageError) {
        let newest = applied.last?.version ?? 0
        guard newest <= Int64(migrations.count) else {
            throw StorageError(
                .failedPrecondition,
                "schema \(schema.name) is at version \(newest), and this program knows"
                    + " \(migrations.count): use the newer program")
        }
        for (row, migration) in zip(applied, migrations)
        where row.version != Int64(migration.version) || row.name != migration.name {
            throw StorageError(
                .failedPrecondition,
                "step \(row.version) of schema \(schema.name) is not this program's: another"
                    + " program owns the schema, so choose another name")
        }
    }
}
