import Domain

extension CatalogStatements {
    /// Whether `i` may be recommended now.
    static let isServable = """
        (NOT i.is_hidden AND NOT i.is_deleted
            AND (i.expires_at = 0 OR i.expires_at > extract(epoch FROM now())))
        """

    /// The columns that `StoredItem.init(row:from:)` reads.
    static let itemColumns =
        "i.id, i.title, i.attributes, i.is_hidden, i.expires_at, i.version, \(isServable)"

    /// Whether `i` passes filters: a JSON path for values and presence, which the attributes' index
    /// serves, and three arrays of keys, least and greatest numbers.
    ///
    /// CASE keeps a value that is no number away from the cast.
    private static func passes(_ path: String, _ keys: String, _ least: String, _ most: String)
        -> String
    {
        """
        (i.attributes @@ \(path)::jsonpath AND NOT EXISTS (
            SELECT FROM unnest(\(keys)::text[], \(least)::float8[], \(most)::float8[])
                AS f (key, least, most)
            WHERE CASE WHEN i.attributes ->> f.key ~ '\(NumberRange.numberPattern)'
                THEN (i.attributes ->> f.key)::float8 NOT BETWEEN f.least AND f.most
                ELSE true END))
        """
    }

    /// Whether the user of parameter `user`, or NULL, has not interacted with `i`.
    private static func isUnseen(by user: String) -> String {
        "i.key NOT IN (SELECT s.item_key FROM @.interactions s WHERE s.user_id = \(user)::text)"
    }

    /// The columns that `CandidateItem.init(row:from:)` reads, before whether it is allowed.
    private static let candidateColumns = "i.id, i.title, i.attributes ->> 'year'"

    /// $1 ids.
    static let items = """
        SELECT v.version, \(activeReference), \(itemColumns)
        FROM @.catalog_version v
        LEFT JOIN (unnest($1::text[]) WITH ORDINALITY AS w (id, place)
            JOIN @.items i ON i.id = w.id AND NOT i.is_deleted) ON true
        ORDER BY w.place
        """

    /// $1 ids, $2 user or NULL, $3 to $6 filters.
    static let candidates = """
        SELECT v.version, \(candidateColumns),
            \(isServable) AND \(isUnseen(by: "$2")) AND \(passes("$3", "$4", "$5", "$6"))
        FROM @.catalog_version v
        LEFT JOIN (unnest($1::text[]) WITH ORDINALITY AS w (id, place)
            JOIN @.items i ON i.id = w.id AND NOT i.is_deleted) ON true
        ORDER BY w.place
        """

    /// $1 part of the title, $2 id before the page, $3 count, $4 whether hidden or NULL for both,
    /// $5 to $8 filters.
    static let list = """
        SELECT v.version, NULL, \(itemColumns)
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT * FROM @.items i
            WHERE i.id > $2 AND NOT i.is_deleted AND strpos(lower(i.title), lower($1)) > 0
                AND ($4::boolean IS NULL OR i.is_hidden = $4::boolean)
                AND \(passes("$5", "$6", "$7", "$8"))
            ORDER BY i.id LIMIT $3) i ON true
        ORDER BY i.id
        """

    /// $1 limit, $2 to $5 filters.
    ///
    /// The order comes after the limit, so that the limit ends the search.
    static let matching = """
        SELECT v.version, m.id
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id FROM @.items i
            WHERE \(isServable) AND \(passes("$2", "$3", "$4", "$5"))
            LIMIT $1) m ON true
        ORDER BY m.id
        """

    /// $1 count, $2 place that the page lies before, $3 excluded ids, $4 user or NULL,
    /// $5 to $8 filters.
    static let newest = """
        SELECT v.version, i.id, i.key
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.id, i.key FROM @.items i
            WHERE i.key < $2 AND \(isServable) AND i.id <> ALL ($3::text[])
                AND \(isUnseen(by: "$4")) AND \(passes("$5", "$6", "$7", "$8"))
            ORDER BY i.key DESC LIMIT $1) i ON true
        ORDER BY i.key DESC
        """

    /// $1 version and $2 id before the page, $3 count, $4 item or ''.
    static let changes = """
        SELECT v.version, c.version, c.id, c.action, c.author, c.changed_at
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT c.version, i.id, c.action, c.author,
                extract(epoch FROM c.changed_at)::bigint AS changed_at
            FROM @.changes c JOIN @.items i ON i.key = c.item_key
            WHERE c.version >= $1 AND (c.version > $1 OR ($2::text <> '' AND i.id > $2::text))
                AND ($4::text = '' OR c.item_key = (SELECT key FROM @.items WHERE id = $4::text))
            ORDER BY c.version, i.id LIMIT $3) c ON true
        ORDER BY c.version, c.id
        """

    /// $1 count, $2 excluded ids, $3 user whose items are excluded, or NULL, $4 to $7 filters.
    ///
    /// Of all items, only those with interactions, so that the counts' index serves; of given
    /// items, every one.
    static func popular(of source: String, where condition: String = "", order: String) -> String {
        """
        SELECT v.version, \(candidateColumns), true, i.interactions
        FROM @.catalog_version v
        LEFT JOIN LATERAL (
            SELECT i.*, coalesce(c.interactions, 0) AS interactions
            FROM \(source)
            WHERE \(condition) \(isServable) AND i.id <> ALL ($2::text[])
                AND \(isUnseen(by: "$3")) AND \(passes("$4", "$5", "$6", "$7"))
            ORDER BY \(order), i.id LIMIT $1) i ON true
        ORDER BY i.interactions DESC, i.id
        """
    }
}
