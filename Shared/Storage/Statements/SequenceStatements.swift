extension CatalogStatements {
    /// Counts what `stored` has put in.
    static let countStored = """
        counted AS (
            INSERT INTO @.item_counts AS c (item_key, interactions)
            SELECT item_key, count(*) FROM stored GROUP BY item_key
            ON CONFLICT (item_key) DO UPDATE SET
                interactions = c.interactions + EXCLUDED.interactions)
        """

    /// $1 user, $2 item ids, $3 times, $4 ratings, $5 idempotency key.
    static let append = WriteFrame.statement(
        action: "append", request: "$1, $2, $3, $4", key: "$5",
        refusal: """
            wanted AS MATERIALIZED (
                SELECT n.*, i.key
                FROM unnest($2::text[], $3::bigint[], $4::real[])
                    WITH ORDINALITY AS n (id, occurred_at, rating, place)
                LEFT JOIN @.items i ON i.id = n.id AND NOT i.is_deleted),
            refused AS MATERIALIZED (
                SELECT w.place, 'unknown' AS reason, 0::bigint AS version
                FROM wanted w WHERE w.key IS NULL)
            """,
        writes: """
            changed AS MATERIALIZED (
                SELECT w.* FROM wanted w
                WHERE \(WriteFrame.mayWrite) AND NOT EXISTS (
                    SELECT FROM @.interactions s
                    WHERE s.user_id = $1::text AND s.item_key = w.key
                        AND s.occurred_at = w.occurred_at AND s.occurred_at > 0)),
            \(WriteFrame.nextVersion(ifAnyOf: "changed")),
            stored AS (
                INSERT INTO @.interactions
                    (user_id, ordered_at, item_key, occurred_at, version, rating)
                SELECT $1::text,
                    CASE WHEN w.occurred_at > 0 THEN w.occurred_at
                        ELSE extract(epoch FROM clock_timestamp())::bigint END,
                    w.key, w.occurred_at, v.version, w.rating
                FROM v CROSS JOIN changed w ORDER BY w.place
                ON CONFLICT (user_id, item_key, occurred_at) WHERE occurred_at > 0 DO NOTHING
                RETURNING item_key),
            written AS (SELECT FROM stored),
            \(countStored)
            """)

    /// $1 user, $2 idempotency key.
    static let deleteUser = WriteFrame.statement(
        action: "delete user", request: "$1", key: "$2",
        refusal: """
            refused AS MATERIALIZED (
                SELECT 0::bigint AS place, '' AS reason, 0::bigint AS version WHERE false)
            """,
        writes: """
            changed AS MATERIALIZED (
                SELECT FROM @.interactions WHERE user_id = $1::text AND \(WriteFrame.mayWrite)
                LIMIT 1),
            \(WriteFrame.nextVersion(ifAnyOf: "changed")),
            written AS (
                DELETE FROM @.interactions USING v WHERE user_id = $1::text RETURNING item_key),
            counted AS (
                UPDATE @.item_counts c SET interactions = c.interactions - w.interactions
                FROM (SELECT item_key, count(*) AS interactions FROM written GROUP BY item_key) w
                WHERE c.item_key = w.item_key)
            """)

    /// All interactions of user $1.
    static let interactionCount = "(SELECT count(*) FROM @.interactions c WHERE c.user_id = $1)"

    /// $1 user, $2 count of the entries.
    static func history(count: String) -> String {
        """
        SELECT v.version, \(count), \(activeReference),
            h.id, h.title, h.occurred_at, h.rating
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id, i.title, n.occurred_at, n.rating, n.ordered_at, n.sequence
            FROM (SELECT * FROM @.interactions WHERE user_id = $1
                ORDER BY ordered_at DESC, sequence DESC LIMIT $2) n
            JOIN @.items i ON i.key = n.item_key) h ON true
        ORDER BY h.ordered_at, h.sequence
        """
    }

    /// $1 user, $2 limit.
    static let seen = """
        SELECT v.version, s.id
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id FROM @.items i
            WHERE NOT i.is_deleted
                AND i.key IN (SELECT n.item_key FROM @.interactions n WHERE n.user_id = $1)
            LIMIT $2) s ON true
        """
}
