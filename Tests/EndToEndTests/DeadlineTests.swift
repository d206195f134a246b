import Postgres
import RPC
import ServiceAPI
import Storage
import TestSupport
import Testing
import Wire

/// A stage that hangs is cut off at its share of the time; the answer still comes before the
/// caller gives up, which is what makes it an answer here.
@Suite("One deadline over all stages", .serialized)
struct DeadlineTests {
    let request = RecommendRequest(userID: ServiceCluster.user, count: 3, candidateCount: 4)
    let hurried = CallOptions(timeout: .seconds(2))

    @Test("leaves time for what is popular when the encoder hangs")
    func encoder() async throws {
        try await withCluster {
            $0.encoder = { $0.hanging(EncoderMethods.retrieve) }
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(userID: ServiceCluster.user, candidateItemIDs: ["13"]),
                options: hurried)
            #expect(answer.provenance?.rankedBy == "popularity")
            #expect(answer.degradations.map(\.stage) == ["encoder"])
            #expect(answer.degradations.map(\.reason) == ["deadline_exceeded"])
            #expect(answer.items.map(\.id) == ["13"])
        }
    }

    @Test("leaves time for the recommender's order when item rows hang")
    func itemRows() async throws {
        try await withCluster {
            $0.encoder = { $0.hanging(EncoderMethods.itemRows) }
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(request, options: hurried)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.stage) == ["encoder"])
            #expect(answer.items.count == 3)
        }
    }

    @Test("leaves time for the recommender's order when the projector hangs")
    func projector() async throws {
        try await withCluster {
            $0.projector = { $0.hanging(ProjectorMethods.project) }
        } _: { cluster in
            let answer = try await cluster.gateway.recommend(request, options: hurried)
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.stage) == ["projector"])
            #expect(answer.items.count == 3)
        }
    }

    @Test("leaves time for the recommender's order when the ranker hangs")
    func ranker() async throws {
        try await withCluster {
            $0.ranker = { $0.hanging(RankerMethods.rank) }
        } _: { cluster in
            var answer: RecommendResponse?
            // Only 100 ms are kept back for the answer: a machine that stalls once may miss it.
            for attempt in 1...5 where answer == nil {
                do {
                    answer = try await cluster.gateway.recommend(request, options: hurried)
                } catch let error as RPCError where error.code == .deadlineExceeded && attempt < 5 {
                    continue
                }
            }
            let late = try #require(answer)
            #expect(late.provenance?.rankedBy == "srs")
            #expect(late.degradations.map(\.stage) == ["ranker"])
            #expect(late.degradations.map(\.reason) == ["deadline_exceeded"])
            #expect(late.items.count == 3)
        }
    }

    @Test("keeps what the LLM reached, in front, and says how many")
    func partial() async throws {
        try await withCluster {
            $0.ranker = {
                $0.changing(RankerMethods.rank) {
                    for index in $0.candidates.indices.dropFirst(2) {
                        $0.candidates[index].scored = false
                    }
                }
            }
        } _: { cluster in
            var request = request
            request.count = 4
            let answer = try await cluster.gateway.recommend(
                request, options: CallOptions(timeout: .seconds(30)))
            #expect(answer.coverage == 0.5)
            #expect(answer.provenance?.rankedBy == "hybrid")
            #expect(answer.degradations.map(\.reason) == ["deadline"])
            #expect(answer.items.map { $0.parts?.hasLLM } == [true, true, false, false])
        }
    }

    @Test("keeps the candidates that were found when the encoder's next page hangs")
    func refill() async throws {
        try await withCluster {
            $0.withoutLLM()
            $0.encoder = { $0.hanging(EncoderMethods.retrieve) { $0.offset > 0 } }
        } _: { cluster in
            let request = RecommendRequest(
                userID: ServiceCluster.user, count: 2, candidateCount: 2)
            let all = try await cluster.gateway.recommend(
                RecommendRequest(userID: ServiceCluster.user, count: 28), options: hurried)
            // Of the first page's 22 items one is left.
            _ = try await cluster.store.upsert(
                items: all.items.prefix(21).map {
                    ItemDraft(id: $0.id, title: "Hidden", isHidden: true)
                }, author: "test", deadline: nil)
            let answer = try await cluster.gateway.recommend(request, options: hurried)
            #expect(answer.items.map(\.id) == [all.items[21].id])
            #expect(answer.provenance?.rankedBy == "srs")
            #expect(answer.degradations.map(\.stage) == ["encoder", "ranker"])
        }
    }

    @Test("ends the call when the database hangs, and the next one is answered")
    func database() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let schema = cluster.database.schema
            try await PostgresConnection.withDirect(
                cluster.database.configuration, deadline: nil
            ) { connection in
                try await connection.script(
                    "BEGIN; LOCK TABLE \"\(schema)\".interactions IN ACCESS EXCLUSIVE MODE")
                await #expect {
                    try await cluster.gateway.recommend(
                        request, options: CallOptions(timeout: .milliseconds(300)))
                } throws: { ($0 as? RPCError)?.code == .deadlineExceeded }
                try await connection.script("ROLLBACK")
            }
            let answer = try await cluster.gateway.recommend(request, options: hurried)
            #expect(answer.items.count == 3)
        }
    }
}
