import RankerCore
import Testing

@testable import Llama

/// Requests that give up while the real engine works on them, alone and in company.
@Suite("Giving up", .serialized)
struct StoppingTests {
    private let options = EngineOptions(contextSize: 512, threads: 2)

    private func engine(_ embeddings: GatedEmbeddings) async throws -> LlamaEngine {
        try await LlamaEngine(
            model: ModelFixture.model(), embeddings: embeddings, options: options)
    }

    @Test("one of two that share a step: it ends at once, and the other's scores stay as they are")
    func cancelInCompany() async throws {
        let embeddings = try ModelFixture.embeddings()
        let engine = try await engine(embeddings)
        let prompts = [" Heat", " Fargo"].map {
            RankPrompt(segments: [.text("This user has watched Alien and\($0). Next:")])
        }
        let candidates = ModelFixture.candidates
        var alone: [[CandidateScore]] = []
        for prompt in prompts {
            alone.append(
                try await engine.score(prompt: prompt, candidates: candidates).candidates)
        }
        // Holds the engine with a single row until both others wait.
        let first = Gate(embeddings)
        async let holder = engine.score(
            prompt: RankPrompt(segments: [.text("a")]), candidates: ["\n"])
        await first.isReached()
        let asked = prompts.map { prompt in
            Task { try await engine.score(prompt: prompt, candidates: candidates) }
        }
        while engine.statistics.waitingRequests < 2 { await Task.yield() }
        let shared = Gate(embeddings)
        first.open()
        await shared.isReached()
        _ = try await holder
        #expect(engine.statistics.runningRequests == 2)
        asked[0].cancel()
        await #expect(throws: CancellationError.self) { try await asked[0].value }
        #expect(engine.statistics.runningRequests == 1)
        shared.open()
        #expect(try await asked[1].value.candidates == alone[1])
        #expect(engine.statistics.stoppedRequests == 1)
        #expect(
            try await engine.score(prompt: prompts[0], candidates: candidates).candidates
                == alone[0])
        await engine.shutDown()
    }

    @Test("a deadline in the middle of a generation ends it with what it has")
    func deadlineWhileGenerating() async throws {
        let count = try LlamaTokenizer(ModelFixture.model())
            .tokenize("This user has watched Alien. Next:").count
        var timeout = Duration.milliseconds(250)
        // However slow the machine is, one of these is enough to read the prompt in.
        while timeout < .seconds(300) {
            let embeddings = try ModelFixture.embeddings()
            let engine = try await engine(embeddings)
            // The engine stands still before it reads the first generated tokens, those up to
            // where the candidates part.
            let gate = Gate(embeddings, skipping: count)
            let stream = try engine.generate(
                prompt: ModelFixture.prompt, candidates: [" Alien (1979)", " Alien (1986)"],
                deadline: .now + timeout)
            var tokens: [GeneratedToken] = []
            var failure: LlamaError?
            do {
                for try await token in stream { tokens.append(token) }
            } catch {
                failure = error as? LlamaError
            }
            gate.open()
            await engine.shutDown()
            guard failure == nil else {
                #expect(failure?.code == .deadlineExceeded)
                timeout = timeout * 2
                continue
            }
            let last = try #require(tokens.last)
            tokens.removeLast()
            #expect(last.finishReason == .deadline && last.token == nil)
            #expect(last.tokenCount == tokens.count && !tokens.isEmpty)
            #expect(tokens.allSatisfy { $0.finishReason == nil && $0.token != nil })
            #expect(tokens.map(\.text).joined() == " Alien (19")
            #expect(engine.statistics.stoppedRequests == 1)
            return
        }
        Issue.record("no prompt was read")
    }

    @Test("after a failure no snapshot is left, and the cache works on")
    func dropAll() throws {
        let context = try LlamaContext.forTest(options)
        let tokens = try LlamaTokenizer(context.model).tokenize("This user has watched Alien")
        let step = BatchStep(
            prompt: tokens.map(PositionInput.token), sequence: 0,
            question: .logProbabilities([1, 2]))
        func answer() throws -> LogitAnswer? {
            guard case .done(let answers) = try context.run(step, abort: AbortFlag()) else {
                return nil
            }
            return answers.first
        }
        let before = try #require(try answer())
        for snapshot in 1...2 {
            try context.perform(.save(sequence: 0, snapshot: snapshot))
        }
        try context.perform(.bury(sequence: 0, from: 0))
        try context.perform(.restore(snapshot: 2, sequence: 1, count: tokens.count))
        try context.perform(.dropAll)
        try context.perform(.clear(data: true))
        #expect(context.isEmpty)
        for snapshot in 1...2 {
            let error = #expect(throws: LlamaError.self) {
                try context.perform(
                    .restore(snapshot: snapshot, sequence: 2, count: tokens.count))
            }
            #expect(error?.code == .engine)
        }
        #expect(context.isEmpty)
        #expect(try answer() == before)
    }
}
