import RankerCore
import Testing

@testable import Llama

@Suite("Generation by the model", .serialized)
struct GenerateTests {
    private let options = EngineOptions(contextSize: 512, threads: 2)

    private func collect(
        _ stream: AsyncThrowingStream<GeneratedToken, any Error>
    ) async throws -> [GeneratedToken] {
        var tokens: [GeneratedToken] = []
        for try await token in stream { tokens.append(token) }
        return tokens
    }

    @Test("free text is the most likely continuation, its log-probabilities those of scoring")
    func free() async throws {
        let engine = try await LlamaEngine.forTest(options)
        let tokens = try await collect(
            engine.generate(prompt: ModelFixture.prompt, maximumTokenCount: 6))
        #expect((1...6).contains(tokens.count))
        #expect(tokens.last?.finishReason != nil)
        #expect(tokens.map(\.tokenCount) == Array(1...tokens.count))
        let text = tokens.map(\.text).joined()
        let isWhole = tokens.last?.finishReason == .maximumTokenCount
        if isWhole {
            let scores = try await engine.score(prompt: ModelFixture.prompt, candidates: [text])
            let sum = tokens.reduce(0) { $0 + ($1.logProbability ?? 0) }
            #expect(abs(sum - (try #require(scores.candidates[0].logLikelihood))) < 1e-3)
        }
        let again = try await collect(
            engine.generate(prompt: ModelFixture.prompt, maximumTokenCount: 6))
        #expect(again.map(\.text) == tokens.map(\.text))
        #expect((again.first?.reusedTokenCount ?? 0) > 0)
        await engine.shutDown()
    }

    @Test("only candidates come out, by seed, and the greedy one is whole")
    func constrained() async throws {
        let engine = try await LlamaEngine.forTest(options)
        let candidates = ModelFixture.candidates
        for (temperature, seed) in [(Float(0), UInt64(0)), (1, 1), (1, 1), (1, 2)] {
            let tokens = try await collect(
                engine.generate(
                    prompt: ModelFixture.prompt, candidates: candidates,
                    temperature: temperature, seed: seed))
            let index = try #require(tokens.last?.candidateIndex)
            #expect(tokens.last?.finishReason == .candidate)
            #expect(tokens.map(\.text).joined() == candidates[index])
        }
        func drawn() async throws -> [Int32?] {
            try await collect(
                engine.generate(
                    prompt: ModelFixture.prompt, maximumTokenCount: 5, temperature: 1, seed: 7)
            ).map(\.token)
        }
        #expect(try await drawn() == (try await drawn()))
        await engine.shutDown()
    }

    @Test("who stops reading frees the engine; a deadline says so in the last token")
    func stopping() async throws {
        let engine = try await LlamaEngine.forTest(options)
        for try await _ in try engine.generate(
            prompt: ModelFixture.prompt, maximumTokenCount: 256, temperature: 2, seed: 3)
        {
            break
        }
        while engine.statistics.stoppedRequests == 0 { await Task.yield() }
        #expect(engine.statistics.runningRequests == 0)
        let tokens = try await collect(
            engine.generate(
                prompt: ModelFixture.prompt, candidates: [String(repeating: "7 8", count: 80)],
                maximumTokenCount: 256, deadline: .now + .seconds(60)))
        #expect(tokens.last?.finishReason == .candidate)
        let late = try engine.generate(prompt: ModelFixture.prompt, deadline: .now)
        let error = await #expect(throws: LlamaError.self) { try await collect(late) }
        #expect(error?.code == .deadlineExceeded)
        await engine.shutDown()
    }

    @Test("a wrong count, temperature or candidate is said by field")
    func refusals() async throws {
        let engine = try await LlamaEngine.forTest(options)
        func field(
            _ candidates: [String] = [], count: Int = 1, temperature: Float = 0
        ) -> String? {
            do {
                _ = try engine.generate(
                    prompt: ModelFixture.prompt, candidates: candidates,
                    maximumTokenCount: count, temperature: temperature)
                return nil
            } catch {
                return (error as? LlamaError)?.field
            }
        }
        #expect(field(count: 256) == nil)
        #expect(field(count: 257) == "maximum_token_count")
        #expect(field(count: 0) == "maximum_token_count")
        #expect(field(temperature: 10) == nil)
        for wrong in [-1, 10.5, .nan] as [Float] {
            #expect(field(temperature: wrong) == "temperature")
        }
        #expect(field([""]) == "candidates[0].text")
        await engine.shutDown()
    }
}
