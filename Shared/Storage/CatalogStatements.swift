/// The SQL of every read and write; values are bound, only the schema's name is written in.
///
/// Writes are single statements: their parts see each other's rows, and the lock on the version row
/// is not held over a round trip.
struct CatalogStatements: Sendable {
    let catalogVersion: String
    let items: String
    let list: String
    let popular: String
    let popularAmong: String
    let upsert: String
    let delete: String
    let append: String
    let history: String
    let seen: String
    let publish: String
    let activate: String
    let releases: String
    let importItems: String
    let unknownImportedItems: String
    let importInteractions: String

    init(schema: SchemaName) {
        catalogVersion = schema.qualify("SELECT version FROM @.catalog_version")
        items = schema.qualify(Self.items)
        list = schema.qualify(Self.list)
        popular = schema.qualify(
            Self.popular(
                of: "@.item_counts c JOIN @.items i ON i.key = c.item_key"))
        popularAmong = schema.qualify(
            Self.popular(
                of: "@.items i LEFT JOIN @.item_counts c ON i.key = c.item_key",
                where: "i.id = ANY ($4::text[]) AND"))
        upsert = schema.qualify(Self.upsert)
        delete = schema.qualify(Self.delete)
        append = schema.qualify(Self.append)
        history = schema.qualify(Self.history)
        seen = schema.qualify(Self.seen)
        publish = schema.qualify(Self.publish)
        activate = schema.qualify(Self.activate)
        releases = schema.qualify(Self.releases)
        importItems = schema.qualify(Self.importItems)
        unknownImportedItems = schema.qualify(Self.unknownImportedItems)
        importInteractions = schema.qualify(Self.importInteractions)
    }

    // MARK: Parts

    /// Whether `i` may be recommended now.
    private static let isServable =
        """
        (NOT i.is_hidden AND NOT i.is_deleted
            AND (i.expires_at = 0 OR i.expires_at > extract(epoch FROM now())))
        """

    /// The columns that `StoredItem.init(row:from:)` reads.
    private static let itemColumns =
        "i.id, i.title, i.attributes, i.is_hidden, i.expires_at, i.version, \(isServable)"

    /// Takes the lock and the next version.
    private static let nextVersion =
        "v AS (UPDATE @.catalog_version SET version = version + 1 RETURNING version)"

    /// Writes drafts `n` as items; unchanged ones keep their version.
    private static func writeItems(from source: String, action: String, author: String) -> String {
        """
        written AS (
            INSERT INTO @.items AS i (id, title, attributes, is_hidden, expires_at, version)
            SELECT n.id, n.title, n.attributes::jsonb, n.is_hidden, n.expires_at, v.version
            FROM v CROSS JOIN \(source)
            ON CONFLICT (id) DO UPDATE SET
                title = EXCLUDED.title, attributes = EXCLUDED.attributes,
                is_hidden = EXCLUDED.is_hidden, expires_at = EXCLUDED.expires_at,
                is_deleted = false, version = EXCLUDED.version
            WHERE (i.title, i.attributes, i.is_hidden, i.expires_at, i.is_deleted)
                IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.attributes, EXCLUDED.is_hidden,
                    EXCLUDED.expires_at, false)
            RETURNING i.key),
        counted AS (
            INSERT INTO @.item_counts (item_key, interactions) SELECT key, 0 FROM written
            ON CONFLICT (item_key) DO NOTHING),
        logged AS (
            INSERT INTO @.changes (version, item_key, action, author)
            SELECT v.version, written.key, '\(action)', \(author)
            FROM written CROSS JOIN v)
        SELECT v.version, (SELECT count(*) FROM written) FROM v
        """
    }

    /// Counts what `stored` has put in.
    private static let countStored =
        """
        counted AS (
            INSERT INTO @.item_counts AS c (item_key, interactions)
            SELECT item_key, count(*) FROM stored GROUP BY item_key
            ON CONFLICT (item_key) DO UPDATE SET
                interactions = c.interactions + EXCLUDED.interactions)
        """

