import Postgres

extension CatalogStore {
    /// How one write names its elements in errors.
    struct WriteSubjects {
        /// Where an element's id is, such as `items[3].id`.
        var idField: (Int) -> String
        /// Where an element's expected version is.
        var versionField: (Int) -> String
        /// The elements' ids.
        var ids: [String]
    }

    /// Runs a statement of `WriteFrame` behind the lock, in one round trip.
    func write(
        _ sql: String, _ parameters: [PostgresValue], idempotencyKey: String,
        subjects: WriteSubjects, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.text(
            idempotencyKey, "idempotency_key", limit: CatalogLimits.maximumIdempotencyKeyBytes)
        let results = try await mapErrors {
            try await pool.withConnection(deadline: deadline) { connection in
                try await connection.pipeline([
                    PostgresStatement(statements.lock),
                    PostgresStatement(sql, parameters + [.text(idempotencyKey)]),
                ])
            }
        }
        guard let rows = results.last, results.count == 2 else {
            throw StorageError(.failedPrecondition, "the schema is not whole; is it migrated?")
        }
        return try answer(rows, of: subjects)
    }

    private func answer(
        _ rows: PostgresRows, of subjects: WriteSubjects
    ) throws(StorageError) -> WriteResult {
        var isSame: Bool?
        var refusals: [Refusal] = []
        let result = try read { () throws(PostgresError) -> WriteResult in
            let row = try rows.onlyRow()
            if try !row.isNull(2) { isSame = try row.bool(2) }
            refusals = try Self.refusals(row)
            return WriteResult(
                version: try row.version(0), changedCount: Int(try row.int(1)),
                isReplayed: isSame != nil)
        }
        if isSame == false {
            throw .invalid(
                "idempotency_key",
                "was used for another request within the last day: choose a new key for each")
        }
        if isSame == nil, !refusals.isEmpty { throw Self.error(refusals, of: subjects) }
        return result
    }

    private struct Refusal {
        let place: Int
        let reason: RefusalReason?
        let version: Int64
    }

    private static func refusals(_ row: PostgresRow) throws(PostgresError) -> [Refusal] {
        let (reasons, versions) = (try row.texts(4), try row.ints(5))
        return try row.ints(3).enumerated().map { index, place in
            Refusal(
                place: Int(place) - 1, reason: RefusalReason(rawValue: reasons[index]),
                version: versions[index])
        }
    }

    /// One error for the gravest reason: an item that is not there, an old version, a limit.
    private static func error(
        _ refusals: [Refusal], of subjects: WriteSubjects
    ) -> StorageError {
        func details(
            _ reason: RefusalReason, _ field: (Int) -> String, _ problem: (Refusal) -> String
        ) -> [StorageError.FieldDetail] {
            refusals.filter { $0.reason == reason }.map {
                .init(field: field($0.place), problem: problem($0), value: subjects.ids[$0.place])
            }
        }
        let unknown = details(.unknown, subjects.idField) { _ in "is no item of the catalog" }
        if !unknown.isEmpty {
            return StorageError(
                .notFound, "items are not in the catalog; nothing was stored: upsert them first",
                details: unknown)
        }
        let changed = details(.version, subjects.versionField) { refusal in
            refusal.version == 0
                ? "is not the item's: the item does not exist (version 0)"
                : "is not the item's: the stored version is \(refusal.version)"
        }
        if !changed.isEmpty {
            return StorageError(
                .conflict,
                "items have other versions than expected; nothing was stored: read them again",
                details: changed)
        }
        return StorageError(
            .invalidArgument,
            "items would have more than \(CatalogLimits.maximumAttributes) attributes; nothing"
                + " was stored",
            details: details(.attributes, subjects.idField) { _ in
                "would have more than \(CatalogLimits.maximumAttributes) attributes"
            })
    }
}
