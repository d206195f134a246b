/// What is to be generated after a prompt.
public struct GenerationTask: Sendable {
    /// The only texts that may come out; nil for free text.
    public let candidates: CandidateTrie?
    /// Tokens at most.
    public let maximumTokenCount: Int
    /// 0 for the most likely token each time, else how even the draw is; 1 is the model's own.
    public let temperature: Float
    /// Where the draws start: the same seed gives the same text.
    public let seed: UInt64
    /// What tokens mean.
    public let vocabulary: any TokenVocabulary

    /// Makes a task.
    public init(
        candidates: CandidateTrie?, maximumTokenCount: Int, temperature: Float, seed: UInt64,
        vocabulary: any TokenVocabulary
    ) {
        self.candidates = candidates
        self.maximumTokenCount = maximumTokenCount
        self.temperature = temperature
        self.seed = seed
        self.vocabulary = vocabulary
    }
}

/// The texts of tokens.
public protocol TokenVocabulary: Sendable {
    /// The token's bytes, which may be a part of a character; empty for control tokens.
    func bytes(of token: Int32) -> [UInt8]
    /// Whether the model ends its text with this token.
    func isEndOfGeneration(_ token: Int32) -> Bool
}

/// A token that the model generated.
public struct GeneratedToken: Sendable, Equatable {
    /// Why a generation ended.
    public enum FinishReason: Sendable, Hashable {
        /// A newline or the model's end of text.
        case stop
        /// The task's maximum was reached.
        case maximumTokenCount
        /// A candidate is complete.
        case candidate
        /// The deadline passed.
        case deadline
    }

    /// Whole characters: those that this token completes.
    ///
    /// A newline that ends free text is not a part of it.
    public var text: String
    /// The token; nil in an end that brings none.
    public var token: Int32?
    /// Log-probability given all before it, among the tokens that were allowed, in nats.
    public var logProbability: Double?
    /// Why it is the last one; nil while more is to come.
    public var finishReason: FinishReason?
    /// The candidate that is complete, as a place in the list asked; the first of equal ones.
    public var candidateIndex: Int?
    /// Tokens generated, this one included.
    public var tokenCount: Int
    /// Positions of the prompt.
    public var promptTokenCount: Int
    /// Positions of the prompt that an earlier request left in the cache.
    public var reusedTokenCount: Int

    /// Makes a token.
    public init(
        text: String, token: Int32?, logProbability: Double?, finishReason: FinishReason? = nil,
        candidateIndex: Int? = nil, tokenCount: Int, promptTokenCount: Int = 0,
        reusedTokenCount: Int = 0
    ) {
        self.text = text
        self.token = token
        self.logProbability = logProbability
        self.finishReason = finishReason
        self.candidateIndex = candidateIndex
        self.tokenCount = tokenCount
        self.promptTokenCount = promptTokenCount
        self.reusedTokenCount = reusedTokenCount
    }
}
