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
    /// - Throws: `StorageError` of code `notFound` when no release has that name.
    public func activate(
        name: String, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) {
        try Check.id(name, "name")
        let rows = try await query(statements.activate, [.text(name)], deadline: deadline)
        guard rows.count == 1 else {
            throw StorageError(
                .notFound, "no release \(name) was published here: publish it first",
                details: [.init(field: "name", problem: "is no release", value: name)])
        }
    }

    /// Reads all releases, the newest first.
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
                        manifestJSON: try row.text(2), isActive: try row.bool(3),
                        publishedAtSeconds: try row.int(4)))
            }
            return releases
        }
    }
}
