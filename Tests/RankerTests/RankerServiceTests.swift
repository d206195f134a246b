import Domain
import Foundation
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Testing
import Wire

@testable import llara_ranker

@Suite("Ranker service", .serialized)
struct RankerServiceTests {
    private let request = RankRequest(
        prompt: [.text("This user has watched Alien. Next:")],
        candidates: [
            RankCandidate(id: "a", text: " Heat (1995)\n"),
            RankCandidate(id: "b", text: " Aliens (1986)\n"),
        ])

    private func vectors(_ columns: Int, _ value: Float = 0.1) -> FloatTensor {
        FloatTensor(rows: 1, columns: columns, values: Array(repeating: value, count: columns))
    }

    @Test("scores come in the order asked, with what they cost")
    func rank() async throws {
        let ranker = try await RankerFixture()
        var hybrid = request
        hybrid.prompt.insert(.vectors(role: "item", firstRow: 0, rowCount: 1), at: 1)
        hybrid.vectors = vectors(576)
        let text = try await ranker.client.rank(request)
        let withVector = try await ranker.client.rank(hybrid)
        #expect(text.release == ranker.release.reference.description)
        #expect(text.candidates.map(\.id) == ["a", "b"])
        #expect(text.candidates.allSatisfy { $0.scored && $0.logLikelihood < 0 })
        #expect(text.candidates.allSatisfy { $0.tokenCount > 2 })
        #expect(text.evaluatedTokenCount > text.promptTokenCount)
        #expect(text.computeMilliseconds > 0)
        #expect(withVector.promptTokenCount == text.promptTokenCount + 1)
        #expect(withVector.candidates != text.candidates)

        var reversed = request
        reversed.candidates.reverse()
        let again = try await ranker.client.rank(reversed)
        #expect(again.candidates.reversed() == text.candidates)
        for candidate in text.candidates {
            let mean = candidate.logLikelihood / Double(candidate.tokenCount)
            #expect(candidate.meanLogLikelihood == mean)
        }
    }

