import Domain

extension CatalogStatements {
    /// The release that requests use by default; NULL when none was activated.
    static let activeName = "(SELECT a.name FROM @.activations a ORDER BY a.number DESC LIMIT 1)"

    /// The same with its identity, as `name@identity`: a reading's answerer must be that very
    /// manifest, not one of the same name.
    static let activeReference = """
        (SELECT r.name || '@'
            || left(encode(r.manifest_sha256, 'hex'), \(ReleaseReference.identityDigits))
        FROM @.releases r WHERE r.name = \(activeName))
        """

    /// $1 name, $2 hash, $3 manifest.
    ///
    /// Answers with the stored hash, which differs if the name was taken.
    static let publish = """
        WITH stored AS (
            INSERT INTO @.releases (name, manifest_sha256, manifest) VALUES ($1, $2, $3::json)
            ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
            RETURNING manifest_sha256)
        SELECT manifest_sha256 FROM stored
        """

    /// The activation in force.
    private static let active =
        "active AS MATERIALIZED (SELECT * FROM @.activations ORDER BY number DESC LIMIT 1)"

    /// $1 name, $2 author, $3 whether only where none was ever activated.
    ///
    /// Answers with the name in force and the one before; with no row when there is no such
    /// release.
    static let activate = """
        WITH \(active),
        stored AS (
            INSERT INTO @.activations (name, before_number, author)
            SELECT r.name, (SELECT number FROM active), $2 FROM @.releases r
            WHERE r.name = $1 AND r.name NOT IN (SELECT name FROM active)
                AND (NOT $3::boolean OR NOT EXISTS (SELECT FROM active)))
        SELECT CASE WHEN $3::boolean THEN coalesce((SELECT name FROM active), r.name)
                ELSE r.name END,
            (SELECT name FROM active)
        FROM @.releases r WHERE r.name = $1
        """

    /// $1 author.
    ///
    /// Answers with the name and the one before; with no row when there is nothing to go back to.
    /// A rollback of a rollback goes further back.
    static let rollback = """
        WITH \(active),
        target AS (
            SELECT t.* FROM @.activations t JOIN active ON active.before_number = t.number),
        stored AS (
            INSERT INTO @.activations (name, before_number, is_rollback, author)
            SELECT t.name, t.before_number, true, $1 FROM target t)
        SELECT target.name, (SELECT name FROM active) FROM target
        """

    /// $1 count.
    static let activations = """
        SELECT name, is_rollback, author, extract(epoch FROM activated_at)::bigint
        FROM @.activations ORDER BY number DESC LIMIT $1
        """

    static let releases = """
        SELECT r.name, r.manifest_sha256, coalesce(r.name = \(activeName), false),
            extract(epoch FROM r.published_at)::bigint
        FROM @.releases r
        ORDER BY r.published_at DESC, r.name LIMIT \(CatalogLimits.maximumReleases)
        """
}
