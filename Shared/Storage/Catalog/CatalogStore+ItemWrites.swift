import Postgres

// Every write answers with the version after it. A write that changes nothing leaves the version as
// it is. An idempotency key, 256 bytes at most, is remembered for 24 hours: the same request with it
// answers what the first one answered and writes nothing. Empty is no key.
extension CatalogStore {
    /// Writes items, new or changed; a deleted id comes back to life.
    ///
    /// - Parameters:
    ///   - items: 1 to 1,000, each id once.
    ///   - author: who changes; kept in the change log.
    ///   - ifVersion: write only if every draft's `version` is the stored one.
    ///   - idempotencyKey: makes a repeated call harmless.
    /// - Returns: the version, and the number of items that really changed.
    /// - Throws: `StorageError` of code `invalidArgument` naming the field; `conflict` naming the
    ///   drafts whose version is not the stored one, with the stored one.
    public func upsert(
        items: [ItemDraft], author: String, ifVersion: Bool = false, idempotencyKey: String = "",
        deadline: ContinuousClock.Instant?
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
                .bools(items.map(\.isHidden)), .ints(items.map(\.expiresAtSeconds)),
                .ints(items.map { Int64(clamping: $0.version) }), .text(author), .bool(ifVersion),
            ], idempotencyKey: idempotencyKey,
            subjects: WriteSubjects(
                idField: { "items[\($0)].id" }, versionField: { "items[\($0)].version" },
                ids: items.map(\.id)), deadline: deadline)
    }

    /// Changes parts of items, of all or of none.
    ///
    /// - Parameters:
    ///   - patches: 1 to 1,000, each id once.
    ///   - author: who changes; kept in the change log.
    ///   - ifVersion: write only if every patch's `version` is the stored one.
    ///   - idempotencyKey: makes a repeated call harmless.
    /// - Returns: the version, and the number of items that really changed.
    /// - Throws: `StorageError` of code `notFound` naming unknown items; `conflict` naming the
    ///   patches whose version is not the stored one; `invalidArgument` naming the field.
    public func patch(
        _ patches: [ItemPatch], author: String, ifVersion: Bool = false,
        idempotencyKey: String = "", deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.batch(patches.count, "patches")
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        for (index, patch) in patches.enumerated() { try Check.patch(patch, "patches[\(index)]") }
        try Check.unique(patches.map(\.id), "patches")
        var (added, removed): ([String], [String]) = ([], [])
        for patch in patches {
            added.append(try AttributesJSON.encode(patch.setAttributes))
            removed.append(try AttributesJSON.encode(keys: patch.removedAttributeKeys))
        }
        return try await write(
            statements.patch,
            [
                .texts(patches.map(\.id)), .texts(patches.map { $0.title ?? "" }), .texts(added),
                .texts(removed), .ints(patches.map { $0.isHidden.map { $0 ? 2 : 1 } ?? 0 }),
                .ints(patches.map { $0.expiresAtSeconds ?? -1 }),
                .ints(patches.map { Int64(clamping: $0.version) }), .text(author),
                .bool(ifVersion),
            ], idempotencyKey: idempotencyKey,
            subjects: WriteSubjects(
                idField: { "patches[\($0)].id" }, versionField: { "patches[\($0)].version" },
                ids: patches.map(\.id)), deadline: deadline)
    }

    /// Deletes items; unknown ids change nothing.
    ///
    /// - Parameters:
    ///   - itemIDs: 1 to 1,000.
    ///   - author: who deletes; kept in the change log.
    ///   - ifVersions: delete only if these are the stored versions; one for each id, or none.
    ///   - idempotencyKey: makes a repeated call harmless.
    /// - Returns: the version, and the number of items that were there.
    /// - Throws: `StorageError` of code `conflict` naming the versions that are not the stored
    ///   ones; `invalidArgument` naming the field.
    public func delete(
        itemIDs: [String], author: String, ifVersions: [UInt64] = [], idempotencyKey: String = "",
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> WriteResult {
        try Check.batch(itemIDs.count, "item_ids")
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        for (index, id) in itemIDs.enumerated() { try Check.id(id, "item_ids[\(index)]") }
        guard ifVersions.isEmpty || ifVersions.count == itemIDs.count else {
            throw .invalid(
                "if_versions",
                "has \(ifVersions.count) elements; give one for each of \(itemIDs.count) ids, or"
                    + " none")
        }
        return try await write(
            statements.delete,
            [.texts(itemIDs), .ints(ifVersions.map { Int64(clamping: $0) }), .text(author)],
            idempotencyKey: idempotencyKey,
            subjects: WriteSubjects(
                idField: { "item_ids[\($0)]" }, versionField: { "if_versions[\($0)]" },
                ids: itemIDs), deadline: deadline)
    }
}
