public import Domain
import Postgres

extension CatalogStore {
    /// Reads the servable items with the most interactions; ties by id.
    ///
    /// - Parameters:
    ///   - count: 1 to 1,000.
    ///   - among: only these, also the ones without interactions, 1,000 at most; empty takes all
    ///     that have interactions.
    ///   - excluded: ids left out, 10,000 at most.
    ///   - userID: whose seen items are left out too; nil leaves none out.
    ///   - filters: all must hold; 16 at most.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field.
    public func popular(
        count: Int, among: [String] = [], excluding excluded: [String] = [],
        notSeenBy userID: String? = nil, filters: [AttributeFilter] = [],
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> PopularItems {
        try Check.count(count, "count", limit: CatalogLimits.maximumPage)
        if !among.isEmpty { try Check.batch(among.count, "candidate_item_ids") }
        for (index, id) in among.enumerated() { try Check.id(id, "candidate_item_ids[\(index)]") }
        try Check.exclusions(excluded)
        try Check.filters(filters)
        if let userID { try Check.id(userID, "user_id") }
        let rows = try await query(
            among.isEmpty ? statements.popular : statements.popularAmong,
            [.int(Int64(count)), .texts(excluded), userID.map { .text($0) } ?? .null]
                + FilterParameters(filters).values + (among.isEmpty ? [] : [.texts(among)]),
            deadline: deadline)
        return try read { () throws(PostgresError) in
            var result = PopularItems(entries: [], catalogVersion: 0)
            for row in rows {
                result.catalogVersion = try row.version(0)
                if try row.isNull(1) { continue }
                result.entries.append(
                    .init(
                        item: try CandidateItem(row: row, from: 1),
                        interactionCount: Int(try row.int(5))))
            }
            return result
        }
    }
}
