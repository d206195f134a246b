import Domain
import RankerCore
import Testing

@Suite("Generation")
struct GenerationTests {
    /// A vocabulary in which 1 is the euro sign's first two bytes, 2 its last, 3 ends a line.
    private struct Pieces: TokenVocabulary {
        func bytes(of token: Int32) -> [UInt8] {
            switch token {
            case 0: []
            case 1: [0xE2, 0x82]
            case 2: [0xAC]
            case 3: Array("end\nmore".utf8)
            case 4: [0xFF]
            default: Array("\(token)".utf8)
            }
        }

        func isEndOfGeneration(_ token: Int32) -> Bool { token == 0 }
    }

    /// Answers every question with the next token of a script.
    private func generate(
        _ script: [Int32], candidates: [[Int32]]? = nil, maximum: Int = 10
    ) -> [GeneratedToken] {
        var scheduler = BatchScheduler(limits: BatchSchedulerTests.limits)
        let task = GenerationTask(
            candidates: candidates.map { CandidateTrie(tokenLists: $0) },
            maximumTokenCount: maximum, temperature: 0, seed: 0, vocabulary: Pieces())
        let work = EngineWork(
            prompt: BatchSchedulerTests.prompt(0..<5), adapter: nil, purpose: .generate(task))
        _ = scheduler.submit(1, work)
        var script = script[...]
        var tokens: [GeneratedToken] = []
        while let step = scheduler.nextStep() {
            let answers = step.outputs.map { _ in
                LogitAnswer.choice(token: script.popFirst() ?? 0, logProbability: -0.5)
            }
            for case .generated(_, let generated) in scheduler.finish(.done(answers)) {
                tokens += generated
            }
        }
        #expect(script.isEmpty)
        #expect(scheduler.statistics.runningRequests == 0)
        return tokens
    }

    @Test("characters come whole, however tokens cut them")
    func characters() {
        let tokens = generate([1, 2, 7, 0])
        #expect(tokens.map(\.text) == ["", "€", "7", ""])
        #expect(tokens.map(\.finishReason) == [nil, nil, nil, .stop])
        #expect(tokens.map(\.tokenCount) == [1, 2, 3, 4])
        #expect(tokens.allSatisfy { $0.promptTokenCount == 5 && $0.logProbability == -0.5 })
        #expect(generate([4, 1, 0]).map(\.text) == ["\u{FFFD}", "", "\u{FFFD}"])
    }

    @Test("free text ends before its newline, or at the maximum of tokens")
    func ends() {
        let stopped = generate([8, 3])
        #expect(stopped.map(\.text) == ["8", "end"])
        #expect(stopped.last?.finishReason == .stop)
        let cut = generate([8, 8, 8], maximum: 3)
        #expect(cut.map(\.finishReason) == [nil, nil, .maximumTokenCount])
        #expect(generate([8], maximum: 1).map(\.finishReason) == [.maximumTokenCount])
    }

    @Test("a constrained generation asks only where candidates part, and names the complete one")
    func constrained() {
        let candidates: [[Int32]] = [[5, 6, 7, 9], [5, 8, 9], [5, 8, 9]]
        let long = generate([5, 6], candidates: candidates)
        #expect(long.map(\.token) == [5, 6, 7, 9])
        #expect(long.map(\.logProbability) == [-0.5, -0.5, 0, 0])
        #expect(long.last?.finishReason == .candidate)
        #expect(long.last?.candidateIndex == 0)
        let equal = generate([5, 8], candidates: candidates)
        #expect(equal.last?.candidateIndex == 1)
        #expect(equal.dropLast().allSatisfy { $0.candidateIndex == nil })
    }

    @Test("the greatest logit wins at temperature 0, and log-probabilities are of those allowed")
    func greedy() {
        let logits: [Float] = [0, 2, 1, 2]
        let answers = [nil, [0, 2]].map { allowed -> LogitAnswer in
            logits.withUnsafeBufferPointer {
                LogitQuestion.choice(allowed: allowed, temperature: 0, uniform: 0.9).answer($0)
            }
        }
        guard case .choice(1, let free) = answers[0], case .choice(2, let among) = answers[1]
        else {
            Issue.record("\(answers)")
            return
        }
        let sum = logits.reduce(0) { $0 + exponential(Double($1)) }
        #expect(abs(free - (2 - logarithm(sum))) < 1e-6)
        #expect(abs(among - (1 - logarithm(1 + exponential(1)))) < 1e-6)
    }

    @Test("a draw follows the probabilities at its temperature", arguments: [0.5, 1, 2] as [Float])
    func temperature(_ temperature: Float) {
        let logits: [Float] = [0, 1, -1]
        let weights = logits.map { exponential(Double($0 / temperature)) }
        let total = weights.reduce(0, +)
        var counts = [0, 0, 0]
        for draw in 0..<1_000 {
            let question = LogitQuestion.choice(
                allowed: nil, temperature: temperature, uniform: (Double(draw) + 0.5) / 1_000)
            guard case .choice(let token, _) = logits.withUnsafeBufferPointer(question.answer)
            else { continue }
            counts[Int(token)] += 1
        }
        for (count, weight) in zip(counts, weights) {
            #expect(abs(Double(count) / 1_000 - weight / total) < 0.002)
        }
    }

    @Test("logits that are no numbers are no answer", arguments: [Float.nan, .infinity])
    func notFinite(_ bad: Float) {
        for question in [
            LogitQuestion.logProbabilities([0]),
            .choice(allowed: nil, temperature: 0, uniform: 0),
            .choice(allowed: [1], temperature: 1, uniform: 0),
        ] {
            #expect([0, bad].withUnsafeBufferPointer(question.answer) == .notFinite)
        }
    }
}
