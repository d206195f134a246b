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
    private(set) var promptCount: Int
    private(set) var evaluatedCount = 0
    /// Whether a step has had a part of it.
    private(set) var hasStarted = false
    /// Number of the last step that had a part of it.
    private(set) var lastStep = 0
    /// Positions in the step that is under way.
    private(set) var plannedCount = 0
    private var scores: TrieScores?
    private var generation: GenerationState?
    private var wave = 0
    private var entry = 0
    /// The first so many of ``waveSequences`` hold the prompt.
    private var forkedCount = 0
    private var trieLeft: Int

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
            trieLeft = waves.reduce(0) { $0 + $1.entries.count }
        case .generate(let task):
            generation = GenerationState(task)
            trieLeft = 0
        }
    }

    /// Every sequence that it holds.
    var sequences: [Int32] { [sequence] + waveSequences }

    var isPromptRead: Bool { promptCount == work.prompt.count }

    /// Positions that could be evaluated now.
    var readyCount: Int {
        guard isPromptRead else { return work.prompt.count - promptCount }
        switch work.purpose {
        case .score(_, let waves): return waves[wave].entries.count - entry
        case .generate: return generation?.pending.count ?? 0
        }
    }

    /// Positions until it is over, as far as one knows: of a generation, the next ones.
    var remainingCount: Int {
        let prompt = work.prompt.count - promptCount
        return prompt + trieLeft + (isPromptRead ? generation?.pending.count ?? 0 : 0)
    }

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

// What it puts into a step, and what it takes out.
extension RunningRequest {
    /// Adds its next positions, `count` of ``readyCount``, to `step`, the `number`-th.
    mutating func fill(_ step: inout BatchStep, count: Int, number: Int) {
        let first = step.outputs.count
        lastStep = number
        plannedCount = count
        switch work.purpose {
        case _ where !isPromptRead: fillPrompt(&step, count)
        case .score(let trie, let waves): fillWave(&step, count, trie, waves)
        case .generate: fillGeneration(&step, count)
        }
        step.shares.append(
            BatchStep.Share(
                request: id, isFirst: !hasStarted, outputs: first..<step.outputs.count))
        hasStarted = true
    }

    private func fillPrompt(_ step: inout BatchStep, _ count: Int) {
        for index in promptCount..<promptCount + count {
            let isLast = index == work.prompt.count - 1
            step.append(
                work.prompt[index], at: index, in: CollectionOfOne(sequence),
                question: isLast ? firstQuestion : nil)
        }
    }

    private var firstQuestion: LogitQuestion? {
        switch work.purpose {
        case .score(let trie, _): .logProbabilities(trie.roots.map { trie.nodes[$0].token })
        case .generate: generation?.question
        }
    }

    private mutating func fillWave(
        _ step: inout BatchStep, _ count: Int, _ trie: CandidateTrie, _ waves: [TrieWave]
    ) {
        let wave = waves[self.wave]
        if entry == 0 {
            for sequence in waveSequences[..<forkedCount] {
                step.commands.append(.remove(sequence: sequence, from: promptCount))
            }
            for number in forkedCount..<max(forkedCount, wave.sequenceCount) {
                step.commands.append(
                    .copy(from: sequence, to: waveSequences[number], count: promptCount))
            }
            forkedCount = max(forkedCount, wave.sequenceCount)
        }
        for entry in wave.entries[entry..<entry + count] {
            let node = trie.nodes[entry.node]
            let next = node.children.map { trie.nodes[$0].token }
            step.append(
                .token(node.token), at: promptCount + node.depth,
                in: waveSequences[entry.sequences],
                question: entry.needsLogits ? .logProbabilities(next) : nil)
        }
    }

    private func fillGeneration(_ step: inout BatchStep, _ count: Int) {
        guard let generation else { return }
        for (offset, token) in generation.pending.prefix(count).enumerated() {
            let isLast = offset == generation.pending.count - 1
            step.append(
                .token(token), at: promptCount + generation.readCount + offset,
                in: CollectionOfOne(sequence), question: isLast ? generation.question : nil)
        }
    }

    /// The step is over without effect.
    mutating func cancelPlan() { plannedCount = 0 }

    /// The step is done: takes the answers to its questions, in their order.
    mutating func advance(_ answers: ArraySlice<LogitAnswer>) -> Progress {
        var answers = answers
        let count = plannedCount
        plannedCount = 0
        evaluatedCount += count
        guard isPromptRead else {
            promptCount += count
            guard isPromptRead else { return .running }
            return take(after: nil, &answers)
        }
        switch work.purpose {
        case .score(_, let waves): return advanceWave(count, waves, &answers)
        case .generate:
            generation?.read(count)
            guard generation?.pending.isEmpty == true else { return .running }
            return take(after: nil, &answers)
        }
    }

    private mutating func advanceWave(
        _ count: Int, _ waves: [TrieWave], _ answers: inout ArraySlice<LogitAnswer>
    ) -> Progress {
        let entries = waves[wave].entries
        trieLeft -= count
        var progress = Progress.running
        for entry in entries[entry..<entry + count] where entry.needsLogits {
            let taken = take(after: entry.node, &answers)
            if progress != .notFinite { progress = taken }
        }
        guard progress != .notFinite else { return progress }
        entry += count
        if entry == entries.count { (wave, entry) = (wave + 1, 0) }
        return wave == waves.count ? .finished : .running
    }

    private mutating func take(
        after node: Int?, _ answers: inout ArraySlice<LogitAnswer>
    ) -> Progress {
        switch answers.popFirst() {
        case .logProbabilities(let values):
            scores?.take(after: node, values)
        case .choice(let token, let logProbability):
            generation?.take(token, logProbability)
        case .notFinite, nil:
            return .notFinite
        }
        switch work.purpose {
        case .score(_, let waves): return waves.isEmpty ? .finished : .running
        case .generate: return generation?.isFinished == true ? .finished : .running
        }
    }
}
