/// What a vector of a prompt is; each role has a projection of its own.
public enum VectorRole: String, Sendable, Hashable, CaseIterable, Codable {
    /// The behavioural token of an item: its projected row (LLaRA section 3.2).
    case item
    /// The user state: the recommender's state after the whole sequence, projected.
    case user
}
