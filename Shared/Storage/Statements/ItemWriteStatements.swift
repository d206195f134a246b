extension CatalogStatements {
    /// Writes drafts `n` as items under version `v`, and logs them.
    static func writeItems(from source: String, action: String, author: String) -> String {
        """
        written AS (
            INSERT INTO @.items AS i (id, title, attributes, is_hidden, expires_at, version)
            SELECT n.id, n.title, n.attributes, n.is_hidden, n.expires_at, v.version
            FROM v CROSS JOIN \(source) n
            ON CONFLICT (id) DO UPDATE SET
                title = EXCLUDED.title, attributes = EXCLUDED.attributes,
                is_hidden = EXCLUDED.is_hidden, expires_at = EXCLUDED.expires_at,
                is_deleted = false, version = EXCLUDED.version
            RETURNING i.key),
        counted AS (
            INSERT INTO @.item_counts (item_key, interactions) SELECT key, 0 FROM written
            ON CONFLICT (item_key) DO NOTHING),
        \(logged(action: action, author: author))
        """
    }

    /// Whether draft `n` differs from the stored item `i`, which may be none.
    static let differs = """
        (i.title, i.attributes, i.is_hidden, i.expires_at, i.is_deleted)
            IS DISTINCT FROM (n.title, n.attributes, n.is_hidden, n.expires_at, false)
        """

    private static func logged(action: String, author: String) -> String {
        """
        logged AS (
            INSERT INTO @.changes (version, item_key, action, author)
            SELECT v.version, written.key, '\(action)', \(author)::text
            FROM written CROSS JOIN v)
        """
    }

    /// $1 ids, $2 titles, $3 attributes as JSON, $4 hidden, $5 expiry, $6 expected versions,
    /// $7 author, $8 whether the versions count, $9 idempotency key.
    static let upsert = WriteFrame.statement(
        action: "upsert", request: "$1, $2, $3, $4, $5, $6, $7, $8", key: "$9",
        refusal: """
            drafts AS MATERIALIZED (
                SELECT n.id, n.title, n.attributes::jsonb AS attributes, n.is_hidden,
                    n.expires_at, n.expected, n.place
                FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[],
                        $6::bigint[]) WITH ORDINALITY
                    AS n (id, title, attributes, is_hidden, expires_at, expected, place)),
            refused AS MATERIALIZED (
                SELECT n.place, 'version' AS reason, coalesce(i.version, 0) AS version
                FROM drafts n LEFT JOIN @.items i ON i.id = n.id AND NOT i.is_deleted
                WHERE $8::boolean AND n.expected <> coalesce(i.version, 0))
            """,
        writes: """
            changed AS MATERIALIZED (
                SELECT n.* FROM drafts n LEFT JOIN @.items i ON i.id = n.id
                WHERE \(WriteFrame.mayWrite) AND \(differs)),
            \(WriteFrame.nextVersion(ifAnyOf: "changed")),
            \(writeItems(from: "changed", action: "upsert", author: "$7"))
            """)

    /// $1 ids, $2 titles or '', $3 attributes to set as JSON, $4 keys to remove as a JSON array,
    /// $5 states (0 as it is, 1 active, 2 hidden), $6 expiry or -1, $7 expected versions,
    /// $8 author, $9 whether the versions count, $10 idempotency key.
    static let patch = WriteFrame.statement(
        action: "patch", request: "$1, $2, $3, $4, $5, $6, $7, $8, $9", key: "$10",
        refusal: """
            patched AS MATERIALIZED (
                SELECT p.place, p.expected, i.key, i.version,
                    CASE p.title WHEN '' THEN i.title ELSE p.title END AS title,
                    (i.attributes - ARRAY(SELECT jsonb_array_elements_text(p.removed::jsonb)))
                        || p.added::jsonb AS attributes,
                    CASE p.state WHEN 0 THEN i.is_hidden ELSE p.state = 2 END AS is_hidden,
                    CASE WHEN p.expires_at < 0 THEN i.expires_at ELSE p.expires_at END
                        AS expires_at
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
                        $6::bigint[], $7::bigint[]) WITH ORDINALITY
                    AS p (id, title, added, removed, state, expires_at, expected, place)
                LEFT JOIN @.items i ON i.id = p.id AND NOT i.is_deleted),
            refused AS MATERIALIZED (
                SELECT r.place, r.reason, coalesce(r.version, 0) AS version
                FROM (SELECT p.place, p.version,
                    CASE WHEN p.key IS NULL THEN 'unknown'
                        WHEN $9::boolean AND p.expected <> p.version THEN 'version'
                        WHEN (SELECT count(*) FROM jsonb_object_keys(p.attributes))
                            > \(CatalogLimits.maximumAttributes) THEN 'attributes' END AS reason
                    FROM patched p) r
                WHERE r.reason IS NOT NULL)
            """,
        writes: """
            changed AS MATERIALIZED (
                SELECT n.* FROM patched n JOIN @.items i ON i.key = n.key
                WHERE \(WriteFrame.mayWrite) AND \(differs)),
            \(WriteFrame.nextVersion(ifAnyOf: "changed")),
            written AS (
                UPDATE @.items i SET title = n.title, attributes = n.attributes,
                    is_hidden = n.is_hidden, expires_at = n.expires_at, version = v.version
                FROM v CROSS JOIN changed n WHERE i.key = n.key RETURNING i.key),
            \(logged(action: "patch", author: "$8"))
            """)

    /// $1 ids, $2 expected versions or none, $3 author, $4 idempotency key.
    static let delete = WriteFrame.statement(
        action: "delete", request: "$1, $2, $3", key: "$4",
        refusal: """
            wanted AS MATERIALIZED (
                SELECT w.place, w.expected, i.key, i.version
                FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (id, expected, place)
                LEFT JOIN @.items i ON i.id = w.id AND NOT i.is_deleted),
            refused AS MATERIALIZED (
                SELECT w.place, 'version' AS reason, coalesce(w.version, 0) AS version
                FROM wanted w WHERE w.expected <> coalesce(w.version, 0))
            """,
        writes: """
            changed AS MATERIALIZED (
                SELECT w.key FROM wanted w WHERE w.key IS NOT NULL AND \(WriteFrame.mayWrite)),
            \(WriteFrame.nextVersion(ifAnyOf: "changed")),
            written AS (
                UPDATE @.items i SET is_deleted = true, version = v.version
                FROM v WHERE i.key IN (SELECT key FROM changed) RETURNING i.key),
            \(logged(action: "delete", author: "$3"))
            """)
}
