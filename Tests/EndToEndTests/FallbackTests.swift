import Domain
import RPC
import ServiceAPI
import Testing
import Wire

@Suite("The fallback ladder", .serialized)
struct FallbackTests {
    let request = RecommendRequest(userID: ServiceCluster.user, candidateCount: 4)
    let patient = CallOptions(timeout: .seconds(30))

    @Test("without a ranker answers in the recommender's order and says so")
    func rankerAway() async throws {
        try await withCluster { cluster in
            await cluster.kill(.ranker(0))
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.coverage == 0)
            #expect(answer.provenance?.llmWeight == 0)
            #expect(answer.provenance?.srsWeight == 0)
            #expect(answer.degradations.map(\.stage) == ["ranker"])
            #expect(answer.degradations.map(\.reason) == ["unavailable"])
            #expect(answer.items.count == 10)
        }
    }

    @Test("without a projector answers a hybrid release in the recommender's order")
    func projectorAway() async throws {
        try await withCluster { cluster in
            await cluster.kill(.projector)
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.stage) == ["projector"])
        }
    }

    @Test("without an encoder answers what is popular")
    func encoderAway() async throws {
        try await withCluster { cluster in
            await cluster.kill(.encoder)
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "popularity")
            #expect(answer.degradations.map(\.stage) == ["encoder"])
            #expect(!answer.items.isEmpty)
            #expect(Set(answer.items.map(\.id)).isDisjoint(with: (1...12).map(String.init)))
        }
    }

    @Test("answers an unknown user with what is popular, and why")
    func unknownUser() async throws {
        try await withCluster { cluster in
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(userID: "nobody"), options: patient)
            #expect(answer.provenance?.rankedBy == "popularity")
            #expect(answer.degradations.map(\.reason) == ["no_history"])
            #expect(!answer.items.isEmpty)
        }
    }

    @Test("answers no excluded item from popularity, however many the user has seen")
    func exclusions() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            // Ids that sort before the excluded ones, as many as a call may exclude.
            let seen = (0..<1_000).map { HistoryItem(itemID: "!\($0)") }
            let all = RecommendRequest(sequence: ItemSequence(items: seen), count: 100)
            let popular = try await cluster.gateway.recommend(all, options: patient)
            #expect(popular.provenance?.rankedBy == "popularity")
            let excluded = popular.items.prefix(3).map(\.id)
            #expect(excluded.count == 3)
            var request = all
            request.excludedItemIDs = excluded + (0..<9_997).map { "!!\($0)" }
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "popularity")
            #expect(answer.items.map(\.id) == popular.items.dropFirst(3).map(\.id))
        }
    }

    @Test("refuses to mix releases: a ranker of others is left out, and named")
    func mixedReleases() async throws {
        try await withCluster {
            $0.releases = [.third]
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.stage) == ["ranker"])
            #expect(answer.degradations.map(\.reason) == ["not_found"])
        }
    }

    @Test("refuses scores that come from another release than the candidates")
    func mixedAnswer() async throws {
        try await withCluster {
            $0.ranker = {
                $0.changing(RankerMethods.rank) { $0.release = "second@0123456789abcdef" }
            }
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.reason) == ["release_mismatch"])
            #expect(answer.items.allSatisfy { $0.parts?.hasLLM == false })
        }
    }

    @Test("loses at most the calls in flight when one of two rankers is killed")
    func killedReplica() async throws {
        try await withCluster {
            $0.rankers = 2
        } _: { cluster in
            _ = try await cluster.gateway.recommend(request, options: patient)
            await cluster.kill(.ranker(0))
            for _ in 1...3 {
                let answer = try await cluster.gateway.recommend(request, options: patient)
                #expect(answer.provenance?.rankedBy == "hybrid")
            }
        }
    }

    @Test("is not for the caller's mistakes: those are refused by field")
    func mistakes() async throws {
        try await withCluster { cluster in
            func code(_ request: RecommendRequest) async -> RPCError.Code? {
                do {
                    _ = try await cluster.gateway.recommend(request, options: patient)
                    return nil
                } catch {
                    return (error as? RPCError)?.code
                }
            }
            #expect(await code(RecommendRequest()) == .invalidArgument)
            #expect(await code(RecommendRequest(userID: "7", count: 101)) == .invalidArgument)
            #expect(
                await code(RecommendRequest(userID: "7", candidateItemIDs: ["nope"])) == .notFound)
            #expect(
                await code(RecommendRequest(userID: "nobody", candidateItemIDs: ["13", "nope"]))
                    == .notFound)
            #expect(await code(RecommendRequest(userID: "7", release: "other")) == .notFound)
        }
    }
}
