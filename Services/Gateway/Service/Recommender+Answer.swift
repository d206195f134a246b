import Domain
import GatewayCore
import Releases
import Wire

extension Recommender {
    /// Fuses the parts and writes the answer with its provenance.
    func answer(
        _ request: RecommendRequest, plan: RecommendPlan, found: CandidateSet,
        ranking: LLMRanking?, representation: Representation, degradations: [Degradation],
        stages: [StageTime]
    ) -> RecommendResponse {
        let weights = FusionWeights(
            llm: release.manifest.fusion.llm, srs: release.manifest.fusion.srs)
        let ordered = order(found, ranking: ranking, weights: weights)
        let byID = Dictionary(uniqueKeysWithValues: found.candidates.map { ($0.id, $0) })
        let items = ordered.prefix(plan.count).compactMap { scored in
            byID[scored.itemID].map { item(scored, $0, ranking: ranking) }
        }
        let reached = ranking?.scores.count ?? 0
        let coverage =
            found.candidates.isEmpty ? 0 : Double(reached) / Double(found.candidates.count)
        return RecommendResponse(
            items: items, coverage: coverage, degraded: !degradations.isEmpty,
            degradations: degradations,
            provenance: Provenance(
                release: release.manifest.name, representation: representation,
                catalogVersion: found.catalogVersion, llm: release.manifest.llm.name,
                manifestSHA256: release.manifestSHA256,
                llmSHA256: release.manifest.llm.sha256,
                rankedBy: rankedBy(found, ranking: ranking, representation: representation),
                adapter: ranking?.adapter ?? "", llmWeight: weights.llm, srsWeight: weights.srs),
            stages: stages, prompt: request.explain ? ranking?.prompt ?? "" : "",
            promptTokenCount: ranking?.promptTokenCount ?? 0)
    }

    /// Without the LLM the found order stands, and its own numbers are the scores.
    private func order(
        _ found: CandidateSet, ranking: LLMRanking?, weights: FusionWeights
    ) -> [ScoredItem] {
        guard let ranking, !ranking.scores.isEmpty else {
            return found.candidates.map { ScoredItem(itemID: $0.id, score: $0.srs ?? 0) }
        }
        return Fusion.rank(
            found.candidates.map {
                CandidateScores(
                    itemID: $0.id, llm: ranking.scores[$0.id]?.logLikelihood, srs: $0.srs)
            }, weights: weights)
    }

    private func item(
        _ scored: ScoredItem, _ candidate: Candidate, ranking: LLMRanking?
    ) -> RecommendedItem {
        let llm = ranking?.scores[candidate.id]
        return RecommendedItem(
            id: candidate.id, title: candidate.title, score: scored.score,
            parts: ScoreParts(
                llm: llm?.logLikelihood ?? 0, srs: candidate.srs ?? 0, hasLLM: llm != nil,
                hasSRS: candidate.srs != nil, llmTokenCount: llm?.tokenCount ?? 0),
            notInRelease: candidate.notInRelease)
    }

    private func rankedBy(
        _ found: CandidateSet, ranking: LLMRanking?, representation: Representation
    ) -> String {
        if ranking?.scores.isEmpty == false { return representation.rawValue }
        return found.orderedBySRS ? "srs" : "popularity"
    }
}
