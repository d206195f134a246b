/// What all writes of callers share: the idempotency key, the refusal, the next version.
///
/// Such a statement answers with one row: version, changed count, whether an earlier call with the
/// key made the same request (NULL without such a call), and the places, reasons and stored
/// versions of what was refused. Where anything is refused, nothing is written.
enum WriteFrame {
    /// Old keys that one write removes.
    static let forgottenPerWrite = 100

    /// True unless the call was made before or has to be refused.
    static let mayWrite = "NOT EXISTS (SELECT FROM earlier) AND NOT EXISTS (SELECT FROM refused)"

    /// Takes the next version if anything is going to change.
    static func nextVersion(ifAnyOf changed: String) -> String {
        """
        v AS (
            UPDATE @.catalog_version SET version = version + 1
            WHERE EXISTS (SELECT FROM \(changed)) RETURNING version)
        """
    }

    /// - Parameters:
    ///   - action: the kind of write.
    ///   - request: the parameters that make up the request.
    ///   - key: the parameter of the idempotency key.
    ///   - refusal: `WITH` queries that end with `refused (place, reason, version)`.
    ///   - writes: `WITH` queries, among them `v` and `written` with a row for each change.
    static func statement(
        action: String, request: String, key: String, refusal: String, writes: String
    ) -> String {
        """
        WITH asked AS MATERIALIZED (
            SELECT sha256(convert_to(\(key)::text, 'UTF8')) AS key_sha256,
                sha256(convert_to(ROW('\(action)', \(request))::text, 'UTF8')) AS request_sha256
            WHERE \(key)::text <> ''),
        earlier AS MATERIALIZED (
            SELECT r.version, r.changed_count, r.request_sha256 = asked.request_sha256 AS is_same
            FROM asked JOIN @.idempotency r ON r.key_sha256 = asked.key_sha256
            WHERE r.stored_at > now() - interval '\(CatalogLimits.idempotencyHours) hours'),
        \(refusal),
        \(writes),
        answer AS MATERIALIZED (
            SELECT coalesce((SELECT version FROM v), (SELECT version FROM @.catalog_version))
                    AS version,
                (SELECT count(*) FROM written) AS changed_count
            WHERE \(mayWrite)),
        remembered AS (
            INSERT INTO @.idempotency (key_sha256, request_sha256, version, changed_count)
            SELECT asked.key_sha256, asked.request_sha256, answer.version, answer.changed_count
            FROM asked CROSS JOIN answer
            ON CONFLICT (key_sha256) DO UPDATE SET
                request_sha256 = EXCLUDED.request_sha256, version = EXCLUDED.version,
                changed_count = EXCLUDED.changed_count, stored_at = EXCLUDED.stored_at),
        forgotten AS (
            DELETE FROM @.idempotency WHERE key_sha256 IN (
                SELECT o.key_sha256 FROM @.idempotency o
                WHERE o.stored_at <= now() - interval '\(CatalogLimits.idempotencyHours) hours'
                    AND o.key_sha256 NOT IN (SELECT key_sha256 FROM asked)
                ORDER BY o.stored_at LIMIT \(forgottenPerWrite))),
        named AS (SELECT * FROM refused ORDER BY place LIMIT \(CatalogLimits.maximumErrorDetails))
        SELECT coalesce(answer.version, earlier.version, 0),
            coalesce(answer.changed_count, earlier.changed_count, 0), earlier.is_same,
            (SELECT coalesce(array_agg(place ORDER BY place), '{}') FROM named),
            (SELECT coalesce(array_agg(reason ORDER BY place), '{}') FROM named),
            (SELECT coalesce(array_agg(version ORDER BY place), '{}') FROM named)
        FROM (SELECT) one LEFT JOIN answer ON true LEFT JOIN earlier ON true
        """
    }
}

/// Why a write was refused; the statements' words.
enum RefusalReason: String {
    /// There is no such item.
    case unknown
    /// The item has another version than the caller read.
    case version
    /// The item would have too many attributes.
    case attributes
}
