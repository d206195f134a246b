import Domain
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Testing
import Wire

@testable import llara_ranker

@Suite("Releases side by side in a ranker", .serialized)
struct RankerReleasesTests {
    private func score(
        _ ranker: RankerFixture, release: String = "", adapter: String = ""
    ) async throws -> Double {
        let response = try await ranker.client.rank(
            RankRequest(
                release: release, adapter: adapter,
                prompt: [.text("This user has watched Alien. Next:")],
                candidates: [RankCandidate(id: "a", text: " Heat (1995)\n")]))
        let first = try #require(response.candidates.first)
        #expect(first.scored)
        return first.logLikelihood
    }

    @Test("share the LLM; each has its own adapters under its own names")
    func adapters() async throws {
        let ranker = try await RankerFixture([
            .init(name: "plain"),
            .init(name: "one", adapters: ["default": 1, "strong": 2]),
            .init(name: "two", adapters: ["default": 2]),
        ])
        let plain = try await score(ranker)
        #expect(try await score(ranker, release: "plain") == plain)
        let one = try await score(ranker, release: "one")
        #expect(abs(one - plain) > 1e-2)
        #expect(try await score(ranker, release: "one", adapter: "default") == one)
        let strong = try await score(ranker, release: "one", adapter: "strong")
        #expect(abs(strong - one) > 1e-2)
        let two = ranker.releases[2].reference.description
        #expect(try await score(ranker, release: two) == strong)
        #expect(try await score(ranker) == plain)
    }

    @Test("an adapter of another release is not found, and the release's own are listed")
    func foreignAdapter() async throws {
        let ranker = try await RankerFixture([
            .init(name: "plain"), .init(name: "one", adapters: ["default": 1, "strong": 2]),
        ])
        let none = await failure { try await score(ranker, adapter: "strong") }
        #expect(none?.code == .notFound)
        #expect(none?.message.contains("none") == true)
        let other = await failure { try await score(ranker, release: "one", adapter: "weak") }
        #expect(other?.code == .notFound)
        #expect(other?.message.contains("default, strong") == true)
        #expect(other?.message.contains("weak") == false)
    }

    @Test("an unknown release, or a known name of another identity, is not found")
    func unknownRelease() async throws {
        let ranker = try await RankerFixture()
        for name in ["absent", "test@0000000000000000"] {
            let error = await failure { try await score(ranker, release: name) }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains(ranker.release.reference.description) == true)
        }
    }

    @Test("Describe names every release with its adapters, the default one first")
    func describe() async throws {
        let ranker = try await RankerFixture([
            .init(name: "one", adapters: ["default": 1]), .init(name: "two"),
        ])
        let answer = try await ranker.client.describe(DescribeRequest())
        #expect(answer.releases.map(\.name) == ["one", "two"])
        #expect(answer.releases.map { $0.adapters.map(\.name) } == [["default"], []])
        #expect(answer.releases.map(\.llmSHA256) == ranker.releases.map(\.manifest.llm.sha256))
        let two = try await ranker.client.describe(DescribeRequest(release: "two"))
        #expect(two.releases.map(\.name) == ["two"])
    }

    @Test("of different LLMs do not start, and the error says what to do")
    func otherLLM() async throws {
        let folder = try RankerFolder()
        let releases = [
            try folder.write(.init(name: "one")),
            try folder.write(.init(name: "two", llm: [UInt8](repeating: 1, count: 32))),
        ]
        let error = await #expect(throws: SettingError.self) {
            try await RankerFolder.app(releases)
        }
        #expect(error?.message.contains("start another ranker") == true)
        #expect(releases.allSatisfy { error?.message.contains("\($0.reference)") == true })
    }
}
