/// What an item looks like in the prompt (LLaRA section 3.2).
public enum Representation: String, Sendable, Hashable, CaseIterable, Codable {
    /// Its title.
    case text
    /// Its behavioural token alone.
    case behavioural
    /// Its title followed by its behavioural token.
    case hybrid
    /// A number that says nothing: the ablation's floor.
    case index

    /// Whether the prompt holds vectors beside text.
    public var hasBehaviouralTokens: Bool { self == .hybrid || self == .behavioural }
}
