/// A request that the engine works on: how far it is, and what comes next.
///
/// Each step has a run of its next positions; they count as read once the step is done.
struct RunningRequest: Sendable {
    enum Progress: Sendable, Equatable {
        case running
        case finished
        /// The model's output was no number.
        case notFinite
    }

    let id: RequestID
    let work: EngineWork
    /// The sequence that holds the prompt, and what is generated.
    let sequence: Int32
    /// Those of the trie's paths.
    let waveSequences: [Int32]
    /// Positions of the prompt that a kept one gave.
    let reusedCount: Int
    /// Positions of the prompt in the cache.
    var promptCount: Int
    var evaluatedCount = 0
    /// Whether a step has had a part of it.
    var hasStarted = false
    /// Number of the last step that had a part of it.
    var lastStep = 0
    /// Steps that had a part of it and were done.
    var stepCount = 0
    /// Positions in the step that is under way.
    var plannedCount = 0
    var scores: TrieScores?
    var generation: GenerationState?
    var wave = 0
    /// What the wave under way evaluates, and how much of that is done.
    var entries: [TrieWave.Entry] = []
    var entryCount = 0
    /// Whether the wave's sequences hold what is read of the prompt.
    var isForked = false
    var trieLeft: Int

    init(
        _ id: RequestID, _ work: EngineWork, sequence: Int32, waveSequences: [Int32],
        reusedCount: Int, lastStep: Int
    ) {
        self.id = id
        self.work = work
        self.sequence = sequence
        self.waveSequences = waveSequences
        self.reusedCount = reusedCount
        self.lastStep = lastStep
        promptCount = reusedCount
        switch work.purpose {
        case .score(let trie, let waves):
            scores = TrieScores(trie)
            entries = waves.first?.entries ?? []
            trieLeft = waves.reduce(0) { $0 + $1.entries.count }
        case .generate(let task):
            generation = GenerationState(task)
            trieLeft = 0
        }
    }

    /// Every sequence that it holds.
    var sequences: [Int32] { [sequence] + waveSequences }

    var isPromptRead: Bool { promptCount == work.prompt.count }

    /// Positions of the prompt that are not read.
    var promptLeft: Int { work.prompt.count - promptCount }

    /// Positions that could be evaluated now: the prompt's and, as candidates are known
    /// beforehand, the first wave's with them; or the wave's, or what was generated.
    var readyCount: Int {
        promptLeft + entries.count - entryCount + (generation?.pending.count ?? 0)
    }

    /// Positions until it is over, as far as one knows: of a generation, the next ones.
    var remainingCount: Int { promptLeft + trieLeft + (generation?.pending.count ?? 0) }

    /// Positions that its own sequence holds.
    var heldCount: Int { promptCount + (generation?.readCount ?? 0) }

    /// Cells that it needs until its wave is over, or holds already.
    var liveCount: Int { heldCount + entryCount }

    /// Scores so far; nil for a generation.
    var result: RankScores? {
        scores.map {
            RankScores(
                candidates: $0.candidates, promptTokenCount: work.prompt.count,
                evaluatedTokenCount: evaluatedCount, reusedTokenCount: reusedCount)
        }
    }

    /// Tokens generated since the last call.
    mutating func takeGenerated() -> [GeneratedToken] {
        generation?.takeEvents().map(withCounts) ?? []
    }

    /// The last token of a generation whose deadline passed.
    mutating func expire() -> GeneratedToken? {
        guard let token = generation?.expire() else { return nil }
        return withCounts(token)
    }

    private func withCounts(_ token: GeneratedToken) -> GeneratedToken {
        var token = token
        token.promptTokenCount = work.prompt.count
        token.reusedTokenCount = reusedCount
        return token
    }
}
