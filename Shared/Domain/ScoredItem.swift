/// An item with a score, ordered best first; equal scores by id, so that order never varies.
public struct ScoredItem: Sendable, Hashable {
    /// The item's external id.
    public let itemID: String
    /// Greater is better; the unit is the scorer's own.
    public let score: Double

    /// Makes a scored item.
    public init(itemID: String, score: Double) {
        self.itemID = itemID
        self.score = score
    }

    /// Whether `first` stands before `second` in an answer.
    public static func ranksBefore(_ first: ScoredItem, _ second: ScoredItem) -> Bool {
        first.score != second.score
            ? first.score > second.score : first.itemID < second.itemID
    }
}
