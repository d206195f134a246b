import Domain
import Evaluation
import GatewayCore
import RPC
import ServiceAPI
import TestSupport
import Testing
import TrainingCore
import Wire

@testable import llara_gateway

@Suite("Evaluation judges what is served", .serialized)
struct EvaluationTests {
    @Test(
        "scores in one process are those of the running services within 1e-3",
        arguments: [Representation.hybrid, .text])
    func sameScores(_ representation: Representation) async throws {
        try await withCluster { cluster in
            let row = EvaluationCase(
                userID: "u", history: (1...12).map(String.init), target: "20")
            let candidates = (13...32).map(String.init)
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(
                    sequence: ItemSequence(items: row.history.map { HistoryItem(itemID: $0) }),
                    candidateItemIDs: candidates, count: candidates.count,
                    representation: representation),
                options: CallOptions(timeout: .seconds(60)))
            #expect(!answer.degraded && answer.items.count == candidates.count)

            let release = cluster.services[.first]
            let recommender = try ReleaseRecommender(release)
            let prompts = try QuestionPrompts(
                of: release, representation: representation,
                titles: ServiceCluster.itemIDs.map {
                    DistinctTitles.Entry(id: $0, title: "Movie Number \($0)", year: "19\($0)")
                }, seed: 1)
            let scorer = try await PromptScorer(
                recommender, prompts: prompts, model: RealModel.path, threads: 2)
            let scored = try await scorer.answer(
                EvaluationQuestion(.listWise, of: row, candidates: candidates), generates: false)
            await scorer.shutDown()
            for (place, id) in candidates.enumerated() {
                let item = try #require(answer.items.first { $0.id == id })
                let llm = try #require(scored.llm?[place])
                #expect(abs(llm - (item.parts?.llm ?? 9)) < 1e-3)
                #expect(abs(scored.srs[place] - (item.parts?.srs ?? 9)) < 1e-4)
            }
        }
    }
}
