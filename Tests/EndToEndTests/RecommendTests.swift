import Domain
import Foundation
import RPC
import ServiceAPI
import Storage
import Testing
import Wire

@Suite("Recommend through all four services", .serialized)
struct RecommendTests {
    let request = RecommendRequest(userID: ServiceCluster.user)
    let patient = CallOptions(timeout: .seconds(30))

    @Test("ranks real candidates by hybrid prompt, nothing degraded")
    func hybrid() async throws {
        try await withCluster { cluster in
            var request = request
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.items.count == 10)
            #expect(answer.coverage == 1)
            #expect(!answer.degraded)
            #expect(!answer.isPreliminary)
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(answer.provenance?.release == "first")
            // Ten of history and twenty candidates, one behavioural token each.
            #expect(answer.prompt.components(separatedBy: "<item:").count - 1 == 30)
            #expect(answer.prompt.contains("Movie Number 12<item:12>"))
            #expect(
                answer.stages.map(\.stage)
                    == ["sequence", "encoder", "catalog", "item_rows", "projector", "ranker"])
        }
    }

    @Test("explains every position of the prompt and every part of every score")
    func explain() async throws {
        try await withCluster { cluster in
            let request = RecommendRequest(
                userID: ServiceCluster.user, count: 3, candidateCount: 4, explain: true)
            let answer = try await cluster.gateway.recommend(request, options: patient)
            let provenance = try #require(answer.provenance)
            for item in answer.items {
                let parts = try #require(item.parts)
                #expect(parts.hasLLM && parts.hasSRS)
                #expect(abs(parts.llmMean - parts.llm / Double(parts.llmTokenCount)) < 1e-9)
                let sum =
                    provenance.llmWeight * parts.llmLogProbability
                    + provenance.srsWeight * parts.srsLogProbability
                #expect(abs(item.score - sum) < 1e-9)
            }
            let scores = answer.items.map(\.score)
            #expect(scores == scores.sorted(by: >))
            #expect(answer.promptTokens.count == answer.promptTokenCount)
            let readable = answer.promptTokens.map { token in
                token.isVector ? Array("<item:\(token.itemID)>".utf8) : token.text
            }
            #expect(String(decoding: readable.joined(), as: UTF8.self) == answer.prompt)
            let silent = try await cluster.gateway.recommend(
                RecommendRequest(userID: ServiceCluster.user, count: 3, candidateCount: 4),
                options: patient)
            #expect(silent.prompt.isEmpty)
            #expect(silent.promptTokens.isEmpty)
        }
    }

    @Test("lets the LLM rank the first candidates, and keeps the recommender's order of the rest")
    func beyondTheLLM() async throws {
        try await withCluster { cluster in
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(userID: ServiceCluster.user, count: 28, candidateCount: 4),
                options: patient)
            #expect(answer.items.count == 28)
            #expect(answer.coverage == 4.0 / 28)
            #expect(answer.items.prefix(4).allSatisfy { $0.parts?.hasLLM == true })
            let rest = answer.items.dropFirst(4).compactMap(\.parts)
            #expect(rest.allSatisfy { !$0.hasLLM })
            #expect(rest.map(\.srs) == rest.map(\.srs).sorted(by: >))
            #expect(!answer.degraded)
        }
    }

    @Test("never answers what the user has seen, what is excluded, or what left the catalog")
    func barred() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            var request = request
            request.count = 40
            request.excludedItemIDs = ["20"]
            _ = try await cluster.gateway.deleteItems(
                DeleteItemsRequest(itemIDs: ["21"], author: "test"), options: patient)
            _ = try await cluster.gateway.upsertItems(
                UpsertItemsRequest(
                    items: [
                        CatalogItem(id: "22", title: "Hidden", state: .hidden),
                        CatalogItem(id: "23", title: "Over", state: .active, expiresAtSeconds: 1),
                    ], author: "test"), options: patient)
            let answer = try await cluster.gateway.recommend(request, options: patient)
            let expected = Set((13...40).map(String.init)).subtracting(["20", "21", "22", "23"])
            #expect(Set(answer.items.map(\.id)) == expected)
        }
    }

    @Test("shows a changed title and an appended interaction at the next request")
    func freshness() async throws {
        try await withCluster { cluster in
            let written = try await cluster.gateway.upsertItems(
                UpsertItemsRequest(
                    items: [CatalogItem(id: "30", title: "Renamed", state: .active)],
                    author: "test"), options: patient)
            let appended = try await cluster.gateway.appendInteractions(
                AppendInteractionsRequest(
                    userID: ServiceCluster.user,
                    items: [HistoryItem(itemID: "31", timeSeconds: 99, rating: 5)]),
                options: patient)
            #expect(appended.version > written.version)
            var request = request
            request.candidateItemIDs = ["13", "30"]
            request.minVersion = appended.version
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.items.first { $0.id == "30" }?.title == "Renamed")
            #expect(answer.prompt.contains("Movie Number 31<item:31>"))
            request.minVersion = appended.version + 1
            await #expect {
                try await cluster.gateway.recommend(request, options: patient)
            } throws: { ($0 as? RPCError)?.code == .failedPrecondition }
        }
    }

    @Test("scores given candidates alike whatever order they come in")
    func order() async throws {
        try await withCluster { cluster in
            var request = request
            request.candidateItemIDs = ["13", "14", "15", "16", "17"]
            let forwards = try await cluster.gateway.recommend(request, options: patient)
            request.candidateItemIDs.reverse()
            let backwards = try await cluster.gateway.recommend(request, options: patient)
            #expect(forwards.items.map(\.id) == backwards.items.map(\.id))
            for (first, second) in zip(forwards.items, backwards.items) {
                let difference = abs((first.parts?.llm ?? 0) - (second.parts?.llm ?? 1))
                #expect(difference < 1e-3)
            }
        }
    }

    @Test("ranks an item that the release does not know when it is given")
    func newItem() async throws {
        try await withCluster { cluster in
            _ = try await cluster.gateway.upsertItems(
                UpsertItemsRequest(
                    items: [CatalogItem(id: "new", title: "Brand New", state: .active)],
                    author: "test"), options: patient)
            var request = request
            request.candidateItemIDs = ["13", "14", "new"]
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.coverage == 1)
            #expect(answer.items.first { $0.id == "new" }?.notInRelease == true)
            #expect(answer.prompt.contains("Brand New"))
            #expect(!answer.prompt.contains("<item:new>"))
        }
    }

    @Test("answers an inline sequence of an anonymous user")
    func inline() async throws {
        try await withCluster { cluster in
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(
                    sequence: ItemSequence(items: [
                        HistoryItem(itemID: "5"), HistoryItem(itemID: "6"),
                    ]),
                    count: 3, candidateCount: 4), options: patient)
            #expect(answer.items.count == 3)
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(Set(answer.items.map(\.id)).isDisjoint(with: ["5", "6"]))
        }
    }

    @Test("answers seen items when it may, and only then")
    func includeSeen() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            var request = request
            request.count = 100
            let unseen = try await cluster.gateway.recommend(request, options: patient)
            #expect(Set(unseen.items.map(\.id)) == ServiceCluster.unseenIDs)
            request.includeSeen = true
            let all = try await cluster.gateway.recommend(request, options: patient)
            #expect(Set(all.items.map(\.id)) == Set(ServiceCluster.itemIDs))
        }
    }

    @Test(
        "refuses a version that is not there yet, on every path",
        arguments: [
            RecommendRequest(userID: ServiceCluster.user),
            RecommendRequest(userID: "nobody"),
            RecommendRequest(sequence: ItemSequence(items: [HistoryItem(itemID: "5")])),
            RecommendRequest(userID: ServiceCluster.user, candidateItemIDs: ["13"]),
        ])
    func minVersion(request: RecommendRequest) async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            var request = request
            let version = try await cluster.store.catalogVersion(deadline: nil)
            request.minVersion = version
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.catalogVersion == version)
            request.minVersion = version + 1
            let late = request
            await #expect {
                try await cluster.gateway.recommend(late, options: patient)
            } throws: { ($0 as? RPCError)?.code == .failedPrecondition }
        }
    }

    @Test(
        "takes every other representation when asked",
        arguments: [Representation.text, .behavioural, .index])
    func representations(representation: Representation) async throws {
        try await withCluster { cluster in
            var request = request
            request.representation = representation
            request.candidateCount = 4
            request.count = 4
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == representation.rawValue)
            #expect(answer.coverage == 1)
            #expect(answer.prompt.contains("<item:") == (representation == .behavioural))
        }
    }
}
