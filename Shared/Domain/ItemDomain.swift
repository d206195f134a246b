/// What the items of a catalog are; it decides the words of a prompt.
public enum ItemDomain: String, Sendable, Hashable, CaseIterable {
    /// Films.
    case movie
    /// Games.
    case game
    /// Musicians and bands.
    case artist
    /// Anything else.
    case item
}

extension ItemDomain {
    /// All of them, for messages: `movie, game, artist, item`.
    public static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
