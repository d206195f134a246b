/// What a write did.
public struct WriteResult: Sendable, Hashable {
    /// The catalog version after the write; a read of this version or a later one sees it.
    public var version: UInt64
    /// Rows that really changed.
    public var changedCount: Int
    /// An earlier call with the same idempotency key wrote it; this one wrote nothing.
    public var isReplayed: Bool

    /// Makes a result.
    public init(version: UInt64, changedCount: Int, isReplayed: Bool = false) {
        self.version = version
        self.changedCount = changedCount
        self.isReplayed = isReplayed
    }
}
