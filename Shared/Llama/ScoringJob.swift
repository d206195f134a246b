internal import Domain
internal import RankerCore

/// A request made ready for the engine's thread.
struct ScoringJob: Sendable {
    let plan: PromptPlan
    let vectors: FloatTensor?
    let trie: CandidateTrie
    let waves: [TrieWave]
    let adapter: LoadedAdapter?
    let control: DecodeControl
    let submitted: ContinuousClock.Instant

    /// Positions that the engine is to evaluate: what the request costs.
    var tokenCount: Int { plan.positions.count + waves.reduce(0) { $0 + $1.entries.count } }

    /// Scores the candidates on `context`, which is empty before and after, however this ends.
    ///
    /// When the deadline passes after the prompt was read, the candidates that were not reached
    /// have no score.
    ///
    /// - Throws: `CancellationError`, or `LlamaError`.
    func run(
        on context: LlamaContext, embeddings table: any TokenEmbeddings
    ) throws -> RankScores {
        let start = ContinuousClock.now
        // A stopped decode leaves its finished part in the cache.
        defer { context.clear() }
        do {
            try readPrompt(context, table)
            var progress = Progress(scores: TrieScores(trie), evaluated: plan.positions.count)
            try progress.read([(nil, context.lastIndex)], context)
            for wave in waves {
                guard try read(wave, context, &progress) else { break }
            }
            return RankScores(
                candidates: progress.scores.candidates, promptTokenCount: plan.positions.count,
                evaluatedTokenCount: progress.evaluated,
                queueTime: submitted.duration(to: start), computeTime: start.duration(to: .now),
                normalisingTime: progress.normalisingTime)
        } catch let error as LlamaError where error.code == .engine {
            context.clear(data: true)
            throw error
        }
    }

    private func readPrompt(
        _ context: LlamaContext, _ table: any TokenEmbeddings
    ) throws {
        try throwIfStopped()
        try context.apply(adapter)
        var rows = plan.embeddings(from: table, vectors: vectors)
        if try context.evaluate(embeddings: &rows, control: control) == .stopped {
            try throwIfStopped()
        }
    }

    /// Returns false when the deadline has passed.
    private func read(
        _ wave: TrieWave, _ context: LlamaContext, _ progress: inout Progress
    ) throws -> Bool {
        if control.isCancelled { throw CancellationError() }
        guard !control.hasExpired else { return false }
        let outcome = try context.evaluate(
            wave, of: trie, promptCount: plan.positions.count, control: control)
        guard outcome == .done else {
            if control.isCancelled { throw CancellationError() }
            return false
        }
        progress.evaluated += wave.entries.count
        let read = wave.entries.enumerated().filter { $1.needsLogits }.map { ($1.node, $0) }
        try progress.read(read, context)
        return true
    }

    private func throwIfStopped() throws {
        if control.isCancelled { throw CancellationError() }
        if control.hasExpired { throw Self.expired }
    }

    static let expired = LlamaError(
        .deadlineExceeded,
        "the deadline passed before the prompt was read; allow more time, shorten the prompt, or "
            + "add ranker replicas")
}

/// What a job has so far.
private struct Progress {
    var scores: TrieScores
    var evaluated: Int
    var normalisingTime = Duration.zero

    init(scores: TrieScores, evaluated: Int) {
        self.scores = scores
        self.evaluated = evaluated
    }

    /// Takes the logits at batch indices, each after a node or, for nil, after the prompt.
    mutating func read(_ places: [(node: Int?, index: Int)], _ context: LlamaContext) throws {
        let start = ContinuousClock.now
        for (node, index) in places {
            guard scores.read(after: node, logits: try context.logits(at: index)) else {
                throw LlamaError(
                    .engine,
                    "the model's output is not finite; the prompt's vectors may be too large")
            }
        }
        normalisingTime += start.duration(to: .now)
    }
}
