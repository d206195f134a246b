import Domain
import RankerCore
import Synchronization
import Testing

@testable import Llama

/// Work on one context, on the test's own thread and by a counted clock.
@Suite("Scoring on a context", .serialized)
struct ScoringJobTests {
    @Test("the trie gives what whole token sequences give, one at a time, and by tokens")
    func equalsOneAtATime() throws {
        let context = try LlamaContext.forTest()
        let tokenizer = LlamaTokenizer(context.model)
        // Long enough for the kernels that ggml keeps for prompts; a short one would not tell.
        let text =
            "Watched: " + Array(repeating: "Alien, Heat, Fargo", count: 14).joined() + ". Next:"
        let candidates = Array(ModelFixture.candidates.suffix(2))
        let job = try ScoringJob.forTest(
            prompt: RankPrompt(segments: [.text(text)]), candidates: candidates)
        let scores = try job.run(on: context, embeddings: ModelFixture.embeddings())
        let prompt = try tokenizer.tokenize(text)
        #expect(prompt.count > 80)
        for (candidate, score) in zip(candidates, scores.candidates) {
            let tokens = try tokenizer.tokenize(candidate)
            var sum = 0.0
            for (index, token) in tokens.enumerated() {
                context.clear()
                let outcome = try context.evaluate(
                    tokens: prompt + tokens[..<index], control: DecodeControl(deadline: nil))
                #expect(outcome == .done)
                let logits = try context.logits(at: context.lastIndex)
                sum += Double(logits[Int(token)]) - (logSumExp(logits) ?? .nan)
            }
            #expect(abs(sum - (try #require(score.logLikelihood))) < 1e-3)
            #expect(score.tokenCount == tokens.count)
        }
    }

    @Test("neither order, nor company, nor the size of waves changes a score")
    func independence() throws {
        let context = try LlamaContext.forTest()
        let embeddings = try ModelFixture.embeddings()
        func score(_ candidates: [String], waveTokens: Int = 64) throws -> [Double?] {
            try ScoringJob.forTest(candidates: candidates, waveTokens: waveTokens)
                .run(on: context, embeddings: embeddings).candidates.map(\.logLikelihood)
        }
        let candidates = ModelFixture.candidates
        let scores = try score(candidates)
        let others = [
            try score(candidates.reversed()).reversed(), try score(candidates, waveTokens: 5),
            try score(candidates + ["\n"]).dropLast(), try candidates.flatMap { try score([$0]) },
        ]
        for other in others {
            for (first, second) in zip(scores, other) {
                #expect(abs(try #require(first) - (try #require(second))) < 1e-3)
            }
        }
    }

    @Test("the model reads a prompt once, and of the trie what something follows")
    func evaluatedCount() throws {
        let context = try LlamaContext.forTest()
        let job = try ScoringJob.forTest()
        let scores = try job.run(on: context, embeddings: ModelFixture.embeddings())
        #expect(scores.evaluatedTokenCount == job.plan.positions.count + job.trie.evaluatedCount)
        #expect(scores.evaluatedTokenCount == job.tokenCount)
    }

    @Test("a deadline at any point gives whole scores or none, and leaves the cache empty")
    func deadlineAtEveryPoint() throws {
        let context = try LlamaContext.forTest(waveTokens: 4)
        let embeddings = try ModelFixture.embeddings()
        let counter = PollCounter()
        let candidates = Array(ModelFixture.candidates.prefix(4))
        func run(_ control: DecodeControl) throws -> [CandidateScore] {
            try ScoringJob.forTest(candidates: candidates, waveTokens: 4, control: control)
                .run(on: context, embeddings: embeddings).candidates
        }
        let full = try run(counter.control(stopAt: nil))
        let total = counter.count
        var partial = 0
        var refused = 0
        for share in 0..<10 {
            do {
                let scores = try run(PollCounter().control(stopAt: total * share / 10))
                let reached = scores.filter { $0.logLikelihood != nil }.count
                if (1..<scores.count).contains(reached) { partial += 1 }
                for (score, whole) in zip(scores, full) where score.logLikelihood != nil {
                    #expect(score == whole)
                }
            } catch let error as LlamaError where error.code == .deadlineExceeded {
                refused += 1
            }
            #expect(context.isEmpty)
        }
        #expect(partial > 0)
        #expect(refused > 0)
        #expect(try run(DecodeControl(deadline: nil)) == full)
    }

