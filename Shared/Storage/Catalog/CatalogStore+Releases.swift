import Postgres

extension CatalogStore {
    /// Bytes of a SHA-256.
    private static let hashBytes = 32

    /// Records a release; publishing the same one again changes nothing.
    ///
    /// - Parameters:
    ///   - name: 256 bytes at most.
    ///   - manifestSHA256: 32 bytes.
    ///   - manifestJSON: 1 MiB at most; kept letter by letter.
    /// - Throws: `StorageError` of code `alreadyExists` when the name belongs to another manifest.
    public func publish(
        name: String, manifestSHA256: [UInt8], manifestJSON: String,
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) {
        try Check.id(name, "name")
        if manifestSHA256.count != Self.hashBytes {
            throw .invalid("manifest_sha256", "has \(manifestSHA256.count) bytes instead of 32")
        }
        try Check.text(manifestJSON, "manifest", limit: CatalogLimits.maximumManifestBytes)
        let rows = try await query(
            statements.publish, [.text(name), .bytes(manifestSHA256), .text(manifestJSON)],
            deadline: deadline)
        let stored = try read { () throws(PostgresError) in try rows.onlyRow().bytes(0) }
        guard stored == manifestSHA256 else {
            throw StorageError(
                .alreadyExists,
                "release \(name) was published with another manifest: choose a new name",
                details: [.init(field: "name", problem: "is taken", value: name)])
        }
    }

    /// Makes a published release the one that requests use by default.
    ///
    /// - Parameters:
    ///   - author: who changes; kept in the history of activations.
    ///   - onlyIfNone: changes nothing where any release was ever activated.
    /// - Returns: the release in force now, and the one before; activating the same again changes
    ///   nothing.
    /// - Throws: `StorageError` of code `notFound` when no release has that name.
    @discardableResult
    public func activate(
        name: String, author: String, onlyIfNone: Bool = false,
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> ReleaseChange {
        try Check.id(name, "name")
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        let change = try await changeRelease(
            statements.activate, [.text(name), .text(author), .bool(onlyIfNone)],
            deadline: deadline)
        guard let change else {
            throw StorageError(
                .notFound, "no release \(name) was published here: publish it first",
                details: [.init(field: "name", problem: "is no release", value: name)])
        }
        return change
    }

    /// Goes back to the release that was in force before the active one was activated.
    ///
    /// A second rollback goes one release further back.
    ///
    /// - Parameter author: who changes; kept in the history of activations.
    /// - Throws: `StorageError` of code `failedPrecondition` when no other release was active
    ///   before.
    @discardableResult
    public func rollback(
        author: String, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> ReleaseChange {
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        let change = try await changeRelease(
            statements.rollback, [.text(author)], deadline: deadline)
        guard let change else {
            throw StorageError(
                .failedPrecondition,
                "no release was active before this one: activate the one you want by its name")
        }
        return change
    }

    /// The name of the release that requests use by default; nil when none was activated.
    public func activeRelease(
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> String? {
        let rows = try await query(statements.activeRelease, [], deadline: deadline)
        return try read { () throws(PostgresError) in try rows.onlyRow().optionalText(0) }
    }

    /// Reads the history of activations, the newest first.
    ///
    /// - Parameter count: 1 to 1,000.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func activations(
        count: Int, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> [Activation] {
        try Check.count(count, "count", limit: CatalogLimits.maximumActivations)
        let rows = try await query(
            statements.activations, [.int(Int64(count))], deadline: deadline)
        return try read { () throws(PostgresError) in
            var activations: [Activation] = []
            for row in rows {
                activations.append(
                    Activation(
                        name: try row.text(0), isRollback: try row.bool(1),
                        author: try row.text(2), activatedAtSeconds: try row.int(3)))
            }
            return activations
        }
    }

    /// Runs a change of the active release behind the writes' lock; nil when it has no answer.
    private func changeRelease(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> ReleaseChange? {
        let results = try await mapErrors {
            try await pool.withConnection(deadline: deadline) { connection in
                try await connection.pipeline([
                    PostgresStatement(statements.lock), PostgresStatement(sql, parameters),
                ])
            }
        }
        return try read { () throws(PostgresError) in
            guard let row = results.last?.first else { return nil }
            return ReleaseChange(active: try row.text(0), previous: try row.optionalText(1))
        }
    }

    /// Reads the releases, the newest first, 1,000 at most.
    public func releases(
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> [StoredRelease] {
        let rows = try await query(statements.releases, [], deadline: deadline)
        return try read { () throws(PostgresError) in
            var releases: [StoredRelease] = []
            for row in rows {
                releases.append(
                    StoredRelease(
                        name: try row.text(0), manifestSHA256: try row.bytes(1),
                        isActive: try row.bool(2), publishedAtSeconds: try row.int(3)))
            }
            return releases
        }
    }
}
