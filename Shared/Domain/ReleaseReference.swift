/// How one service names a release to another: `name`, or `name@` and the manifest's identity.
///
/// The gateway always sends the identity, so that two folders of one name cannot be mixed in an
/// answer; a person may leave it out.
public struct ReleaseReference: Sendable, Hashable, CustomStringConvertible {
    /// Number of hexadecimal digits of the manifest's SHA-256 that a reference carries.
    public static let identityDigits = 16

    /// Name of the release.
    public let name: String
    /// The first ``identityDigits`` of the manifest's SHA-256 in hexadecimal; nil matches any.
    public let identity: String?

    /// The reference of a loaded release.
    public init(name: String, manifestSHA256: [UInt8]) {
        self.name = name
        self.identity = String(manifestSHA256.hexadecimal.prefix(Self.identityDigits))
    }

    /// Reads `name` or `name@identity`.
    public init(parsing text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        identity = parts.count > 1 ? String(parts[1]) : nil
    }

    /// Whether `loaded` is what this reference asks for; an empty name asks for any.
    public func matches(_ loaded: ReleaseReference) -> Bool {
        (name.isEmpty || name == loaded.name) && (identity == nil || identity == loaded.identity)
    }

    /// `name@identity`, or the name alone.
    public var description: String {
        identity.map { "\(name)@\($0)" } ?? name
    }
}
