/// One interaction of a user's sequence.
public struct HistoryItem: Sendable, Hashable {
    /// The item's external id.
    public let itemID: String
    /// Unix time in seconds; 0 is unknown.
    public let timeSeconds: Int64
    /// The rating given; 0 is none.
    public let rating: Float

    /// Makes an interaction.
    public init(itemID: String, timeSeconds: Int64 = 0, rating: Float = 0) {
        self.itemID = itemID
        self.timeSeconds = timeSeconds
        self.rating = rating
    }
}
