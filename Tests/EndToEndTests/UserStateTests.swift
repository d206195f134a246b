import Domain
import RPC
import ServiceAPI
import Testing
import Wire

@testable import llara_gateway

@Suite("A release with adapter and user state, through all four services", .serialized)
struct UserStateTests {
    let request = RecommendRequest(
        userID: ServiceCluster.user, candidateItemIDs: ["13", "14", "15"], explain: true)
    let patient = CallOptions(timeout: .seconds(30))

    func scores(_ answer: RecommendResponse) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: answer.items.map { ($0.id, $0.parts?.llm ?? 0) })
    }

    @Test("shows the state after the history and says which adapter ranked")
    func answered() async throws {
        try await withCluster {
            $0.releases = [.complete]
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(!answer.degraded)
            #expect(answer.coverage == 1)
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(answer.provenance?.adapter == "default")
            #expect(answer.prompt.contains("Movie Number 12<item:12><user>. Predict"))
            #expect(answer.prompt.ranges(of: "<user>").count == 1)
            let vectors = answer.promptTokens.filter(\.isVector)
            #expect(vectors.filter { $0.role == "item" && !$0.itemID.isEmpty }.count == 13)
            #expect(vectors.filter { $0.role == "user" && $0.itemID.isEmpty }.count == 1)
            #expect(vectors.count == 14)
            #expect(
                answer.stages.map(\.stage) == [
                    "sequence", "catalog", "encoder", "item_rows", "projector", "user_state",
                    "projector", "ranker",
                ])
            // The items' tokens are kept, the state is the request's own.
            let again = try await cluster.gateway.recommend(request, options: patient)
            #expect(
                again.stages.map(\.stage)
                    == ["sequence", "catalog", "encoder", "user_state", "projector", "ranker"])
            #expect(cluster.app.tokenCache.statistics.tokenCount == 13)
            // Nearly the whole prompt was kept by the ranker, and the scores are the same.
            #expect(again.reusedTokenCount > answer.promptTokenCount / 2)
            for (id, score) in scores(answer) {
                #expect(abs(score - (scores(again)[id] ?? 0)) < 1e-3)
            }
        }
    }

    @Test("scores by the state itself: another one changes them, kept prompt or not")
    func content() async throws {
        let honest = try await answer()
        let changed = try await answer(change: { options in
            options.encoder = {
                $0.changing(EncoderMethods.encode) { response in
                    let values = response.states.values.map { _ in Float(0) }
                    response.states = FloatTensor(
                        rows: response.states.rows, columns: response.states.columns,
                        values: values)
                }
            }
        })
        #expect(honest.prompt == changed.prompt)
        #expect(changed.reusedTokenCount < honest.promptTokenCount)
        #expect(scores(honest).contains { abs($0.value - (scores(changed)[$0.key] ?? 0)) > 1e-3 })
        let back = try await answer()
        for (id, score) in scores(honest) {
            #expect(abs(score - (scores(back)[id] ?? 0)) < 1e-3)
        }
    }

    @Test("asked for text shows no vector, and ranks by its adapter still")
    func text() async throws {
        try await withCluster {
            $0.releases = [.complete, .first]
        } _: { cluster in
            var request = request
            request.representation = .text
            let adapted = try await cluster.gateway.recommend(request, options: patient)
            #expect(!adapted.prompt.contains("<"))
            #expect(adapted.promptTokens.allSatisfy { !$0.isVector })
            #expect(adapted.provenance?.adapter == "default")
            request.release = "first"
            let plain = try await cluster.gateway.recommend(request, options: patient)
            #expect(plain.provenance?.adapter == "")
            #expect(plain.prompt == adapted.prompt)
            #expect(
                scores(plain).contains { abs($0.value - (scores(adapted)[$0.key] ?? 0)) > 1e-3 })
        }
    }

    @Test("has no state for a user whose items the release does not know: popularity, and why")
    func unknownHistory() async throws {
        let answer = try await answer(asking: {
            $0.sequence = ItemSequence(items: [HistoryItem(itemID: "elsewhere")])
        })
        #expect(answer.provenance?.rankedBy == "popularity")
        #expect(answer.degradations.map(\.reason) == ["no_history"])
    }

    @Test("without the state answers in the recommender's order, and says who failed")
    func stateAway() async throws {
        let late = try await answer(
            change: {
                $0.encoder = { router in
                    var router = router
                    router.answer(EncoderMethods.encode) { (_: EncodeRequest, _) in
                        throw RPCError(code: .unavailable, message: "away")
                    }
                    return router
                }
            })
        #expect(late.provenance?.rankedBy == "srs")
        #expect(late.degradations.map(\.stage) == ["encoder"])
        let none = try await answer(
            change: {
                $0.encoder = {
                    $0.changing(EncoderMethods.encode) {
                        $0.states = FloatTensor(rows: 0, columns: 0, values: [])
                    }
                }
            })
        #expect(none.provenance?.rankedBy == "srs")
        #expect(none.degradations.map(\.reason) == ["internal"])
        let other = try await answer(
            change: {
                $0.encoder = {
                    $0.changing(EncoderMethods.encode) { $0.release = "other@0123456789abcdef" }
                }
            })
        #expect(other.degradations.map(\.reason) == ["release_mismatch"])
    }

    @Test("degrades with a reason when projector, ranker or encoder is killed")
    func killed() async throws {
        try await withCluster {
            $0.releases = [.complete]
        } _: { cluster in
            for (role, rankedBy, stage) in [
                (ServiceCluster.Role.projector, "srs", "projector"),
                (.ranker(0), "srs", "projector"),
                (.encoder, "popularity", "encoder"),
            ] {
                await cluster.kill(role)
                let answer = try await cluster.gateway.recommend(request, options: patient)
                #expect(answer.provenance?.rankedBy == rankedBy)
                #expect(answer.degradations.map(\.stage) == [stage])
                #expect(answer.provenance?.adapter == "")
            }
        }
    }

    /// One answer of a cluster changed by `change`.
    private func answer(
        change: @escaping (inout ClusterOptions) -> Void = { _ in },
        asking: (inout RecommendRequest) -> Void = { _ in }
    ) async throws -> RecommendResponse {
        var request = request
        asking(&request)
        if request.sequence != nil { request.userID = "" }
        var answer = RecommendResponse()
        try await withCluster {
            $0.releases = [.complete]
            change(&$0)
        } _: { cluster in
            answer = try await cluster.gateway.recommend(request, options: patient)
        }
        return answer
    }
}
