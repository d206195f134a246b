import Domain
import RankerCore
import Testing

@testable import Llama

@Suite("Engine", .serialized)
struct LlamaEngineTests {
    private let candidates = [" Heat (1995)\n", " Fargo (1996)\n"]

    private func engine(
        _ embeddings: any TokenEmbeddings, maximumWaitingTokens: Int = 1_000
    ) async throws -> LlamaEngine {
        try await LlamaEngine(
            model: ModelFixture.model(), embeddings: embeddings,
            options: EngineOptions(
                contextSize: 512, threads: 2, maximumWaitingTokens: maximumWaitingTokens))
    }

    private func code(_ body: () async throws -> some Any) async -> LlamaError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? LlamaError)?.code
        }
    }

    @Test("what is wrong with a request is said by field, before the engine sees it")
    func refusals() async throws {
        let engine = try await engine(ModelFixture.embeddings())
        let limits = engine.options.limits
        func field(
            _ candidates: [String], after prompt: RankPrompt = ModelFixture.prompt
        ) async -> String? {
            do {
                _ = try await engine.score(prompt: prompt, candidates: candidates)
                return nil
            } catch {
                return (error as? LlamaError)?.field
            }
        }
        #expect(await field([]) == "candidates")
        let many = Array(repeating: " a\n", count: limits.candidates)
        #expect(await field(many) == nil)
        #expect(await field(many + [" a\n"]) == "candidates")
        #expect(await field([" a\n", ""]) == "candidates[1].text")
        let long = String(repeating: " ", count: limits.candidateBytes)
        #expect(await field([long]) == nil)
        #expect(await field([long + " "]) == "candidates[0].text")
        let whole = Array(
            repeating: long, count: limits.candidatesBytes / limits.candidateBytes)
        #expect(await field(whole) == nil)
        #expect(await field(whole + [" "]) == "candidates")
        let digits = String(repeating: "7", count: limits.candidateTokens)
        #expect(await field([digits]) == nil)
        #expect(await field([digits + "7"]) == "candidates[0].text")

        let room = engine.options.maximumPromptTokens
        func prompt(_ count: Int) -> RankPrompt {
            RankPrompt(segments: [.text(String(repeating: "7", count: count))])
        }
        #expect(await field([digits], after: prompt(room)) == nil)
        #expect(await field([digits], after: prompt(room + 1)) == "prompt")
        let narrow = RankPrompt(
            segments: [.vectors(rows: 0..<1)],
            vectors: FloatTensor(rows: 1, columns: 2, values: [1, .nan]))
        #expect(await field([" a\n"], after: narrow) == "vectors")
        await engine.shutDown()
    }

    @Test("beyond the bound a request is refused while the engine is still busy")
    func queueBound() async throws {
        let embeddings = try ModelFixture.embeddings()
        let engine = try await engine(embeddings, maximumWaitingTokens: 20)
        let gate = Gate(embeddings)
        async let running = engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        await gate.isReached()
        let waiting = Task {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        while engine.statistics.waitingTokens == 0 { await Task.yield() }
        let refused = await code {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        #expect(refused == .resourceExhausted)
        // Refused before anybody looks at what it holds.
        let faulty = await code {
            try await engine.score(prompt: RankPrompt(segments: []), candidates: [])
        }
        let text = await code { try engine.generate(prompt: RankPrompt(segments: [])) }
        #expect(faulty == .resourceExhausted && text == .resourceExhausted)
        #expect(engine.statistics.refusedRequests == 3)
        gate.open()
        let first = try await running
        #expect(try await waiting.value.candidates == first.candidates)
        await engine.shutDown()
    }

    @Test("who is cancelled or expires leaves the queue while the engine is still busy")
    func leavingTheQueue() async throws {
        let embeddings = try ModelFixture.embeddings()
        let engine = try await engine(embeddings)
        let gate = Gate(embeddings)
        async let running = engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        await gate.isReached()
        let cancelled = Task {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        while engine.statistics.waitingTokens == 0 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let expired = await code {
            try await engine.score(
                prompt: ModelFixture.prompt, candidates: candidates,
                deadline: .now + .milliseconds(5))
        }
        #expect(expired == .deadlineExceeded)
        #expect(engine.statistics.waitingTokens == 0)
        gate.open()
        _ = try await running
        await engine.shutDown()
    }

    @Test("who is cancelled has no candidate tokenised any more")
    func cancelWhileTokenising() async throws {
        let engine = try await engine(ModelFixture.embeddings())
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await engine.score(prompt: ModelFixture.prompt, candidates: [""])
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        await engine.shutDown()
    }

    @Test("a request cancelled in its decode ends as cancelled, and the next is unharmed")
    func cancelWhileRunning() async throws {
        let embeddings = try ModelFixture.embeddings()
        let engine = try await engine(embeddings)
        let before = try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        let gate = Gate(embeddings)
        let running = Task {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        await gate.isReached()
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        gate.open()
        let after = try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        #expect(after.candidates == before.candidates)
        #expect(engine.statistics.abortedSteps == 1)
        #expect(engine.statistics.stoppedRequests == 1)
        await engine.shutDown()
    }

    @Test("shutting down stops what runs, refuses what waits or comes, and ends the thread")
    func shutDown() async throws {
        let embeddings = try ModelFixture.embeddings()
        let engine = try await engine(embeddings)
        let gate = Gate(embeddings)
        let running = Task {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        await gate.isReached()
        let waiting = Task {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        while engine.statistics.waitingTokens == 0 { await Task.yield() }
        let end = Task { await engine.shutDown() }
        #expect(await code { try await waiting.value } == .unavailable)
        #expect(await code { try await running.value } == .unavailable)
        gate.open()
        await end.value
        let late = await code {
            try await engine.score(prompt: ModelFixture.prompt, candidates: candidates)
        }
        #expect(late == .unavailable)
        let faulty = await code {
            try await engine.score(prompt: RankPrompt(segments: []), candidates: [])
        }
        #expect(faulty == .unavailable)
    }

    @Test("a table that is not the model's is refused at load")
    func foreignTable() async throws {
        let table = try ModelFixture.embeddings()
        #expect(await code { try await engine(Scaled(table: table)) } == .incompatible)
        #expect(await code { try await engine(Narrow()) } == .incompatible)
    }

    @Test("each size at its limits is taken, and refused by name beyond them")
    func sizes() throws {
        let model = try ModelFixture.model()
        func options(_ change: (inout EngineOptions) -> Void) -> EngineOptions {
            var options = EngineOptions(threads: 2)
            change(&options)
            return options
        }
        let limits: [(String, WritableKeyPath<EngineOptions, Int>, least: Int, most: Int)] = [
            ("context size", \.contextSize, 257, 8_192), ("threads", \.threads, 1, 512),
            ("wave tokens", \.waveTokens, 1, 254),
            ("running requests", \.runningRequests, 1, 64),
            ("solo step tokens", \.soloStepTokens, 1, 4_096),
            ("shared step tokens", \.sharedStepTokens, 8, 4_096),
            ("kept prompts", \.keptPrompts, 0, 1_024),
            ("kept tokens", \.keptTokens, 0, Int(Int32.max)),
            ("waiting tokens", \.maximumWaitingTokens, 0, Int(Int32.max)),
            ("waiting requests", \.maximumWaiters, 1, 65_536),
        ]
        for (name, path, least, most) in limits {
            try options { $0[keyPath: path] = least }.validate(for: model)
            try options { $0[keyPath: path] = most }.validate(for: model)
            for wrong in [least - 1, most + 1] {
                let error = #expect(throws: LlamaError.self) {
                    try options { $0[keyPath: path] = wrong }.validate(for: model)
                }
                #expect(error?.code == .incompatible)
                #expect(error?.message.hasPrefix("\(name) is \(wrong)") == true)
            }
        }
    }
}

/// A table as of a family that scales its embeddings after looking them up.
private struct Scaled: TokenEmbeddings {
    let table: GatedEmbeddings

    var width: Int { table.width }

    func row(_ token: Int32) -> [Float] { table.row(token).map { $0 * 24 } }
}

private struct Narrow: TokenEmbeddings {
    let width = 8

    func row(_ token: Int32) -> [Float] { Array(repeating: 0, count: 8) }
}
