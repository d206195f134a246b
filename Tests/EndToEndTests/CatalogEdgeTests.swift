import Domain
import GatewayCore
import Postgres
import RPC
import Releases
import ServiceAPI
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@testable import llara_gateway

@Suite("A Recommend call over a catalog at its edges", .serialized)
struct CatalogEdgeTests {
    let patient = CallOptions(timeout: .seconds(30))

    @Test("shows the LLM a long title cut, and the caller the whole one")
    func cutTitle() async throws {
        try await withCluster { cluster in
            let limit = RecommendLimits.maximumShownTitleBytes
            let shown = String(repeating: "x", count: limit)
            let title = shown + String(repeating: "y", count: 100)
            _ = try await cluster.store.upsert(
                items: [ItemDraft(id: "13", title: title)], author: "", deadline: nil)
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(
                    userID: ServiceCluster.user, candidateItemIDs: ["13", "14"], explain: true),
                options: patient)
            #expect(answer.coverage == 1)
            #expect(answer.items.first { $0.id == "13" }?.title == title)
            #expect(answer.prompt.contains(shown))
            #expect(!answer.prompt.contains(shown + "y"))
        }
    }

    @Test("refuses a catalog that fell behind the reading of the sequence")
    func olderReading() async throws {
        let catalog = FallingCatalog()
        try await withCluster {
            $0.withoutLLM()
            $0.encoder = { router in
                let original = InProcessTransport(router: router)
                var router = router
                router.answer(EncoderMethods.retrieve) { (request: RetrieveRequest, _) in
                    try await catalog.fall()
                    return try await original.call(EncoderMethods.retrieve, request)
                }
                return router
            }
        } _: { cluster in
            catalog.database.withLock { $0 = cluster.database }
            await #expect {
                try await cluster.gateway.recommend(
                    RecommendRequest(userID: ServiceCluster.user), options: patient)
            } throws: { ($0 as? RPCError)?.code == .failedPrecondition }
        }
    }

    @Test("reads as much of a sequence as the catalog gives, where a release's window is longer")
    func longWindow() async throws {
        try await withCluster {
            $0.withoutLLM()
            $0.releases = [.long]
        } _: { cluster in
            let count = CatalogLimits.maximumHistory
            #expect(cluster.services[.long].manifest.encoder.window > count)
            _ = try await cluster.store.append(
                userID: "long",
                items: (1...count).map {
                    HistoryItem(itemID: "\($0 % 12 + 1)", timeSeconds: Int64($0))
                }, deadline: nil)
            _ = try await cluster.store.append(
                userID: "long", items: [HistoryItem(itemID: "1", timeSeconds: 0)], deadline: nil)
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(userID: "long", count: 5), options: patient)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.items.count == 5)
        }
    }
}

/// A catalog that is one version older at every call, as behind a proxy that asks another server.
private final class FallingCatalog: Sendable {
    let database = Mutex<PostgresFixture?>(nil)

    func fall() async throws {
        guard let database = database.withLock({ $0 }) else { return }
        try await PostgresConnection.withDirect(
            PostgresConfiguration(url: database.url), deadline: nil
        ) {
            try await $0.script(
                "UPDATE \"\(database.schema)\".catalog_version SET version = version - 1")
        }
    }
}
