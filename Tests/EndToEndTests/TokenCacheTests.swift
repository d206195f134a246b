import RPC
import ServiceAPI
import Testing
import Wire

@testable import llara_gateway

@Suite("The cache of behavioural tokens", .serialized)
struct TokenCacheTests {
    let request = RecommendRequest(
        userID: ServiceCluster.user, candidateItemIDs: ["13", "14"], explain: true)
    let patient = CallOptions(timeout: .seconds(30))

    func stages(_ answer: RecommendResponse) -> [String] { answer.stages.map(\.stage) }

    @Test("asks encoder and projector for missing tokens only, with equal scores")
    func warm() async throws {
        try await withCluster { cluster in
            let cold = try await cluster.gateway.recommend(request, options: patient)
            #expect(
                stages(cold)
                    == ["sequence", "catalog", "encoder", "item_rows", "projector", "ranker"])
            let warm = try await cluster.gateway.recommend(request, options: patient)
            #expect(stages(warm) == ["sequence", "catalog", "encoder", "ranker"])
            for (first, second) in zip(cold.items, warm.items) {
                #expect(first.id == second.id)
                #expect(abs((first.parts?.llm ?? 0) - (second.parts?.llm ?? 1)) < 1e-3)
            }
            let counts = cluster.app.tokenCache.statistics
            #expect(counts.missCount == 12)
            #expect(counts.hitCount == 12)
            #expect(counts.tokenCount == 12)
        }
    }

    @Test("of one release says nothing of another")
    func releases() async throws {
        try await withCluster {
            $0.releases = [.first, .second]
        } _: { cluster in
            let first = try await cluster.gateway.recommend(request, options: patient)
            var pinned = request
            pinned.release = "second"
            let second = try await cluster.gateway.recommend(pinned, options: patient)
            #expect(stages(second).contains("projector"))
            #expect(second.provenance?.release == "second")
            #expect(first.items.map(\.parts?.llm) != second.items.map(\.parts?.llm))
            #expect(cluster.app.tokenCache.statistics.tokenCount == 24)
        }
    }

    @Test("may be switched off")
    func off() async throws {
        try await withCluster {
            $0.settings = ["token-cache-mebibytes": "0"]
        } _: { cluster in
            _ = try await cluster.gateway.recommend(request, options: patient)
            let again = try await cluster.gateway.recommend(request, options: patient)
            #expect(stages(again).contains("projector"))
            #expect(again.provenance?.rankedBy == "hybrid")
            #expect(cluster.app.tokenCache.statistics.byteCount == 0)
        }
    }
}