    @Test("a cancel at any point stops at the next operation and leaves nothing behind")
    func cancelAtEveryPoint() throws {
        let context = try LlamaContext.forTest()
        let embeddings = try ModelFixture.embeddings()
        let counter = PollCounter()
        let full = try ScoringJob.forTest(control: counter.control(stopAt: nil))
            .run(on: context, embeddings: embeddings)
        // The machine sees hundreds of operations a decode, so none is long.
        #expect(counter.count > 500)
        for share in 0..<6 {
            let stop = counter.count * share / 6
            let stopped = PollCounter()
            let control = stopped.control(cancelAt: stop)
            #expect(throws: CancellationError.self) {
                try ScoringJob.forTest(control: control).run(on: context, embeddings: embeddings)
            }
            #expect(stopped.count <= stop + 2)
            #expect(context.isEmpty)
        }
        let again = try ScoringJob.forTest().run(on: context, embeddings: embeddings)
        #expect(again.candidates == full.candidates)
    }

    @Test("vectors change the scores, and the same vectors give the same scores")
    func hybridPrompt() throws {
        let context = try LlamaContext.forTest()
        let embeddings = try ModelFixture.embeddings()
        func score(_ seed: UInt64?) throws -> [CandidateScore] {
            var prompt = RankPrompt(segments: [.text("This user has watched Alien")])
            if let seed {
                var generator = SeededGenerator(seed: seed)
                let values = (0..<576).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
                prompt.vectors = FloatTensor(rows: 1, columns: 576, values: values)
                prompt.segments.append(.vectors(rows: 0..<1))
            }
            prompt.segments.append(.text(". Next:"))
            return try ScoringJob.forTest(prompt: prompt)
                .run(on: context, embeddings: embeddings).candidates
        }
        let (text, one, two) = (try score(nil), try score(1), try score(2))
        #expect(text != one)
        #expect(one != two)
        #expect(try score(1) == one)
    }

    @Test("output that is not finite is an error, and the next request is unharmed")
    func notFinite() throws {
        let context = try LlamaContext.forTest()
        let embeddings = try ModelFixture.embeddings()
        let before = try ScoringJob.forTest().run(on: context, embeddings: embeddings)
        let spoiled = RankPrompt(
            segments: [.vectors(rows: 0..<1), .text("Next:")],
            vectors: FloatTensor(
                rows: 1, columns: 576, values: Array(repeating: .nan, count: 576)))
        let error = #expect(throws: LlamaError.self) {
            try ScoringJob.forTest(prompt: spoiled).run(on: context, embeddings: embeddings)
        }
        #expect(error?.code == .engine)
        #expect(context.isEmpty)
        let after = try ScoringJob.forTest().run(on: context, embeddings: embeddings)
        #expect(after.candidates == before.candidates)
    }
}

/// A clock that moves when it is read: how often a decode asks is how far it is.
private final class PollCounter: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    /// A control whose deadline passes at the `stopAt`-th reading.
    func control(stopAt: Int?) -> DecodeControl {
        let start = ContinuousClock.now
        return DecodeControl(deadline: start + .seconds(stopAt ?? 1_000_000_000)) { [self] in
            start
                + .seconds(
                    state.withLock { count in
                        count += 1
                        return count
                    })
        }
    }

    /// A control that is cancelled at the `cancelAt`-th reading.
    func control(cancelAt: Int) -> DecodeControl {
        let start = ContinuousClock.now
        let cell = Mutex<DecodeControl?>(nil)
        let holder = Holder(cell)
        let control = DecodeControl(deadline: start + .seconds(1)) { [self] in
            let now = state.withLock { count in
                count += 1
                return count
            }
            if now >= cancelAt { holder.cancel() }
            return start
        }
        holder.set(control)
        return control
    }
}

/// Lets a control's clock reach the control.
private final class Holder: Sendable {
    private let control: Mutex<DecodeControl?>

    init(_ control: consuming Mutex<DecodeControl?>) { self.control = control }

    func set(_ value: DecodeControl) { control.withLock { $0 = value } }

    func cancel() { control.withLock { $0 }?.cancel() }
}
