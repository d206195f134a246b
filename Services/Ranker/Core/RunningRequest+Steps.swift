// What it puts into a step, and what it takes out.
extension RunningRequest {
    /// Adds its next positions, `count` of ``readyCount``, to `step`, the `number`-th.
    mutating func fill(_ step: inout BatchStep, count: Int, number: Int) {
        let first = step.outputs.count
        lastStep = number
        plannedCount = count
        let ofPrompt = min(count, promptLeft)
        if count > ofPrompt { fork(&step) }
        fillPrompt(&step, ofPrompt)
        switch work.purpose {
        case .score(let trie, _): fillWave(&step, count - ofPrompt, trie)
        case .generate: fillGeneration(&step, count - ofPrompt)
        }
        step.shares.append(
            BatchStep.Share(
                request: id, isFirst: !hasStarted, outputs: first..<step.outputs.count))
        hasStarted = true
    }

    /// The sequences of the wave under way begin as its prompt does, as far as that is read.
    private mutating func fork(_ step: inout BatchStep) {
        guard case .score = work.purpose, !isForked else { return }
        isForked = true
        for target in forks {
            step.commands.append(.copy(from: sequence, to: target, count: promptCount))
        }
    }

    /// The sequences that go on from the prompt's.
    private var forks: ArraySlice<Int32> {
        guard isForked, case .score(_, let waves) = work.purpose else { return [] }
        return waveSequences[..<waves[wave].sequenceCount]
    }

    private func fillPrompt(_ step: inout BatchStep, _ count: Int) {
        let sequences = [sequence] + forks
        for index in promptCount..<promptCount + count {
            let isLast = index == work.prompt.count - 1
            step.append(
                work.prompt[index], at: index, in: sequences,
                question: isLast ? firstQuestion : nil)
        }
    }

    private var firstQuestion: LogitQuestion? {
        switch work.purpose {
        case .score(let trie, _): .logProbabilities(trie.roots.map { trie.nodes[$0].token })
        case .generate: generation?.question
        }
    }

    private func fillWave(_ step: inout BatchStep, _ count: Int, _ trie: CandidateTrie) {
        for entry in entries[entryCount..<entryCount + count] {
            let node = trie.nodes[entry.node]
            let next = node.children.map { trie.nodes[$0].token }
            step.append(
                .token(node.token), at: work.prompt.count + node.depth,
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
        stepCount += 1
        let ofPrompt = min(count, promptLeft)
        if ofPrompt > 0 {
            promptCount += ofPrompt
            guard isPromptRead else { return .running }
            let progress = take(after: nil, &answers)
            guard progress == .running, count > ofPrompt else { return progress }
        }
        switch work.purpose {
        case .score(_, let waves): return advanceWave(count - ofPrompt, waves, &answers)
        case .generate:
            generation?.read(count)
            guard generation?.pending.isEmpty == true else { return .running }
            return take(after: nil, &answers)
        }
    }

    private mutating func advanceWave(
        _ count: Int, _ waves: [TrieWave], _ answers: inout ArraySlice<LogitAnswer>
    ) -> Progress {
        trieLeft -= count
        var progress = Progress.running
        for entry in entries[entryCount..<entryCount + count] where entry.needsLogits {
            let taken = take(after: entry.node, &answers)
            if progress != .notFinite { progress = taken }
        }
        guard progress != .notFinite else { return progress }
        entryCount += count
        return wave == waves.count - 1 && entryCount == entries.count ? .finished : .running
    }

    /// Goes on to the next wave if this one is over.
    ///
    /// - Returns: What is to be done with its sequences.
    mutating func endWave() -> [CacheCommand] {
        guard case .score(_, let waves) = work.purpose, isPromptRead,
            entryCount == entries.count, wave < waves.count - 1
        else { return [] }
        let commands = waveBurial
        wave += 1
        entries = waves[wave].entries
        entryCount = 0
        isForked = false
        return commands
    }

    /// What empties its wave's sequences; each cell is buried once, with the first of the
    /// sequences that share it.
    var waveBurial: [CacheCommand] {
        guard isForked, case .score(let trie, let waves) = work.purpose else { return [] }
        var first = Array(repeating: Int.max, count: waves[wave].sequenceCount)
        for entry in entries {
            let sequence = entry.sequences.lowerBound
            first[sequence] = min(
                first[sequence], work.prompt.count + trie.nodes[entry.node].depth)
        }
        return zip(waveSequences, first).map {
            .bury(sequence: $0, from: $1 == Int.max ? work.prompt.count + trie.nodes.count : $1)
        }
    }

    /// The cache is about to hold its own sequence alone: what its wave has still to do, with the
    /// way to it once more.
    mutating func rewindWave() {
        guard case .score(let trie, _) = work.purpose, isForked else { return }
        isForked = false
        guard entryCount < entries.count else { return }
        var way: Set<Int> = []
        var node = trie.nodes[entries[entryCount].node].parent
        while let step = node {
            way.insert(step)
            node = trie.nodes[step].parent
        }
        let again = entries[..<entryCount].filter { way.contains($0.node) }.map {
            TrieWave.Entry(node: $0.node, sequences: $0.sequences, needsLogits: false)
        }
        trieLeft += again.count
        entries = again + entries[entryCount...]
        entryCount = 0
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
