/// A tokenised request: what the engine is to read and what for.
public struct EngineWork: Sendable {
    /// What follows the prompt.
    public enum Purpose: Sendable {
        /// Log-likelihoods of the candidates in a trie, wave after wave.
        case score(CandidateTrie, [TrieWave])
        /// Tokens, one after another.
        case generate(GenerationTask)
    }

    /// The prompt's positions, at least one.
    public let prompt: [PositionInput]
    /// Name of the loaded adapter; nil for the bare model.
    public let adapter: String?
    /// What follows.
    public let purpose: Purpose

    /// Makes a request.
    public init(prompt: [PositionInput], adapter: String?, purpose: Purpose) {
        precondition(!prompt.isEmpty, "a prompt has at least one position")
        self.prompt = prompt
        self.adapter = adapter
        self.purpose = purpose
    }

    /// Positions that the engine evaluates at most: what the request costs.
    public var tokenCount: Int {
        switch purpose {
        case .score(_, let waves): prompt.count + waves.reduce(0) { $0 + $1.entries.count }
        case .generate(let task): prompt.count + task.maximumTokenCount
        }
    }

    /// Cells of the cache that it holds at most, at one time.
    var cellCount: Int {
        switch purpose {
        case .score(_, let waves): prompt.count + (waves.map(\.entries.count).max() ?? 0)
        case .generate(let task): prompt.count + task.maximumTokenCount
        }
    }

    /// Sequences that it holds beside its prompt's.
    var waveSequenceCount: Int {
        switch purpose {
        case .score(_, let waves): waves.map(\.sequenceCount).max() ?? 0
        case .generate: 0
        }
    }
}
