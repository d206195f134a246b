public import Domain
import Postgres

extension CatalogStore {
    /// Reads items and, in the same snapshot, the catalog version and the active release.
    ///
    /// - Parameter ids: 1,000 at most.
    /// - Returns: the items that exist, in the order of `ids`, servable or not.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func items(
        ids: [String], deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> CatalogItems {
        try check(ids)
        return try catalogItems(
            try await query(statements.items, [.texts(ids)], deadline: deadline))
    }

    /// Reads titles and, in the same snapshot, which of the items may be recommended.
    ///
    /// - Parameters:
    ///   - ids: 1,000 at most.
    ///   - userID: whose seen items are not allowed; nil allows them.
    ///   - filters: items that fail one are not allowed; 16 at most.
    /// - Returns: the items that exist, in the order of `ids`, allowed or not.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func candidates(
        ids: [String], notSeenBy userID: String? = nil, filters: [AttributeFilter] = [],
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> CandidateItems {
        try check(ids)
        if let userID { try Check.id(userID, "user_id") }
        try Check.filters(filters)
        let rows = try await query(
            statements.candidates,
            [.texts(ids), userID.map { .text($0) } ?? .null] + FilterParameters(filters).values,
            deadline: deadline)
        return try read { () throws(PostgresError) in
            var result = CandidateItems(items: [], catalogVersion: 0)
            result.items.reserveCapacity(rows.count)
            for (index, row) in rows.enumerated() {
                if index == 0 { result.catalogVersion = try row.version(0) }
                if try row.isNull(1) { continue }
                result.items.append(try CandidateItem(row: row, from: 1))
            }
            return result
        }
    }

    private func check(_ ids: [String]) throws(StorageError) {
        if !ids.isEmpty { try Check.batch(ids.count, "item_ids") }
        for (index, id) in ids.enumerated() { try Check.id(id, "item_ids[\(index)]") }
    }

    /// Reads a page of items, hidden and expired ones too, ordered by the bytes of their ids.
    ///
    /// - Parameters:
    ///   - titleContains: part of the title in any case; empty finds all.
    ///   - filters: all must hold; 16 at most.
    ///   - isHidden: only hidden or only active items; nil lists both.
    ///   - after: the page starts after this id; empty starts at the first.
    ///   - count: 1 to 1,000.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func list(
        titleContains: String = "", filters: [AttributeFilter] = [], isHidden: Bool? = nil,
        after: String = "", count: Int, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> CatalogItems {
        try Check.text(titleContains, "title_contains", limit: CatalogLimits.maximumTitleBytes)
        try Check.text(after, "after_item_id", limit: CatalogLimits.maximumIDBytes)
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        try Check.filters(filters)
        let rows = try await query(
            statements.list,
            [
                .text(titleContains), .text(after), .int(Int64(count)),
                isHidden.map { .bool($0) } ?? .null,
            ] + FilterParameters(filters).values, deadline: deadline)
        return try catalogItems(rows)
    }

    /// Reads the ids of the servable items that pass filters, as far as a limit goes.
    ///
    /// - Parameters:
    ///   - filters: all must hold; 1 to 16.
    ///   - limit: 1 to 10,000; with more items than that the answer is incomplete.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func matching(
        filters: [AttributeFilter], limit: Int, deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> MatchingItems {
        if filters.isEmpty { throw .invalid("filters", "is empty") }
        try Check.filters(filters)
        try Check.count(limit, "limit", limit: CatalogLimits.maximumMatching)
        let rows = try await query(
            statements.matching, [.int(Int64(limit + 1))] + FilterParameters(filters).values,
            deadline: deadline)
        return try read { () throws(PostgresError) in
            var result = MatchingItems(ids: [], isComplete: rows.count <= limit, catalogVersion: 0)
            for row in rows {
                result.catalogVersion = try row.version(0)
                if let id = try row.optionalText(1) { result.ids.append(id) }
            }
            result.ids = Array(result.ids.prefix(limit))
            return result
        }
    }

    /// Reads a page of servable items' ids, the ones first stored last come first.
    ///
    /// A later change does not move an item: pages fit together while others write.
    ///
    /// - Parameters:
    ///   - count: 1 to 1,000.
    ///   - after: `next` of the page before; nil starts at the newest.
    ///   - excluded: ids left out, 10,000 at most.
    ///   - userID: whose seen items are left out too; nil leaves none out.
    ///   - filters: all must hold; 16 at most.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func newest(
        count: Int, after: Int64? = nil, excluding excluded: [String] = [],
        notSeenBy userID: String? = nil, filters: [AttributeFilter] = [],
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> NewestItems {
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        try Check.exclusions(excluded)
        if let userID { try Check.id(userID, "user_id") }
        try Check.filters(filters)
        let rows = try await query(
            statements.newest,
            [
                .int(Int64(count)), .int(after ?? .max), .texts(excluded),
                userID.map { .text($0) } ?? .null,
            ] + FilterParameters(filters).values, deadline: deadline)
        return try read { () throws(PostgresError) in
            var page = NewestItems(ids: [], next: nil, catalogVersion: 0)
            for row in rows {
                page.catalogVersion = try row.version(0)
                if let id = try row.optionalText(1) { page.ids.append(id) }
            }
            if page.ids.count == count { page.next = try rows.last?.int(2) }
            return page
        }
    }

    /// Reads a page of the change log, the oldest first.
    ///
    /// - Parameters:
    ///   - version: the page starts after this catalog version.
    ///   - afterItemID: the page starts inside `version` after this item; empty starts behind it.
    ///   - count: 1 to 1,000.
    ///   - itemID: only changes of this item; empty lists those of all.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func changes(
        after version: UInt64, afterItemID: String = "", count: Int, itemID: String = "",
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> ItemChanges {
        try Check.text(afterItemID, "after_item_id", limit: CatalogLimits.maximumIDBytes)
        try Check.text(itemID, "item_id", limit: CatalogLimits.maximumIDBytes)
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        let rows = try await query(
            statements.changes,
            [
                .int(Int64(clamping: version)), .text(afterItemID), .int(Int64(count)),
                .text(itemID),
            ], deadline: deadline)
        return try read { () throws(PostgresError) in
            var result = ItemChanges(changes: [], catalogVersion: 0)
            for row in rows {
                result.catalogVersion = try row.version(0)
                if try row.isNull(1) { continue }
                result.changes.append(
                    ItemChange(
                        version: try row.version(1), itemID: try row.text(2),
                        action: try row.text(3), author: try row.text(4),
                        changedAtSeconds: try row.int(5)))
            }
            return result
        }
    }

    /// Rows of version, active release and item; one without an item for none.
    private func catalogItems(_ rows: PostgresRows) throws(StorageError) -> CatalogItems {
        var result = CatalogItems(items: [], catalogVersion: 0)
        for (index, row) in rows.enumerated() {
            let isPresent = try read { () throws(PostgresError) in
                if index == 0 {
                    result.catalogVersion = try row.version(0)
                    result.activeRelease = try row.optionalText(1)
                }
                return try !row.isNull(2)
            }
            guard isPresent else { continue }
            result.items.append(try StoredItem(row: row, from: 2))
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

extension CandidateItem {
    /// Reads id, title, year and whether it is allowed.
    init(row: PostgresRow, from first: Int) throws(PostgresError) {
        self.init(
            id: try row.text(first), title: try row.text(first + 1),
            year: try row.optionalText(first + 2), isAllowed: try row.bool(first + 3))
    }
}
