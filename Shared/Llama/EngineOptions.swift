public import RankerCore

/// How large an engine is.
public struct EngineOptions: Sendable, Hashable {
    /// Most sequences of one context (llama.cpp's LLAMA_MAX_SEQ).
    public static let maximumSequences = 256

    /// Positions of the KV cache: a prompt and a wave of candidates must fit.
    public var contextSize: Int
    /// Compute threads.
    public var threads: Int
    /// Tokens that are evaluated at once after the prompt.
    ///
    /// Above 64 nothing is gained; below, a token costs more (3 % at 32, 15 % at 16). What a
    /// passing deadline throws away is at most one wave.
    public var waveTokens: Int
    /// Tokens of requests that may wait.
    public var maximumWaitingTokens: Int
    /// What one request may hold.
    public var limits: RankLimits

    /// Makes options; the defaults are the service's, for a model of about 100 million weights
    /// on two cores.
    public init(
        contextSize: Int = 4_096, threads: Int, waveTokens: Int = 64,
        maximumWaitingTokens: Int = 16_384, limits: RankLimits = .defaults
    ) {
        self.contextSize = contextSize
        self.threads = threads
        self.waveTokens = waveTokens
        self.maximumWaitingTokens = maximumWaitingTokens
        self.limits = limits
    }

    /// Positions that a prompt leaves free: a wave has at most so many tokens.
    public var waveCapacity: Int { max(waveTokens, limits.candidateTokens) }

    /// Longest prompt in tokens.
    public var maximumPromptTokens: Int { contextSize - waveCapacity }

    func validate(for model: LlamaModel) throws(LlamaError) {
        guard threads > 0, waveTokens > 0, maximumWaitingTokens >= 0, limits.candidateTokens > 0
        else { throw LlamaError(.incompatible, "an engine's sizes are positive") }
        guard waveCapacity <= Self.maximumSequences else {
            throw LlamaError(
                .incompatible,
                "a wave of \(waveCapacity) tokens does not fit \(Self.maximumSequences); lower the "
                    + "wave's tokens or the limit of a candidate's tokens")
        }
        guard (waveCapacity + 1...model.trainedContextSize).contains(contextSize) else {
            throw LlamaError(
                .incompatible,
                "a context of \(contextSize) tokens does not fit the model; give "
                    + "\(waveCapacity + 1) to \(model.trainedContextSize)")
        }
    }
}