    // MARK: Items

    /// $1 ids, $2 user or NULL.
    private static let items = """
        SELECT v.version, \(itemColumns),
            i.key IN (SELECT s.item_key FROM @.interactions s WHERE s.user_id = $2::text)
        FROM @.catalog_version v
        LEFT JOIN (unnest($1::text[]) WITH ORDINALITY AS w (id, place)
            JOIN @.items i ON i.id = w.id AND NOT i.is_deleted) ON true
        ORDER BY w.place
        """

    /// $1 part of the title, $2 id before the page, $3 count.
    private static let list = """
        SELECT v.version, \(itemColumns), false
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT * FROM @.items i
            WHERE i.id > $2 AND NOT i.is_deleted AND strpos(lower(i.title), lower($1)) > 0
            ORDER BY i.id LIMIT $3) i ON true
        ORDER BY i.id
        """

    /// $1 count, $2 excluded ids, $3 user whose items are excluded, or NULL.
    ///
    /// Of all items, only those with interactions, so that the counts' index serves; of given
    /// items, every one.
    private static func popular(of source: String, where condition: String = "") -> String {
        """
        SELECT v.version, \(itemColumns), i.interactions
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.*, coalesce(c.interactions, 0) AS interactions
            FROM \(source)
            WHERE \(condition) \(isServable) AND i.id <> ALL ($2::text[])
                AND i.key NOT IN (
                    SELECT s.item_key FROM @.interactions s WHERE s.user_id = $3::text)
            ORDER BY c.interactions DESC NULLS LAST, i.id LIMIT $1) i ON true
        ORDER BY i.interactions DESC, i.id
        """
    }

