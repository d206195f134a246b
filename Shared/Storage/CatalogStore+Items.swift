import Postgres

extension CatalogStore {
    /// Writes items, new or changed; a deleted id comes back to life.
    ///
    /// - Parameters:
    ///   - items: 1 to 1,000, each id once.
    ///   - author: who changes; kept in the change log.
    /// - Returns: the version, and the number of items that really changed.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func upsert(
        items: [ItemDraft], author: String, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.batch(items.count, "items")
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        for (index, item) in items.enumerated() { try Check.item(item, "items[\(index)]") }
        try Check.unique(items.map(\.id), "items")
        var attributes: [String] = []
        for item in items { attributes.append(try AttributesJSON.encode(item.attributes)) }
        return try await write(
            statements.upsert,
            [
                .texts(items.map(\.id)), .texts(items.map(\.title)), .texts(attributes),
                .bools(items.map(\.isHidden)), .ints(items.map(\.expiresAtSeconds)), .text(author),
            ], deadline: deadline)
    }

    /// Deletes items; unknown ids change nothing.
    ///
    /// - Parameters:
    ///   - itemIDs: 1 to 1,000.
    ///   - author: who deletes; kept in the change log.
    /// - Returns: the version, and the number of items that were there.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func delete(
        itemIDs: [String], author: String, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.batch(itemIDs.count, "item_ids")
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        for (index, id) in itemIDs.enumerated() { try Check.id(id, "item_ids[\(index)]") }
        return try await write(
            statements.delete, [.texts(itemIDs), .text(author)], deadline: deadline)
    }

    /// Reads items and, in the same snapshot, the catalog version and what a user has seen of them.
    ///
    /// - Parameters:
    ///   - ids: 1,000 at most.
    ///   - userID: whose seen items are marked; nil marks none.
    /// - Returns: the items that exist, in the order of `ids`, servable or not.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func items(
        ids: [String], seenBy userID: String? = nil, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> CatalogItems {
        if !ids.isEmpty { try Check.batch(ids.count, "item_ids") }
        for (index, id) in ids.enumerated() { try Check.id(id, "item_ids[\(index)]") }
        if let userID { try Check.id(userID, "user_id") }
        let rows = try await query(
            statements.items, [.texts(ids), userID.map { .text($0) } ?? .null], deadline: deadline)
        return try catalogItems(rows)
    }

    /// Reads a page of items, hidden and expired ones too, ordered by the bytes of their ids.
    ///
    /// - Parameters:
    ///   - titleContains: part of the title in any case; empty finds all.
    ///   - after: the page starts after this id; empty starts at the first.
    ///   - count: 1 to 1,000.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func list(
        titleContains: String = "", after: String = "", count: Int,
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> CatalogItems {
        try Check.text(titleContains, "title_contains", limit: CatalogLimits.maximumTitleBytes)
        try Check.text(after, "after_item_id", limit: CatalogLimits.maximumIDBytes)
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        let rows = try await query(
            statements.list, [.text(titleContains), .text(after), .int(Int64(count))],
            deadline: deadline)
        return try catalogItems(rows)
    }

    /// Reads the servable items with the most interactions; ties by id.
    ///
    /// - Parameters:
    ///   - count: 1 to 1,000.
    ///   - among: only these, also the ones without interactions, 1,000 at most; empty takes all
    ///     that have interactions.
    ///   - excluded: ids left out, 10,000 at most.
    ///   - userID: whose seen items are left out too; nil leaves none out.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func popular(
        count: Int, among: [String] = [], excluding excluded: [String] = [],
        notSeenBy userID: String? = nil, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> PopularItems {
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        if !among.isEmpty { try Check.batch(among.count, "candidate_item_ids") }
        for (index, id) in among.enumerated() { try Check.id(id, "candidate_item_ids[\(index)]") }
        if excluded.count > CatalogLimits.maximumExclusions {
            throw .invalid(
                "excluded_item_ids",
                "has \(excluded.count) elements; the limit is \(CatalogLimits.maximumExclusions)")
        }
        for (index, id) in excluded.enumerated() {
            try Check.id(id, "excluded_item_ids[\(index)]")
        }
        if let userID { try Check.id(userID, "user_id") }
        let rows = try await query(
            among.isEmpty ? statements.popular : statements.popularAmong,
            [.int(Int64(count)), .texts(excluded), userID.map { .text($0) } ?? .null]
                + (among.isEmpty ? [] : [.texts(among)]), deadline: deadline)
        var result = PopularItems(entries: [], catalogVersion: 0)
        for row in rows {
            let (version, isPresent) = try read { () throws(PostgresError) in
                (try row.version(0), try !row.isNull(1))
            }
            result.catalogVersion = version
            guard isPresent else { continue }
            let count = try read { () throws(PostgresError) in try row.int(8) }
            result.entries.append(
                .init(item: try StoredItem(row: row, from: 1), interactionCount: Int(count)))
        }
        return result
    }

    /// Runs a write that answers with the version and a count.
    func write(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        let rows = try await query(sql, parameters, deadline: deadline)
        return try read { () throws(PostgresError) in
            let row = try rows.onlyRow()
            return WriteResult(version: try row.version(0), changedCount: Int(try row.int(1)))
        }
    }

    /// Rows of version, item and seen flag; one row without an item when there is none.
    private func catalogItems(_ rows: PostgresRows) throws(StorageError) -> CatalogItems {
        var result = CatalogItems(items: [], catalogVersion: 0)
        for row in rows {
            let (version, isPresent) = try read { () throws(PostgresError) in
                (try row.version(0), try !row.isNull(1))
            }
            result.catalogVersion = version
            guard isPresent else { continue }
            let item = try StoredItem(row: row, from: 1)
            let isSeen = try read { () throws(PostgresError) in try row.bool(8) }
            if isSeen { result.seenIDs.insert(item.id) }
            result.items.append(item)
        }
        return result
    }
}

extension StoredItem {
    /// Reads the columns of `CatalogStatements.itemColumns`.
    init(row: PostgresRow, from first: Int) throws(StorageError) {
        let json: String
        do throws(PostgresError) {
            json = try row.text(first + 2)
            self.init(
                id: try row.text(first), title: try row.text(first + 1),
                isHidden: try row.bool(first + 3), expiresAtSeconds: try row.int(first + 4),
                version: try row.version(first + 5), isServable: try row.bool(first + 6))
        } catch {
            throw StorageError(error)
        }
        attributes = try AttributesJSON.decode(json)
    }
}
