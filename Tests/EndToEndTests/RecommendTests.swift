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
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(answer.provenance?.release == "random")
            #expect(
                answer.items.allSatisfy { $0.parts?.hasLLM == true && $0.parts?.hasSRS == true })
            // Ten of history and twenty candidates, one behavioural token each.
            #expect(answer.prompt.components(separatedBy: "<item:").count - 1 == 30)
            #expect(answer.prompt.contains("Movie Number 12<item:12>"))
            let scores = answer.items.map(\.score)
            #expect(scores == scores.sorted(by: >))
            #expect(
                answer.stages.map(\.stage)
                    == [
                        "sequence", "encoder", "catalog", "titles", "item_rows", "projector",
                        "ranker",
                    ])
        }
    }

    @Test("never answers what the user has seen, what is excluded, or what left the catalog")
    func barred() async throws {
        try await withCluster { cluster in
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
            request.count = 40
            request.candidateCount = 40
            request.minVersion = appended.version
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.items.first { $0.id == "30" }?.title == "Renamed")
            #expect(!answer.items.contains { $0.id == "31" })
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
                    count: 3), options: patient)
            #expect(answer.items.count == 3)
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(Set(answer.items.map(\.id)).isDisjoint(with: ["5", "6"]))
        }
    }

    @Test(
        "takes every other representation when asked",
        arguments: [Representation.text, .behavioural, .index])
    func representations(representation: Representation) async throws {
        try await withCluster { cluster in
            var request = request
            request.representation = representation
            request.explain = true
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == representation.rawValue)
            #expect(answer.coverage == 1)
            #expect(answer.prompt.contains("<item:") == (representation == .behavioural))
        }
    }
}
