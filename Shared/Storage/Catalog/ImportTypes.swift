public import Domain

/// One interaction of a bulk import.
public struct InteractionRow: Sendable, Hashable {
    /// The user's external id.
    public var userID: String
    /// What happened.
    public var interaction: HistoryItem

    /// Makes a row.
    public init(userID: String, interaction: HistoryItem) {
        self.userID = userID
        self.interaction = interaction
    }
}

/// What a bulk import did.
public struct ImportResult: Sendable, Hashable {
    /// Rows read.
    public var rowCount: Int
    /// Rows stored; the others were there already, or were repeated in the input.
    public var changedCount: Int
    /// The catalog version after the import.
    public var version: UInt64

    /// Makes a result.
    public init(rowCount: Int, changedCount: Int, version: UInt64) {
        self.rowCount = rowCount
        self.changedCount = changedCount
        self.version = version
    }
}
