/// What one request to the ranker may hold at most.
public struct RankLimits: Sendable, Hashable {
    /// Candidates of a request.
    public var candidates: Int
    /// UTF-8 bytes of a candidate's text.
    public var candidateBytes: Int
    /// UTF-8 bytes of all candidates' texts together: they are tokenised before any waiting.
    public var candidatesBytes: Int
    /// Tokens of a candidate; also the most positions that one wave may hold.
    public var candidateTokens: Int
    /// Segments of a prompt.
    public var segments: Int
    /// UTF-8 bytes of a prompt's text segments together.
    public var promptBytes: Int
    /// Greatest magnitude of a vector's value: far beyond any embedding, and small enough that
    /// its square, summed over a row, stays finite in float32.
    public var vectorMagnitude: Float

    /// Tokens of a generation.
    public var generatedTokens: Int
    /// Greatest temperature of a generation; the draw is as good as even there.
    public var temperature: Float

    /// Makes limits; the defaults are the service's.
    public init(
        candidates: Int = 1_000, candidateBytes: Int = 2_048,
        candidatesBytes: Int = 131_072, candidateTokens: Int = 256,
        segments: Int = 1_000, promptBytes: Int = 65_536, vectorMagnitude: Float = 1e6,
        generatedTokens: Int = 256, temperature: Float = 10
    ) {
        self.candidates = candidates
        self.candidateBytes = candidateBytes
        self.candidatesBytes = candidatesBytes
        self.candidateTokens = candidateTokens
        self.segments = segments
        self.promptBytes = promptBytes
        self.vectorMagnitude = vectorMagnitude
        self.generatedTokens = generatedTokens
        self.temperature = temperature
    }

    /// The service's limits.
    public static let defaults = RankLimits()
}
