import CLibPQ

/// Where the database is and every limit of the pool that talks to it.
public struct PostgresConfiguration: Sendable, Hashable {
    /// libpq's URL or key/value string; a pooler may stand behind it.
    public var url: String
    /// A URL that reaches the server itself, for migrations; nil is `url`.
    public var directURL: String?
    /// Shown in `pg_stat_activity` unless the URL names another.
    public var applicationName = "llara"
    /// Connections at most; each has one thread of its own.
    public var maximumConnections = 8
    /// Connections that are kept open without work, and reopened when they break.
    public var minimumConnections = 1
    /// Calls that may wait for a connection; one more is refused at once.
    public var maximumWaiters = 256
    /// The longest that a call waits for a connection, if its deadline is not earlier.
    public var acquireTimeout: Duration = .seconds(1)
    /// The longest that one attempt to connect may take.
    public var connectTimeout: Duration = .seconds(5)
    /// The deadline of a call that brings none.
    public var defaultTimeout: Duration = .seconds(30)
    /// How long a cancelled statement may take to end before its connection is dropped.
    public var cancelGrace: Duration = .milliseconds(40)
    /// Statements kept prepared per connection; further ones run unprepared.
    ///
    /// 0 prepares none, as poolers without support for prepared statements need.
    public var maximumPreparedStatements = 256
    /// Statements that may wait on one connection.
    public var maximumQueuedStatements = 16
    /// Pauses between attempts to reach a server that is away.
    public var backoff = Backoff()

    /// Makes a configuration with the defaults above.
    public init(url: String, directURL: String? = nil) {
        self.url = url
        self.directURL = directURL
    }

    /// Checks the URLs' syntax and every limit.
    ///
    /// - Throws: `PostgresError` of kind `invalid` naming the field.
    public func validate() throws(PostgresError) {
        try Self.check(url: url, field: "url")
        if let directURL { try Self.check(url: directURL, field: "directURL") }
        let positive: [(String, Bool)] = [
            ("maximumConnections", (1...256).contains(maximumConnections)),
            ("minimumConnections", (0...maximumConnections).contains(minimumConnections)),
            ("maximumWaiters", maximumWaiters >= 0),
            ("acquireTimeout", acquireTimeout > .zero),
            ("connectTimeout", connectTimeout > .zero),
            ("defaultTimeout", defaultTimeout > .zero),
            ("cancelGrace", cancelGrace > .zero),
            ("maximumPreparedStatements", maximumPreparedStatements >= 0),
            ("maximumQueuedStatements", maximumQueuedStatements > 0),
            ("backoff", backoff.first > .zero && backoff.longest >= backoff.first),
        ]
        for (field, isValid) in positive where !isValid {
            throw PostgresError(.invalid, "database setting \(field) is out of its range")
        }
    }

    private static func check(url: String, field: String) throws(PostgresError) {
        var reason: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(url, &reason)
        defer {
            PQconninfoFree(options)
            PQfreemem(reason)
        }
        guard options == nil else { return }
        // libpq's reason may quote the password, so it goes to the details.
        throw PostgresError(
            .invalid,
            "database setting \(field) is neither a URL (postgresql://user@host/database) nor"
                + " key=value pairs",
            details: reason.map { String(cString: $0) })
    }

    /// The same settings against the server itself.
    var direct: PostgresConfiguration {
        var copy = self
        copy.url = directURL ?? url
        return copy
    }
}

extension PostgresConfiguration: CustomStringConvertible {
    /// The limits without the URLs, which may hold a password.
    public var description: String {
        "PostgreSQL: \(minimumConnections) to \(maximumConnections) connections,"
            + " \(maximumWaiters) waiters"
    }
}