    /// $1 ids, $2 titles, $3 attributes as JSON, $4 hidden, $5 expiry, $6 author.
    private static let upsert = """
        WITH \(nextVersion),
        \(writeItems(
            from: """
            unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[])
                AS n (id, title, attributes, is_hidden, expires_at)
            """, action: "upsert", author: "$6"))
        """

    /// $1 ids, $2 author.
    private static let delete = """
        WITH \(nextVersion),
        removed AS (
            UPDATE @.items i SET is_deleted = true, version = v.version
            FROM v WHERE i.id = ANY ($1::text[]) AND NOT i.is_deleted RETURNING i.key),
        logged AS (
            INSERT INTO @.changes (version, item_key, action, author)
            SELECT v.version, removed.key, 'delete', $2 FROM removed CROSS JOIN v)
        SELECT v.version, (SELECT count(*) FROM removed) FROM v
        """

    // MARK: Sequences

    /// $1 user, $2 item ids, $3 times, $4 ratings.
    ///
    /// Writes nothing when an item is unknown.
    private static let append = """
        WITH wanted AS MATERIALIZED (
            SELECT n.*, i.key
            FROM unnest($2::text[], $3::bigint[], $4::real[])
                WITH ORDINALITY AS n (id, occurred_at, rating, place)
            LEFT JOIN @.items i ON i.id = n.id AND NOT i.is_deleted),
        unknown AS MATERIALIZED (SELECT DISTINCT id FROM wanted WHERE key IS NULL),
        v AS (
            UPDATE @.catalog_version SET version = version + 1
            WHERE NOT EXISTS (SELECT FROM unknown) RETURNING version),
        stored AS (
            INSERT INTO @.interactions
                (user_id, ordered_at, item_key, occurred_at, version, rating)
            SELECT $1,
                CASE WHEN w.occurred_at > 0 THEN w.occurred_at
                    ELSE extract(epoch FROM clock_timestamp())::bigint END,
                w.key, w.occurred_at, v.version, w.rating
            FROM v CROSS JOIN wanted w ORDER BY w.place
            ON CONFLICT (user_id, item_key, occurred_at) WHERE occurred_at > 0 DO NOTHING
            RETURNING item_key),
        \(countStored)
        SELECT (SELECT version FROM v), (SELECT count(*) FROM stored),
            (SELECT coalesce(array_agg(id), '{}') FROM unknown)
        """

    /// $1 user, $2 count.
    private static let history = """
        SELECT v.version,
            (SELECT count(*) FROM @.interactions c WHERE c.user_id = $1),
            h.id, h.title, h.occurred_at, h.rating
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id, i.title, n.occurred_at, n.rating, n.ordered_at, n.sequence
            FROM (SELECT * FROM @.interactions WHERE user_id = $1
                ORDER BY ordered_at DESC, sequence DESC LIMIT $2) n
            JOIN @.items i ON i.key = n.item_key) h ON true
        ORDER BY h.ordered_at, h.sequence
        """

    /// $1 user, $2 limit.
    private static let seen = """
        SELECT v.version, s.id
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id FROM @.items i
            WHERE NOT i.is_deleted
                AND i.key IN (SELECT n.item_key FROM @.interactions n WHERE n.user_id = $1)
            LIMIT $2) s ON true
        """

    // MARK: Releases

    /// $1 name, $2 hash, $3 manifest.
    ///
    /// Answers with the stored hash, which differs if the name was taken.
    private static let publish = """
        WITH stored AS (
            INSERT INTO @.releases (name, manifest_sha256, manifest) VALUES ($1, $2, $3::json)
            ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
            RETURNING manifest_sha256)
        SELECT manifest_sha256 FROM stored
        """

    /// $1 name.
    ///
    /// Answers with no row when there is no such release.
    private static let activate = """
        INSERT INTO @.active_release AS a (name)
        SELECT name FROM @.releases WHERE name = $1
        ON CONFLICT (only_row) DO UPDATE SET name = EXCLUDED.name, activated_at = now()
        RETURNING a.name
        """

    private static let releases = """
        SELECT r.name, r.manifest_sha256, r.manifest, a.name IS NOT NULL,
            extract(epoch FROM r.published_at)::bigint
        FROM @.releases r LEFT JOIN @.active_release a ON a.name = r.name
        ORDER BY r.published_at DESC, r.name
        """

    // MARK: Imports

    /// The table that COPY fills; gone with the transaction.
    static let createImportedItems = """
        CREATE TEMPORARY TABLE imported_items (
            place bigint, id text COLLATE "C", title text, attributes text, is_hidden boolean,
            expires_at bigint) ON COMMIT DROP
        """

    /// $1 author.
    ///
    /// Of rows with one id the last counts.
    private static let importItems = """
        WITH \(nextVersion),
        \(writeItems(
            from: """
            (SELECT DISTINCT ON (id) * FROM pg_temp.imported_items ORDER BY id, place DESC) n
            """, action: "import", author: "$1"))
        """

    /// The table that COPY fills; gone with the transaction.
    static let createImportedInteractions = """
        CREATE TEMPORARY TABLE imported_interactions (
            place bigint, user_id text COLLATE "C", item_id text COLLATE "C", occurred_at bigint,
            rating real) ON COMMIT DROP
        """

    /// $1 limit.
    ///
    /// The first places of item ids that the catalog does not have.
    private static let unknownImportedItems = """
        SELECT n.item_id, min(n.place) FROM pg_temp.imported_interactions n
        WHERE NOT EXISTS (SELECT FROM @.items i WHERE i.id = n.item_id AND NOT i.is_deleted)
        GROUP BY n.item_id ORDER BY min(n.place) LIMIT $1
        """

    private static let importInteractions = """
        WITH \(nextVersion),
        stored AS (
            INSERT INTO @.interactions
                (user_id, ordered_at, item_key, occurred_at, version, rating)
            SELECT n.user_id, n.occurred_at, i.key, n.occurred_at, v.version, n.rating
            FROM v CROSS JOIN pg_temp.imported_interactions n JOIN @.items i ON i.id = n.item_id
            ORDER BY n.place
            ON CONFLICT (user_id, item_key, occurred_at) WHERE occurred_at > 0 DO NOTHING
            RETURNING item_key),
        \(countStored)
        SELECT v.version, (SELECT count(*) FROM stored) FROM v
        """
}
