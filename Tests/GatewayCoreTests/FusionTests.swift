import Domain
import Testing

@testable import GatewayCore

@Suite("Fusion of LLM and recommender scores")
struct FusionTests {
    let weights = FusionWeights(llm: 1, srs: 1)

    @Test("adds the weighted log-probabilities among the candidates")
    func sum() {
        let ranked = Fusion.rank(
            [
                CandidateScores(itemID: "a", llm: -1, srs: 0),
                CandidateScores(itemID: "b", llm: -2, srs: 0),
            ], weights: FusionWeights(llm: 2, srs: 1))
        #expect(ranked.map(\.itemID) == ["a", "b"])
        // ln(1 / (1 + e^-1)) = -0.31326; ln(1/2) = -0.69315
        #expect(abs(ranked[0].score - (2 * -0.313_262 - 0.693_147)) < 1e-5)
        #expect(abs(ranked[0].score - ranked[1].score - 2) < 1e-9)
    }

    @Test("breaks ties by item id whatever the order given")
    func ties() {
        let candidates = ["c", "a", "b"].map { CandidateScores(itemID: $0, llm: -1, srs: 2) }
        #expect(Fusion.rank(candidates, weights: weights).map(\.itemID) == ["a", "b", "c"])
    }

    @Test("puts candidates the LLM did not reach after those it scored, in recommender order")
    func unreached() {
        let ranked = Fusion.rank(
            [
                CandidateScores(itemID: "late", llm: nil, srs: 9),
                CandidateScores(itemID: "later", llm: nil, srs: 8),
                CandidateScores(itemID: "scored", llm: -20, srs: -9),
            ], weights: weights)
        #expect(ranked.map(\.itemID) == ["scored", "late", "later"])
    }

    @Test("says of each candidate what is added up, and nil of what nobody measured")
    func parts() throws {
        let ranked = Fusion.rank(
            [
                CandidateScores(itemID: "a", llm: -1, srs: 0),
                CandidateScores(itemID: "b", llm: -2, srs: nil),
                CandidateScores(itemID: "late", llm: nil, srs: 9),
            ], weights: FusionWeights(llm: 0.25, srs: 0.75))
        let first = try #require(ranked.first)
        let llm = try #require(first.llmLogProbability)
        let srs = try #require(first.srsLogProbability)
        #expect(abs(first.score - (0.25 * llm + 0.75 * srs)) < 1e-12)
        #expect(abs(llm - -0.313_262) < 1e-5)
        #expect(ranked[1].srsLogProbability == nil)
        #expect(ranked[2].llmLogProbability == nil)
        #expect(ranked[2].srsLogProbability == 0)
    }

    @Test("takes the median where one recommender score is missing")
    func missing() {
        let values = Fusion.logSoftmax([3, nil, 1, 2])
        #expect(values[1] == values[3])
    }

    @Test("gives every candidate the same when a part is missing for all")
    func allMissing() {
        #expect(Fusion.logSoftmax([nil, nil]) == [0, 0])
    }
}
