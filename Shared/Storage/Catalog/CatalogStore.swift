public import Postgres

/// The catalog in PostgreSQL: items, users' sequences, releases, and one version over all.
///
/// Every method takes a deadline; nil is the pool's default. All throw `StorageError`, with code
/// `unavailable` while the database is away, `deadlineExceeded` and `cancelled`.
///
/// A write takes the lock of the one catalog version row first and holds it until it has committed,
/// without a round trip in between: versions follow the order of the commits, and a reading of
/// version v has every change up to v and none after it.
public final class CatalogStore: Sendable {
    /// The schema used unless another is named.
    public static let defaultSchema = "llara"

    let pool: ConnectionPool
    let schema: SchemaName
    let statements: CatalogStatements

    /// Makes a store over tables in `schema`.
    ///
    /// - Throws: `StorageError` of code `invalidArgument` unless the schema is 1 to 63 of a-z, 0-9
    ///   and `_`, not starting with a digit.
    public init(pool: ConnectionPool, schema: String = defaultSchema) throws(StorageError) {
        self.pool = pool
        self.schema = try SchemaName(schema)
        statements = CatalogStatements(schema: self.schema)
    }

    /// Brings the schema to this program's version over a direct connection.
    ///
    /// - Returns: the number of steps applied; 0 when it was up to date.
    /// - Throws: `StorageError` of code `failedPrecondition` when the schema is newer than this
    ///   program.
    @discardableResult
    public func migrate(deadline: ContinuousClock.Instant?) async throws(StorageError) -> Int {
        let migrator = Migrator(schema: schema, migrations: Migration.all)
        return try await mapErrors {
            try await PostgresConnection.withDirect(pool.configuration, deadline: deadline) {
                try await migrator.run(on: $0)
            }
        }
    }

    /// The version of the last committed change.
    public func catalogVersion(
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> UInt64 {
        let rows = try await query(statements.catalogVersion, [], deadline: deadline)
        return try read { () throws(PostgresError) in try rows.onlyRow().version(0) }
    }

    // MARK: For the extensions

    func query(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> PostgresRows {
        try await mapErrors {
            try await pool.withConnection(deadline: deadline) { connection in
                try await connection.query(sql, parameters)
            }
        }
    }

    func mapErrors<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await body()
        } catch let error as StorageError {
            throw error
        } catch let error as PostgresError {
            throw StorageError(error)
        } catch let error as CancellationError {
            throw StorageError(.cancelled, "the call was cancelled", cause: error)
        } catch {
            throw StorageError(.internalError, "a catalog call failed", cause: error)
        }
    }

    func read<Value>(
        _ body: () throws(PostgresError) -> Value
    ) throws(StorageError) -> Value {
        do {
            return try body()
        } catch {
            throw StorageError(error)
        }
    }
}

extension PostgresRow {
    /// A catalog version.
    func version(_ column: Int) throws(PostgresError) -> UInt64 {
        UInt64(clamping: try int(column))
    }
}
