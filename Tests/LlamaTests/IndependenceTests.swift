import Domain
import GGML
import RankerCore
import Testing

@testable import Llama

/// Promise 4 with the real model: a score is of its prompt and title, and of nothing else.
@Suite("Scores and what is around them", .serialized)
struct IndependenceTests {
    /// What two evaluations of one title may differ by, in nats; here they are the same bits.
    static let tolerance = 1e-3

    /// A prompt as the gateway makes it: text and behavioural tokens.
    private static func hybrid(_ seed: UInt64, titles: Int) -> RankPrompt {
        var generator = SeededGenerator(seed: seed)
        var segments = [RankPrompt.Segment.text("This user has watched these films: ")]
        for row in 0..<titles {
            let title = ModelFixture.titles.randomElement(using: &generator) ?? ""
            segments += [.text("\(title) "), .vectors(rows: row..<row + 1), .text(", ")]
        }
        segments.append(.text("and now watches"))
        let values = (0..<titles * 576).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
        return RankPrompt(
            segments: segments, vectors: FloatTensor(rows: titles, columns: 576, values: values))
    }

    private static func difference(_ one: [CandidateScore], _ other: [CandidateScore]) -> Double {
        zip(one, other).map { abs(($0.logLikelihood ?? .nan) - ($1.logLikelihood ?? .nan)) }
            .reduce(0) { $1 <= $0 ? $0 : $1 }
    }

    @Test("company, order, cache, adapters and steps leave a score as it is")
    func promise() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.gguf"
        try AdapterFixture.write(path, seed: 11)
        let model = try LlamaModel(
            path: ModelFixture.path, adapters: [.init(name: "a", path: path)])
        let quiet = try await LlamaEngine(
            model: model, embeddings: ModelFixture.embeddings(),
            options: EngineOptions(
                contextSize: 1_024, threads: 2, runningRequests: 1, keptPrompts: 0))
        // So small that prompts are cut, steps are mixed and the cache is cleared on the way.
        let busy = try await LlamaEngine(
            model: model, embeddings: ModelFixture.embeddings(),
            options: EngineOptions(
                contextSize: 512, threads: 2, waveTokens: 16, runningRequests: 4,
                sharedStepTokens: 24, keptPrompts: 2,
                limits: RankLimits(candidateTokens: 64, generatedTokens: 64)))
        let asked = (0..<3).map { number in
            (prompt: Self.hybrid(UInt64(number), titles: 5), adapter: number == 1 ? "a" : "")
        }
        let candidates = ModelFixture.candidates
        var alone: [[CandidateScore]] = []
        for (prompt, adapter) in asked {
            alone.append(
                try await quiet.score(
                    prompt: prompt, candidates: candidates, adapter: adapter
                ).candidates)
        }
        #expect(Self.difference(alone[0], alone[1]) > 1e-2)
        for round in 0..<2 {
            let isReversed = round == 1
            try await withThrowingTaskGroup(of: (Int, [CandidateScore]).self) { group in
                for number in [0, 1, 2, 0] {
                    let (prompt, adapter) = asked[number]
                    group.addTask {
                        let scores = try await busy.score(
                            prompt: prompt,
                            candidates: isReversed ? candidates.reversed() : candidates,
                            adapter: adapter
                        ).candidates
                        return (number, isReversed ? scores.reversed() : scores)
                    }
                }
                for try await (number, scores) in group {
                    #expect(Self.difference(scores, alone[number]) < Self.tolerance)
                }
            }
        }
        #expect(busy.statistics.reusedTokens > 0)
        await quiet.shutDown()
        await busy.shutDown()
    }

    @Test("the trie gives what whole token sequences give, one at a time, and by tokens")
    func equalsOneAtATime() async throws {
        let options = EngineOptions(contextSize: 512, threads: 2)
        let engine = try await LlamaEngine.forTest(options)
        let context = try LlamaContext.forTest(options)
        let tokenizer = LlamaTokenizer(context.model)
        // Long enough for the kernels that ggml keeps for prompts; a short one would not tell.
        let text =
            "Watched: " + Array(repeating: "Alien, Heat, Fargo", count: 14).joined() + ". Next:"
        let candidates = Array(ModelFixture.candidates.suffix(2))
        let scores = try await engine.score(
            prompt: RankPrompt(segments: [.text(text)]), candidates: candidates,
            withPromptTokens: true)
        let prompt = try tokenizer.tokenize(text)
        #expect(prompt.count > 80)
        #expect(
            scores.promptTokens
                == prompt.map { .text(token: $0, bytes: tokenizer.bytes(of: $0)) })
        for (candidate, score) in zip(candidates, scores.candidates) {
            let tokens = try tokenizer.tokenize(candidate)
            var sum = 0.0
            for (index, token) in tokens.enumerated() {
                try context.perform(.clear(data: false))
                let whole = (prompt + tokens[..<index]).map(PositionInput.token)
                let question = LogitQuestion.logProbabilities([token])
                let step = BatchStep(prompt: whole, sequence: 0, question: question)
                _ = try context.evaluate(step, asTokens: true, abort: AbortFlag())
                guard
                    case .logProbabilities(let values) = question.answer(
                        try context.logits(at: whole.count - 1))
                else {
                    Issue.record("logits are finite")
                    return
                }
                sum += values[0]
            }
            #expect(abs(sum - (try #require(score.logLikelihood))) < Self.tolerance)
            #expect(score.tokenCount == tokens.count)
        }
        await engine.shutDown()
    }

    @Test("1,000 candidates in waves score what a few of them score alone")
    func waves() async throws {
        let engine = try await LlamaEngine.forTest(EngineOptions(contextSize: 1_024, threads: 2))
        let many = (0..<1_000).map { " \($0)\n" }
        let scores = try await engine.score(prompt: ModelFixture.prompt, candidates: many)
        #expect(scores.candidates.count == 1_000)
        let few = [0, 137, 999]
        let alone = try await engine.score(
            prompt: ModelFixture.prompt, candidates: few.map { many[$0] })
        #expect(
            Self.difference(alone.candidates, few.map { scores.candidates[$0] })
                < Self.tolerance)
        await engine.shutDown()
    }

    @Test("vectors that are no numbers give an answer that is none")
    func notFinite() throws {
        let context = try LlamaContext.forTest(EngineOptions(contextSize: 512, threads: 2))
        let spoiled = [Float](repeating: .nan, count: 576)
        let step = BatchStep(
            prompt: [.vector(spoiled[...]), .token(5)], sequence: 0,
            question: .logProbabilities([1]))
        guard case .done([.notFinite]) = try context.run(step, abort: AbortFlag()) else {
            Issue.record("NaN went unseen")
            return
        }
    }
}

/// LoRA adapters made for tests.
enum AdapterFixture {
    /// A rank-1 adapter of the query projections of the first layers, with seeded values.
    static func write(_ path: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var writer = GGUFWriter(architecture: "llama")
        writer.set("general.type", .string("adapter"))
        writer.set("adapter.type", .string("lora"))
        writer.set("adapter.lora.alpha", .float32(1))
        for layer in 0..<4 {
            for (name, dimensions) in [("lora_a", [576, 1]), ("lora_b", [1, 576])] {
                try writer.add(
                    tensor: "blk.\(layer).attn_q.weight.\(name)", dimensions: dimensions,
                    values: (0..<576).map { _ in Float.random(in: -0.2...0.2, using: &generator) })
            }
        }
        try writer.write(to: path)
    }
}
