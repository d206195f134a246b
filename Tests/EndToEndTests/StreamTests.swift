import RPC
import ServiceAPI
import Testing
import Wire

@Suite("A streaming recommendation", .serialized)
struct StreamTests {
    let request = RecommendRequest(userID: ServiceCluster.user, count: 3, candidateCount: 4)
    let patient = CallOptions(timeout: .seconds(30))

    func answers(
        _ cluster: ServiceCluster, _ request: RecommendRequest
    ) async throws -> [RecommendResponse] {
        try await cluster.gateway.recommendStream(request, options: patient) { stream in
            var answers: [RecommendResponse] = []
            for try await answer in stream { answers.append(answer) }
            return answers
        }
    }

    @Test("gives the recommender's order at once and the LLM's when it is ready")
    func both() async throws {
        try await withCluster { cluster in
            let answers = try await answers(cluster, request)
            try #require(answers.count == 2)
            #expect(answers[0].isPreliminary)
            #expect(answers[0].provenance?.rankedBy == "srs")
            #expect(answers[0].coverage == 0)
            #expect(!answers[0].degraded)
            #expect(!answers[1].isPreliminary)
            #expect(answers[1].provenance?.rankedBy == "hybrid")
            #expect(answers[1].coverage == 1)
            let unary = try await cluster.gateway.recommend(request, options: patient)
            #expect(answers[1].items.map(\.id) == unary.items.map(\.id))
        }
    }

    @Test("ends with an answer that says so when the LLM fails")
    func failure() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let answers = try await answers(cluster, request)
            try #require(answers.count == 2)
            #expect(answers[0].isPreliminary)
            #expect(!answers[1].isPreliminary)
            #expect(answers[1].degradations.map(\.stage) == ["ranker"])
            #expect(answers[1].items.map(\.id) == answers[0].items.map(\.id))
        }
    }

    @Test("has one answer when nothing better follows")
    func popularity() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let answers = try await answers(cluster, RecommendRequest(userID: "nobody"))
            #expect(answers.map(\.isPreliminary) == [false])
            #expect(answers.map(\.provenance?.rankedBy) == ["popularity"])
        }
    }

    @Test("refuses the caller's mistakes before any answer")
    func mistake() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            await #expect {
                _ = try await answers(cluster, RecommendRequest())
            } throws: { ($0 as? RPCError)?.code == .invalidArgument }
        }
    }
}
