/// An item as the prompt shows it.
public struct PromptItem: Sendable, Hashable {
    /// The item's external id.
    public let id: String
    /// Its title, already distinct within the prompt.
    public let title: String
    /// Whether the release has a row for it, hence a behavioural token.
    public let hasBehaviouralToken: Bool

    /// Makes an item.
    public init(id: String, title: String, hasBehaviouralToken: Bool) {
        self.id = id
        self.title = title
        self.hasBehaviouralToken = hasBehaviouralToken
    }
}

/// A piece of a composed prompt: text, or a vector that takes one position.
public enum PromptPiece: Sendable, Hashable {
    /// Text, tokenised by itself.
    case text(String)
    /// One position: the behavioural token of the item with this id.
    case behaviouralToken(itemID: String)
    /// One position: the user's state, projected.
    case userState
}