    @Test("an explained ranking has every position of the prompt; others have none")
    func explain() async throws {
        let ranker = try await RankerFixture()
        var explained = request
        explained.explain = true
        explained.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 1))
        explained.vectors = vectors(576)
        let answer = try await ranker.client.rank(explained)
        #expect(answer.promptTokens.count == answer.promptTokenCount)
        let text = answer.promptTokens.flatMap(\.text)
        #expect(String(decoding: text, as: UTF8.self) == "This user has watched Alien. Next:")
        #expect(answer.promptTokens.last?.isVector == true)
        #expect(answer.promptTokens.filter(\.isVector).count == 1)
        #expect(try await ranker.client.rank(request).promptTokens.isEmpty)
    }

    /// Promise 4: not on order, company, other clients or what the cache holds.
    @Test("a score depends on prompt and candidate alone, with adapter and vectors")
    func independence() async throws {
        let ranker = try await RankerFixture([.init(adapters: ["default": 1, "strong": 2])])
        var hybrid = request
        hybrid.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 1))
        hybrid.vectors = vectors(576)
        hybrid.candidates += ["Alien", "Aliens", "Fargo", "Star Wars", "Star Trek"].enumerated()
            .map { RankCandidate(id: "\($0)", text: " \($1)\n") }
        let client = ranker.client
        @Sendable func scores(_ request: RankRequest) async throws -> [String: Double] {
            let answer = try await client.rank(request)
            #expect(answer.candidates.allSatisfy { $0.scored })
            return Dictionary(
                uniqueKeysWithValues: answer.candidates.map { ($0.id, $0.logLikelihood) })
        }
        let expected = try await scores(hybrid)
        var variants = hybrid.candidates.map { candidate in
            var alone = hybrid
            alone.candidates = [candidate]
            return alone
        }
        var reversed = hybrid
        reversed.candidates.reverse()
        variants.append(reversed)
        var others = hybrid
        others.adapter = "strong"
        let other = others
        let measured = try await withThrowingTaskGroup(of: [String: Double].self) { group in
            for variant in variants {
                group.addTask { try await scores(variant) }
                // Other clients, with another adapter on the same prompt.
                group.addTask {
                    _ = try await scores(other)
                    return [:]
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (id, score) in measured.joined() {
            let first = try #require(expected[id])
            #expect(abs(score - first) < 1e-3)
        }
        #expect(try await scores(other) != expected)
    }

    @Test("what is wrong with a request comes back as its status and field")
    func refusals() async throws {
        let ranker = try await RankerFixture()
        func refusal(_ change: (inout RankRequest) -> Void) async -> RPCError? {
            var changed = request
            change(&changed)
            return await failure { try await ranker.client.rank(changed) }
        }
        #expect(await refusal { $0.candidates = [] }?.code == .invalidArgument)
        #expect(await refusal { $0.candidates[1].id = "a" }?.code == .invalidArgument)
        #expect(await refusal { $0.candidates[1].text = "" }?.code == .invalidArgument)
        #expect(await refusal { $0.prompt = [] }?.code == .invalidArgument)
        let many = (0...1_000).map { RankCandidate(id: "\($0)", text: " a\n") }
        #expect(await refusal { $0.candidates = many }?.code == .invalidArgument)
        #expect(await refusal { $0.adapter = "other" }?.code == .notFound)
        #expect(await refusal { $0.release = "other" }?.code == .notFound)
        let beyond = await refusal {
            $0.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 2))
            $0.vectors = vectors(576)
        }
        #expect(beyond?.code == .invalidArgument)
        let bad =
            [vectors(575), vectors(577), vectors(1)]
            + [
                Float.nan, .infinity, -.infinity, 1e9, .greatestFiniteMagnitude,
            ].map { vectors(576, $0) }
        let noRows = await refusal {
            $0.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 0))
        }
        #expect(noRows?.code == .invalidArgument)
        for bad in bad {
            let refused = await refusal {
                $0.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 1))
                $0.vectors = bad
            }
            #expect(refused?.code == .invalidArgument)
            #expect(refused?.details.map(\.type) == [RPCError.Detail.fieldViolationType])
        }
    }

    @Test(
        "vectors at the edge of what is allowed are answered and leave no trace",
        arguments: [0, Float.leastNonzeroMagnitude, .leastNormalMagnitude, 1e6, -1e6])
    func extremeVectors(value: Float) async throws {
        let ranker = try await RankerFixture()
        let before = try await ranker.client.rank(request)
        var extreme = request
        extreme.prompt.append(.vectors(role: "item", firstRow: 0, rowCount: 1))
        extreme.vectors = vectors(576, value)
        let answer = try await ranker.client.rank(extreme)
        #expect(answer.candidates.allSatisfy { $0.scored && $0.logLikelihood.isFinite })
        #expect(try await ranker.client.rank(request).candidates == before.candidates)
    }

    @Test("a prompt that cannot be read in time is a deadline exceeded")
    func deadline() async throws {
        let ranker = try await RankerFixture()
        let service = ranker.client
        let late = await failure {
            try await service.rank(request, options: CallOptions(timeout: .milliseconds(1)))
        }
        #expect(late?.code == .deadlineExceeded)
        _ = try await service.rank(request)
    }

    @Test("Describe names the release and its LLM; another release is not found")
    func describe() async throws {
        let ranker = try await RankerFixture()
        let answer = try await ranker.client.describe(DescribeRequest())
        #expect(answer.releases.map(\.name) == ["test"])
        #expect(answer.releases.map(\.embeddingDimension) == [576])
        let other = await failure {
            try await ranker.client.describe(DescribeRequest(release: "other"))
        }
        #expect(other?.code == .notFound)
    }

    @Test("an LLM that is not the release's does not start")
    func foreignModel() async throws {
        let folder = try RankerFolder()
        let hash = try folder.write(.init(name: "hash", llm: [UInt8](repeating: 1, count: 32)))
        await #expect(throws: SettingError.self) { try await RankerFolder.app([hash]) }
        let width = try folder.write(.init(name: "width", embeddingDimension: 4_096))
        await #expect(throws: (any Error).self) { try await RankerFolder.app([width]) }
    }
}
