import Domain
import GatewayCore
import RPC
import ServiceAPI
import Storage
import Testing
import Wire

@testable import llara_gateway

@Suite("The candidates of a Recommend call", .serialized)
struct CandidateTests {
    let patient = CallOptions(timeout: .seconds(30))

    /// Every item of the answer, in the recommender's order.
    func recommend(
        _ cluster: ServiceCluster, _ change: (inout RecommendRequest) -> Void = { _ in }
    ) async throws -> RecommendResponse {
        var request = RecommendRequest(userID: ServiceCluster.user, count: 100)
        change(&request)
        return try await cluster.gateway.recommend(request, options: patient)
    }

    func ids(
        _ cluster: ServiceCluster, _ change: (inout RecommendRequest) -> Void = { _ in }
    ) async throws -> [String] {
        try await recommend(cluster, change).items.map(\.id)
    }

    @Test("pass every filter: equality, range, and both")
    func filters() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let all = try await ids(cluster)
            let even = AttributeFilter(key: "parity", anyOf: ["even"])
            let thirties = AttributeFilter(
                key: "year", range: NumberRange(minimum: 1930, maximum: 1939))
            let evenIDs = try await ids(cluster) { $0.filters = [even] }
            #expect(evenIDs == all.filter { Int($0)?.isMultiple(of: 2) == true })
            let both = try await ids(cluster) { $0.filters = [even, thirties] }
            #expect(both == all.filter { ["30", "32", "34", "36", "38"].contains($0) })
            let none = try await recommend(cluster) {
                $0.filters = [AttributeFilter(key: "parity", anyOf: ["neither"])]
            }
            #expect(none.items.isEmpty)
        }
    }

    @Test("are the same when the encoder's order is read page by page instead")
    func pages() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            // Behind the first page for three candidates, which has 23 items.
            let last = try await ids(cluster).suffix(3)
            let filter = AttributeFilter(key: "year", anyOf: last.map { "19\($0)" })
            let expected = try await ids(cluster) { $0.filters = [filter] }
            #expect(expected == Array(last))
            let stage = CandidateStage(
                store: cluster.store,
                scorer: CandidateScorer(
                    encoder: EncoderClient(InProcessTransport(router: cluster.services.encoder))),
                maximumMatching: 1)
            var progress = CallProgress(
                CallContext(
                    method: GatewayMethods.recommend.method, deadline: .now + .seconds(30)))
            let user = UserSequence(
                history: (1...12).map { HistoryItem(itemID: "\($0)") },
                seenItemIDs: Set((1...12).map(String.init)), barringUserID: ServiceCluster.user)
            let found = try await stage.find(
                CandidateRequest(
                    plan: RecommendPlan(
                        RecommendRequest(
                            userID: ServiceCluster.user, count: 3, candidateCount: 3,
                            filters: [filter])),
                    user: user, excluded: [],
                    release: ServedRelease(cluster.services[.first])), progress: &progress)
            #expect(found.candidates.map(\.id) == expected)
            #expect(progress.degradations.isEmpty)
        }
    }

    @Test("are refilled until the number wanted when the catalog refuses the first ones")
    func refill() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let all = try await ids(cluster)
            // The first page for one candidate has 21 items.
            let hidden = all.prefix(25)
            _ = try await cluster.store.upsert(
                items: hidden.map { ItemDraft(id: $0, title: "Hidden", isHidden: true) },
                author: "test", deadline: nil)
            let answer = try await recommend(cluster) {
                $0.count = 2
                $0.candidateCount = 2
            }
            #expect(answer.items.map(\.id) == Array(all[25..<27]))
        }
    }

    @Test("given ones that fail a filter are left out")
    func givenWithFilters() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let found = try await ids(cluster) {
                $0.candidateItemIDs = ["13", "14", "15", "16"]
                $0.filters = [AttributeFilter(key: "parity", anyOf: ["odd"])]
            }
            #expect(Set(found) == ["13", "15"])
        }
    }

    @Test("are joined by the newest items that the release does not know, marked, by the median")
    func fresh() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            for id in ["older", "newer", "newest"] {
                _ = try await cluster.store.upsert(
                    items: [ItemDraft(id: id, title: "Fresh \(id)")], author: "test",
                    deadline: nil)
            }
            _ = try await cluster.store.upsert(
                items: [ItemDraft(id: "hidden", title: "Hidden", isHidden: true)],
                author: "test", deadline: nil)
            let answer = try await recommend(cluster)
            let fresh = answer.items.filter(\.notInRelease)
            #expect(Set(fresh.map(\.id)) == ["newest", "newer"])
            let known = answer.items.filter { !$0.notInRelease }.compactMap(\.parts?.srs).sorted()
            let median = (known[known.count / 2 - 1] + known[known.count / 2]) / 2
            #expect(fresh.allSatisfy { abs(($0.parts?.srs ?? 0) - median) < 1e-9 })
            let one = try await ids(cluster) { $0.freshItems = 1 }
            #expect(one.filter { Int($0) == nil } == ["newest"])
            let without = try await ids(cluster) { $0.withoutFreshItems = true }
            #expect(Set(without) == ServiceCluster.unseenIDs)
            let excluded = try await ids(cluster) { $0.excludedItemIDs = ["newest"] }
            #expect(Set(excluded.filter { Int($0) == nil }) == ["newer", "older"])
            let filtered = try await ids(cluster) {
                $0.filters = [AttributeFilter(key: "parity")]
            }
            #expect(!filtered.contains("newest"))
        }
    }

    @Test("are not joined by fresh ones when the database is too slow for them, and say so")
    func slowFresh() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let stage = CandidateStage(
                store: cluster.store,
                scorer: CandidateScorer(
                    encoder: EncoderClient(InProcessTransport(router: cluster.services.encoder))))
            let wanted = CandidateRequest(
                plan: try RecommendPlan(RecommendRequest(userID: ServiceCluster.user)),
                user: UserSequence(history: [], seenItemIDs: [], barringUserID: nil),
                excluded: [], release: try ServedRelease(cluster.services[.first]))
            let late = try await stage.newestUnknown(wanted, deadline: .now)
            #expect(late.itemIDs.isEmpty)
            #expect(late.degradation?.stage == "fresh_items")
            #expect(late.degradation?.reason == "deadline")
        }
    }

    @Test("of the last rung pass the filters too")
    func popularWithFilters() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let answer = try await recommend(cluster) {
                $0.userID = "nobody"
                $0.filters = [AttributeFilter(key: "parity", anyOf: ["odd"])]
            }
            #expect(answer.provenance?.rankedBy == "popularity")
            #expect(
                Set(answer.items.map(\.id))
                    == Set(ServiceCluster.itemIDs.filter { Int($0)?.isMultiple(of: 2) == false }))
        }
    }
}
