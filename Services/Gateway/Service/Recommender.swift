import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Storage
import Wire

/// Recommend from end to end: sequence, candidates, LLM, fusion, with the fallback ladder
/// hybrid LLM ranking → SRS ranking → popularity.
struct Recommender: Sendable {
    let store: CatalogStore
    let candidateStage: CandidateStage
    let llmStage: LLMStage
    let selector: ReleaseSelector

    /// Answers one request.
    ///
    /// - Parameter preliminary: gets the recommender's order as soon as it is there, if the LLM's
    ///   is still to come.
    /// - Throws: `RPCError` for the caller's mistakes and an unreachable catalog; a failing
    ///   encoder, projector or ranker degrades the answer instead.
    func recommend(
        _ request: RecommendRequest, context: CallContext,
        preliminary: ((RecommendResponse) async throws -> Void)? = nil
    ) async throws -> RecommendResponse {
        let plan = try RecommendPlan(request)
        let pinned = try request.release.isEmpty ? nil : selector.pinned(request.release)
        var progress = CallProgress(context)
        let stored = try await readSequence(request, progress: &progress)
        try Self.requireVersion(request.minVersion, at: stored.catalogVersion)
        let release = pinned ?? activeRelease(stored.activeRelease, progress: &progress)
        let representation = try release.representation(asked: request.representation)
        let wanted = CandidateRequest(
            plan: plan, user: stored.user, excluded: request.excludedItemIDs, release: release)
        let found = try await candidateStage.find(wanted, progress: &progress)
        // A database behind a proxy may answer the second reading from an older state.
        try Self.requireVersion(
            max(request.minVersion, stored.catalogVersion), at: found.catalogVersion)
        var answer = Answer(
            plan: plan, release: release, representation: representation, found: found,
            explain: request.explain)
        guard found.orderedBySRS, !found.candidates.isEmpty else {
            return answer.response(progress)
        }
        if let preliminary {
            var first = answer.response(progress)
            first.isPreliminary = true
            try await preliminary(first)
        }
        do {
            answer.ranking = try await rank(
                found, wanted, representation: representation, explain: request.explain,
                progress: &progress)
        } catch let failure as StageFailure {
            progress.degradations.append(failure.degradation)
        }
        return answer.response(progress)
    }

    private func rank(
        _ found: CandidateSet, _ wanted: CandidateRequest, representation: Representation,
        explain: Bool, progress: inout CallProgress
    ) async throws -> LLMRanking {
        let content = PromptContent(
            recentItemIDs: wanted.recentItemIDs, historyTitles: found.historyTitles,
            candidates: found.candidates.prefix(wanted.plan.llmCount).map(\.entry),
            hasUserState: representation.hasBehaviouralTokens
                && wanted.release.release.manifest.usesUserState)
        let ranking = try await llmStage.rank(
            content, after: wanted.user.history, release: wanted.release,
            representation: representation, explain: explain,
            progress: &progress)
        if ranking.scores.count < content.candidateIDs.count {
            progress.degradations.append(
                Degradation(
                    stage: "ranker", reason: "deadline",
                    message: "the LLM reached \(ranking.scores.count) of "
                        + "\(content.candidateIDs.count) candidates"))
        }
        return ranking
    }

    private static func requireVersion(_ asked: UInt64, at version: UInt64) throws(RPCError) {
        guard version >= asked else {
            throw RPCError(
                code: .failedPrecondition,
                message:
                    "the catalog is at version \(version), before version \(asked) that the answer "
                    + "needs; ask again")
        }
    }

    private func activeRelease(_ name: String?, progress: inout CallProgress) -> ServedRelease {
        let (release, degradation) = selector.active(name)
        if let degradation { progress.degradations.append(degradation) }
        return release
    }
}
