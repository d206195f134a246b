public import Domain
import Postgres

extension CatalogStore {
    /// Adds interactions to a user's sequence, all or none.
    ///
    /// The sequence is ordered by time; an interaction without a time stands where it arrived. An
    /// interaction of the same user, item and known time is stored once, however often it is sent.
    ///
    /// - Parameters:
    ///   - items: 1 to 1,000.
    ///   - idempotencyKey: makes a repeated call harmless, also without times.
    /// - Returns: the version, and the number of interactions that were new.
    /// - Throws: `StorageError` of code `notFound` whose details name the unknown item ids;
    ///   `invalidArgument` naming the field.
    public func append(
        userID: String, items: [HistoryItem], idempotencyKey: String = "",
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.newID(userID, "user_id")
        try Check.batch(items.count, "items")
        for (index, item) in items.enumerated() { try Check.interaction(item, "items[\(index)]") }
        return try await write(
            statements.append,
            [
                .text(userID), .texts(items.map(\.itemID)), .ints(items.map(\.timeSeconds)),
                .floats(items.map(\.rating)),
            ], idempotencyKey: idempotencyKey,
            subjects: WriteSubjects(
                idField: { "items[\($0)].item_id" }, versionField: { "items[\($0)].item_id" },
                ids: items.map(\.itemID)), deadline: deadline)
    }

    /// Forgets a user: every interaction goes, and the items' counts go down.
    ///
    /// Nothing that names the user stays; of idempotency keys and their requests only hashes are
    /// kept, for a day.
    ///
    /// - Parameter idempotencyKey: makes a repeated call answer what the first one did.
    /// - Returns: the version, and the number of interactions that were removed.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func deleteUser(
        userID: String, idempotencyKey: String = "", deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.id(userID, "user_id")
        return try await write(
            statements.deleteUser, [.text(userID)], idempotencyKey: idempotencyKey,
            subjects: WriteSubjects(
                idField: { _ in "user_id" }, versionField: { _ in "user_id" }, ids: []),
            deadline: deadline)
    }

    /// Reads the newest interactions of a user with their titles, oldest first.
    ///
    /// - Parameters:
    ///   - count: 1 to 1,000.
    ///   - countingAll: whether `interactionCount` is wanted, which reads all of them; else it is
    ///     that of the entries.
    /// - Returns: the history; empty, with a count of 0, for an unknown user.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func history(
        userID: String, count: Int, countingAll: Bool = true,
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> UserHistory {
        try Check.id(userID, "user_id")
        try Check.count(count, "count", limit: CatalogLimits.maximumHistory)
        let rows = try await query(
            countingAll ? statements.history : statements.recentHistory,
            [.text(userID), .int(Int64(count))], deadline: deadline)
        return try read { () throws(PostgresError) in
            var history = UserHistory(entries: [], interactionCount: 0, catalogVersion: 0)
            history.entries.reserveCapacity(rows.count)
            var interactionCount: Int64?
            for (index, row) in rows.enumerated() {
                if index == 0 {
                    history.catalogVersion = try row.version(0)
                    interactionCount = try row.optionalInt(1)
                    history.activeRelease = try row.optionalText(2)
                }
                if try row.isNull(3) { continue }
                let interaction = HistoryItem(
                    itemID: try row.text(3), timeSeconds: try row.int(5),
                    rating: Float(try row.double(6)))
                history.entries.append(.init(interaction: interaction, title: try row.text(4)))
            }
            history.interactionCount = interactionCount.map(Int.init) ?? history.entries.count
            return history
        }
    }

    /// The statement of `history`, for measuring it beside other clients.
    package var historyStatement: String { statements.history }

    /// Reads the ids of all items that a user has interacted with.
    ///
    /// - Throws: `StorageError` of code `resourceExhausted` beyond 100,000 items;
    ///   `invalidArgument` naming the field.
    public func seenItemIDs(
        userID: String, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> SeenItems {
        try Check.id(userID, "user_id")
        let limit = CatalogLimits.maximumSeenItems
        let rows = try await query(
            statements.seen, [.text(userID), .int(Int64(limit + 1))], deadline: deadline)
        guard rows.count <= limit else {
            throw StorageError(.resourceExhausted, "the user has seen more than \(limit) items")
        }
        return try read { () throws(PostgresError) in
            var seen = SeenItems(ids: [], catalogVersion: 0)
            for row in rows {
                seen.catalogVersion = try row.version(0)
                if let id = try row.optionalText(1) { seen.ids.insert(id) }
            }
            return seen
        }
    }
}
