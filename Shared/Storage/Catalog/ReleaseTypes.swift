/// A release that was published to this installation.
public struct StoredRelease: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// SHA-256 of its manifest: its identity.
    public var manifestSHA256: [UInt8]
    /// Whether requests use it by default.
    public var isActive: Bool
    /// Unix time.
    public var publishedAtSeconds: Int64
}

/// The release that requests use by default, after a change of it.
public struct ReleaseChange: Sendable, Hashable {
    /// The one in force now.
    public var active: String
    /// The one in force before the call; nil when there was none.
    public var previous: String?

    /// Makes a change.
    public init(active: String, previous: String?) {
        self.active = active
        self.previous = previous
    }
}

/// An entry of the history of activations.
public struct Activation: Sendable, Hashable {
    /// The release.
    public var name: String
    /// Whether somebody went back to it.
    public var isRollback: Bool
    /// Who activated it; empty where nobody said.
    public var author: String
    /// Unix time.
    public var activatedAtSeconds: Int64
}
