extension CatalogStatements {
    /// The table that COPY fills; gone with the transaction.
    static let createImportedItems = """
        CREATE TEMPORARY TABLE imported_items (
            place bigint, id text COLLATE "C", title text, attributes text, is_hidden boolean,
            expires_at bigint) ON COMMIT DROP
        """

    /// $1 author.
    ///
    /// Of rows with one id the last counts.
    static let importItems = """
        WITH changed AS MATERIALIZED (
            SELECT n.* FROM (
                SELECT DISTINCT ON (id) id, title, attributes::jsonb AS attributes, is_hidden,
                    expires_at
                FROM pg_temp.imported_items ORDER BY id, place DESC) n
            LEFT JOIN @.items i ON i.id = n.id
            WHERE \(differs)),
        \(WriteFrame.nextVersion(ifAnyOf: "changed")),
        \(writeItems(from: "changed", action: "import", author: "$1"))
        SELECT coalesce((SELECT version FROM v), (SELECT version FROM @.catalog_version)),
            (SELECT count(*) FROM written)
        """

    /// The table that COPY fills; gone with the transaction.
    static let createImportedInteractions = """
        CREATE TEMPORARY TABLE imported_interactions (
            place bigint, user_id text COLLATE "C", item_id text COLLATE "C", occurred_at bigint,
            rating real) ON COMMIT DROP
        """

    /// $1 limit.
    ///
    /// The places of items that the catalog does not have.
    static let unknownImportedItems = """
        SELECT n.item_id, n.place FROM pg_temp.imported_interactions n
        WHERE NOT EXISTS (SELECT FROM @.items i WHERE i.id = n.item_id AND NOT i.is_deleted)
        ORDER BY n.place LIMIT $1
        """

    /// Stores the rows whose item is known.
    ///
    /// Sorted as the table's indexes are, so that neighbours go to the same pages. The version is
    /// the next one, which is only taken if a row was new; the lock keeps it ours.
    static let importInteractions = """
        WITH stored AS (
            INSERT INTO @.interactions
                (user_id, ordered_at, item_key, occurred_at, version, rating)
            SELECT n.user_id, n.occurred_at, i.key, n.occurred_at, c.version + 1, n.rating
            FROM @.catalog_version c CROSS JOIN pg_temp.imported_interactions n
                JOIN @.items i ON i.id = n.item_id AND NOT i.is_deleted
            ORDER BY n.user_id, n.occurred_at, n.place
            ON CONFLICT (user_id, item_key, occurred_at) WHERE occurred_at > 0 DO NOTHING
            RETURNING item_key),
        \(WriteFrame.nextVersion(ifAnyOf: "stored")),
        \(countStored)
        SELECT coalesce((SELECT version FROM v), (SELECT version FROM @.catalog_version)),
            (SELECT count(*) FROM stored)
        """
}
