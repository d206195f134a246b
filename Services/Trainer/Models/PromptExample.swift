/// One prompt and the texts that may follow it.
///
/// A branch sees the prompt and itself, never another branch, and its positions continue the
/// prompt's: its log-likelihood is what the ranker's engine gives for a candidate.
public struct PromptExample: Sendable, Hashable {
    /// What stands at one position of a prompt.
    public enum Position: Sendable, Hashable {
        /// A token of the LLM's vocabulary.
        case token(Int32)
        /// A row of the `vectors` given beside the examples: a behavioural token, a user state.
        case vector(Int)
    }

    /// The prompt, at least one position.
    public var prompt: [Position]
    /// Tokens of each text after it, at least one token each: those of " title\n".
    public var branches: [[Int32]]

    /// Makes an example; the network that computes it says whether it can.
    public init(prompt: [Position], branches: [[Int32]]) {
        self.prompt = prompt
        self.branches = branches
    }

    /// Positions that the network computes: the last token of a branch predicts nothing.
    public var positionCount: Int {
        prompt.count + branches.reduce(0) { $0 + max(0, $1.count - 1) }
    }
}
