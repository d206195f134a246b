/// What the LLM says of a request's candidates, and what it cost.
public struct RankScores: Sendable, Equatable {
    /// One for each candidate, in the order asked.
    public var candidates: [CandidateScore]
    /// Positions of the prompt.
    public var promptTokenCount: Int
    /// Positions that the engine evaluated for it, prompt and tries.
    public var evaluatedTokenCount: Int
    /// Positions of the prompt that an earlier request left in the cache.
    public var reusedTokenCount: Int
    /// What stands at each position of the prompt, if it was asked for.
    public var promptTokens: [PromptToken]?
    /// Time between submission and the engine's first step with a part of the request.
    public var queueTime: Duration
    /// Time from then on; others may share the engine in it.
    public var computeTime: Duration

    /// Makes a result.
    public init(
        candidates: [CandidateScore], promptTokenCount: Int, evaluatedTokenCount: Int,
        reusedTokenCount: Int, promptTokens: [PromptToken]? = nil, queueTime: Duration = .zero,
        computeTime: Duration = .zero
    ) {
        self.candidates = candidates
        self.promptTokenCount = promptTokenCount
        self.evaluatedTokenCount = evaluatedTokenCount
        self.reusedTokenCount = reusedTokenCount
        self.promptTokens = promptTokens
        self.queueTime = queueTime
        self.computeTime = computeTime
    }
}

/// What stands at a position of a prompt.
public enum PromptToken: Sendable, Equatable {
    /// A text token and its bytes, which may be a part of a character.
    case text(token: Int32, bytes: [UInt8])
    /// A row of the request's vectors.
    case vector(row: Int)
}
