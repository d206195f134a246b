/// What a token allows.
public enum AccessScope: String, Sendable, Hashable, CaseIterable {
    /// Recommendations, encoding, projecting, ranking.
    case inference
    /// Items and sequences: reading and writing them.
    case catalog
    /// Releases, drain, settings, and every method that names no scope.
    case admin
    /// Whether a service is well.
    case health
}

/// One token that a server accepts, known by its digest alone: a configuration that leaks does not
/// give the token away.
public struct BearerToken: Sendable, Hashable {
    /// Length of a SHA-256 digest in bytes.
    public static let digestBytes = 32
    /// Longest token in bytes; longer ones are refused before they are hashed.
    public static let maximumBytes = 4096

    /// Metadata that holds the token.
    static let metadataKey = "authorization"

    /// Whether a text can be a token (RFC 6750 section 2.1).
    public static func isToken(_ text: String) -> Bool {
        BearerTokens.token(in: header(for: text)) != nil
    }

    /// What a call says that brings the token.
    static func header(for token: String) -> String { "Bearer \(token)" }

    /// Whose token it is, for the log; 1 to 64 bytes.
    public var name: String
    /// SHA-256 of the token's UTF-8 bytes.
    ///
    /// Tokens must be random, 32 bytes or more: a plain digest does not slow a guesser down.
    public var sha256: [UInt8]
    /// What it allows; scopes do not include one another.
    public var scopes: Set<AccessScope>

    /// Describes a token.
    public init(name: String, sha256: [UInt8], scopes: Set<AccessScope>) {
        self.name = name
        self.sha256 = sha256
        self.scopes = scopes
    }
}
