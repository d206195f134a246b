public import RankerCore

/// How large an engine is.
public struct EngineOptions: Sendable, Hashable {
    /// Most sequences of one context (llama.cpp's LLAMA_MAX_SEQ).
    public static let maximumSequences = 256

    /// Positions of the KV cache, for all prompts, tries and generations that run at once.
    public var contextSize: Int
    /// Compute threads.
    public var threads: Int
    /// Tokens that one request has evaluated at once after its prompt.
    ///
    /// A token costs 3 % more in waves of 32 and 15 % more in waves of 16 than in those of 64. Most
    /// tries of 20 titles have 60 to 120 tokens: one wave of 128 spares them a second one that is
    /// nearly empty, and ranks in 0.88 of the time that two take.
    public var waveTokens: Int
    /// Requests that run at once.
    public var runningRequests: Int
    /// Positions of a step that one request has for itself.
    public var soloStepTokens: Int
    /// Positions of a step that several requests share.
    ///
    /// Half of it is the most that a request which gave up still costs.
    public var sharedStepTokens: Int
    /// Prompts whose part of the cache is kept, in memory of its own, for later requests; 0 for
    /// none.
    public var keptPrompts: Int
    /// Positions of kept prompts together; one is 23 KB for SmolLM2-135M.
    public var keptTokens: Int
    /// Tokens of requests that may wait.
    public var maximumWaitingTokens: Int
    /// Requests that may wait.
    public var maximumWaiters: Int
    /// What one request may hold.
    public var limits: RankLimits

    /// Makes options; the defaults are the service's, for a model of about 100 million weights
    /// on two cores.
    public init(
        contextSize: Int = 4_096, threads: Int, waveTokens: Int = 128, runningRequests: Int = 8,
        soloStepTokens: Int = 512, sharedStepTokens: Int = 64, keptPrompts: Int = 64,
        keptTokens: Int = 8_192, maximumWaitingTokens: Int = 16_384,
        maximumWaiters: Int = 512, limits: RankLimits = .defaults
    ) {
        self.contextSize = contextSize
        self.threads = threads
        self.waveTokens = waveTokens
        self.runningRequests = runningRequests
        self.soloStepTokens = soloStepTokens
        self.sharedStepTokens = sharedStepTokens
        self.keptPrompts = keptPrompts
        self.keptTokens = keptTokens
        self.maximumWaitingTokens = maximumWaitingTokens
        self.maximumWaiters = maximumWaiters
        self.limits = limits
    }

    /// Positions that a prompt leaves free, for a wave or a generation.
    public var reservedTokens: Int {
        max(waveTokens, limits.candidateTokens, limits.generatedTokens)
    }

    /// Longest prompt in tokens.
    public var maximumPromptTokens: Int { contextSize - reservedTokens }

    /// Positions of the largest step.
    var stepCapacity: Int { max(soloStepTokens, sharedStepTokens) }

    /// Positions of the largest step whose logits may be asked for; llama.cpp wants room for one
    /// of each sequence.
    var outputCapacity: Int {
        max(
            Self.maximumSequences, sharedStepTokens,
            // A wave, and the end of the prompt before it.
            min(soloStepTokens, max(waveTokens, limits.candidateTokens) + 1))
    }

    /// The sizes as the scheduler takes them.
    var batchLimits: BatchLimits {
        BatchLimits(
            // One is the graveyard of cells that nobody needs any more.
            sequences: Self.maximumSequences - 1, cells: contextSize,
            runningRequests: runningRequests, soloStepTokens: soloStepTokens,
            sharedStepTokens: sharedStepTokens, waitingTokens: maximumWaitingTokens,
            waitingRequests: maximumWaiters, keptPrompts: keptPrompts, keptTokens: keptTokens)
    }

    func validate(for model: LlamaModel) throws(LlamaError) {
        func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(LlamaError) {
            guard range.contains(value) else {
                throw LlamaError(
                    .incompatible,
                    "\(name) is \(value); give \(range.lowerBound) to \(range.upperBound)")
            }
        }
        let contexts = reservedTokens + 1...max(reservedTokens + 1, model.trainedContextSize)
        try require("context size", contextSize, contexts)
        try require("threads", threads, 1...512)
        try require("wave tokens", waveTokens, 1...Self.maximumSequences - 2)
        try require("running requests", runningRequests, 1...64)
        try require("solo step tokens", soloStepTokens, 1...4_096)
        try require("shared step tokens", sharedStepTokens, runningRequests...4_096)
        try require("kept prompts", keptPrompts, 0...1_024)
        try require("kept tokens", keptTokens, 0...Int(Int32.max))
        try require("waiting tokens", maximumWaitingTokens, 0...Int(Int32.max))
        try require("waiting requests", maximumWaiters, 1...65_536)
    }
}
