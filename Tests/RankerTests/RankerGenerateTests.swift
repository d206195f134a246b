import Domain
import Llama
import Logging
import RPC
import RankerCore
import Releases
import ServiceAPI
import ServiceKit
import Testing
import Wire

@testable import llara_ranker

@Suite("Generation by the ranker", .serialized)
struct RankerGenerateTests {
    private static let prompt = "This user has watched Alien. Next:"

    private func generate(
        _ ranker: RankerFixture, _ change: (inout GenerateRequest) -> Void = { _ in }
    ) async throws -> [GenerateResponse] {
        var request = GenerateRequest(prompt: [.text(Self.prompt)], maximumTokenCount: 6)
        change(&request)
        return try await ranker.client.generate(request) { stream in
            var responses: [GenerateResponse] = []
            for try await response in stream { responses.append(response) }
            return responses
        }
    }

    @Test("free text comes token by token, and the last one says why it ends")
    func free() async throws {
        let ranker = try await RankerFixture()
        let responses = try await generate(ranker)
        let last = try #require(responses.last)
        #expect(responses.map(\.tokenCount) == Array(1...responses.count))
        #expect(responses.dropLast().allSatisfy { $0.finishReason == nil })
        #expect(last.finishReason == (responses.count == 6 ? .maximumTokenCount : .stop))
        #expect(responses.allSatisfy { $0.logProbability <= 0 && $0.promptTokenCount > 5 })
        #expect(last.release == ranker.release.reference.description)
        #expect(try await generate(ranker).map(\.text) == responses.map(\.text))
    }

    @Test("of candidates one comes out, letter by letter, and is named")
    func constrained() async throws {
        let ranker = try await RankerFixture()
        let candidates = [
            RankCandidate(id: "a", text: " Heat (1995)\n"),
            RankCandidate(id: "b", text: " Aliens (1986)\n"),
        ]
        for seed in 0..<4 {
            let responses = try await generate(ranker) {
                $0.candidates = candidates
                $0.maximumTokenCount = 0
                $0.temperature = 2
                $0.seed = UInt64(seed)
            }
            let last = try #require(responses.last)
            #expect(last.finishReason == .candidate)
            let chosen = candidates.first { $0.id == last.candidateID }
            #expect(responses.map(\.text).joined() == chosen?.text)
        }
    }

    @Test("values at their limits are taken, beyond them refused with the field")
    func limits() async throws {
        let ranker = try await RankerFixture()
        let candidate = RankCandidate(id: "a", text: " Heat\n")
        let most = try await generate(ranker) {
            $0.candidates = [candidate]
            $0.maximumTokenCount = RankLimits.defaults.generatedTokens
            $0.temperature = RankLimits.defaults.temperature
        }
        #expect(most.last?.finishReason == .candidate)
        let changes: [(inout GenerateRequest) -> Void] = [
            { $0.maximumTokenCount = RankLimits.defaults.generatedTokens + 1 },
            { $0.temperature = RankLimits.defaults.temperature.nextUp },
            { $0.temperature = -1 }, { $0.temperature = .nan },
            { $0.candidates = [candidate, candidate] },
            { $0.candidates = [RankCandidate(id: "a", text: "")] },
            { $0.candidates = (0...1_000).map { RankCandidate(id: "\($0)", text: " a\n") } },
            { $0.prompt = [] },
        ]
        for (index, change) in changes.enumerated() {
            let error = await failure { try await generate(ranker, change) }
            #expect(error?.code == .invalidArgument, "change \(index)")
        }
        let other = await failure { try await generate(ranker) { $0.release = "other" } }
        #expect(other?.code == .notFound)
    }

    @Test("a deadline that has passed before the prompt was read ends the call")
    func deadline() async throws {
        let ranker = try await RankerFixture()
        let error = await failure {
            try await ranker.client.generate(
                GenerateRequest(prompt: [.text(Self.prompt)]),
                options: CallOptions(timeout: .milliseconds(1))
            ) { stream in
                for try await _ in stream {}
            }
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("an end without a token, as a deadline brings, is told as such")
    func endWithoutToken() {
        let response = GenerateResponse(
            GeneratedToken(
                text: "x", token: nil, logProbability: nil, finishReason: .deadline, tokenCount: 3),
            release: "r", candidates: [])
        #expect(
            response
                == GenerateResponse(
                    release: "r", text: "x", finishReason: .deadline, tokenCount: 3))
    }

    @Test("a caller that goes away, over sockets, frees the engine")
    func goneCaller() async throws {
        let ranker = try await RankerFixture()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = RPCServer(
            router: ranker.app.parts.router,
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let client = RPCClient(replicas: [try await server.boundAddress()], logger: logger)
            group.addTask { try await client.run() }
            let first = try await RankerClient(client).generate(
                GenerateRequest(
                    prompt: [.text(Self.prompt)], maximumTokenCount: 256, temperature: 10)
            ) { stream in
                var first: GenerateResponse?
                for try await response in stream {
                    first = response
                    break
                }
                return first
            }
            #expect(first?.tokenCount == 1)
            client.beginGracefulShutdown()
            let engine = ranker.app.engine
            while engine.statistics.runningRequests + engine.statistics.waitingRequests > 0 {
                await Task.yield()
            }
            server.beginGracefulShutdown()
            try await group.waitForAll()
        }
        #expect(ranker.app.engine.statistics.stoppedRequests == 1)
        #expect(try await generate(ranker).isEmpty == false)
    }
}
