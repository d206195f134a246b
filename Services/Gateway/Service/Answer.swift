import Domain
import GatewayCore
import Releases
import Wire

/// What an answer is made of; ``ranking`` comes last, or never.
struct Answer {
    let plan: RecommendPlan
    let release: ServedRelease
    let representation: Representation
    let found: CandidateSet
    let explain: Bool
    var ranking: LLMRanking?

    /// Fuses the parts and writes the answer with its provenance.
    func response(_ progress: CallProgress) -> RecommendResponse {
        let manifest = release.release.manifest
        let weights = FusionWeights(llm: manifest.fusion.llm, srs: manifest.fusion.srs)
        let byID = Dictionary(
            found.candidates.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let items = ordered(weights).prefix(plan.count).compactMap { fused in
            byID[fused.itemID].map { item(fused, $0) }
        }
        let reached = ranking?.scores.count ?? 0
        let coverage =
            found.candidates.isEmpty ? 0 : Double(reached) / Double(found.candidates.count)
        return RecommendResponse(
            items: items, coverage: coverage, degraded: !progress.degradations.isEmpty,
            degradations: progress.degradations,
            provenance: Provenance(
                release: manifest.name, representation: representation,
                catalogVersion: found.catalogVersion, llm: manifest.llm.name,
                manifestSHA256: release.release.manifestSHA256, llmSHA256: manifest.llm.sha256,
                rankedBy: rankedBy, adapter: ranking?.adapter ?? "",
                llmWeight: isRankedByLLM ? weights.llm : 0,
                srsWeight: isRankedByLLM ? weights.srs : 0),
            stages: progress.times, prompt: explain ? ranking?.prompt ?? "" : "",
            promptTokenCount: ranking?.promptTokenCount ?? 0,
            promptTokens: ranking?.promptTokens ?? [],
            evaluatedTokenCount: ranking?.evaluatedTokenCount ?? 0,
            reusedTokenCount: ranking?.reusedTokenCount ?? 0)
    }

    /// Without the LLM the found order stands, and its own numbers are the scores.
    private func ordered(_ weights: FusionWeights) -> [FusedScore] {
        guard isRankedByLLM else {
            return found.candidates.map { FusedScore(itemID: $0.id, score: $0.srs ?? 0) }
        }
        return Fusion.rank(
            found.candidates.map {
                CandidateScores(
                    itemID: $0.id, llm: ranking?.scores[$0.id]?.logLikelihood, srs: $0.srs)
            }, weights: weights)
    }

    private func item(_ fused: FusedScore, _ candidate: Candidate) -> RecommendedItem {
        let llm = ranking?.scores[candidate.id]
        return RecommendedItem(
            id: candidate.id, title: candidate.title, score: fused.score,
            parts: ScoreParts(
                llm: llm?.logLikelihood ?? 0, srs: candidate.srs ?? 0, hasLLM: llm != nil,
                hasSRS: candidate.srs != nil, llmTokenCount: llm?.tokenCount ?? 0,
                llmMean: llm?.meanLogLikelihood ?? 0,
                llmLogProbability: fused.llmLogProbability ?? 0,
                srsLogProbability: fused.srsLogProbability ?? 0),
            notInRelease: candidate.notInRelease)
    }

    private var isRankedByLLM: Bool { ranking?.scores.isEmpty == false }

    private var rankedBy: String {
        if isRankedByLLM { return representation.rawValue }
        return found.orderedBySRS ? "srs" : "popularity"
    }
}
