/// What the LLM says of a request's candidates, and what it cost.
public struct RankScores: Sendable, Equatable {
    /// One for each candidate, in the order asked.
    public var candidates: [CandidateScore]
    /// Positions of the prompt.
    public var promptTokenCount: Int
    /// Positions that the engine evaluated, prompt and tries.
    public var evaluatedTokenCount: Int
    /// Time between submission and the engine's taking the request.
    public var queueTime: Duration
    /// Time on the engine, ``normalisingTime`` included.
    public var computeTime: Duration
    /// Time for log-softmax.
    public var normalisingTime: Duration

    /// Makes a result.
    public init(
        candidates: [CandidateScore], promptTokenCount: Int, evaluatedTokenCount: Int,
        queueTime: Duration = .zero, computeTime: Duration = .zero,
        normalisingTime: Duration = .zero
    ) {
        self.candidates = candidates
        self.promptTokenCount = promptTokenCount
        self.evaluatedTokenCount = evaluatedTokenCount
        self.queueTime = queueTime
        self.computeTime = computeTime
        self.normalisingTime = normalisingTime
    }
}
