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
    let release: Release

    /// Answers one request.
    ///
    /// - Throws: `RPCError` for the caller's mistakes and an unreachable catalog; a failing
    ///   encoder, projector or ranker degrades the answer instead.
    func recommend(
        _ request: RecommendRequest, context: CallContext
    ) async throws -> RecommendResponse {
        let plan = try Self.plan(request)
        _ = try [release].serving(request.release)
        let representation = try representation(of: request)
        let deadline = Deadline(of: context)
        var clock = StageClock()
        var degradations: [Degradation] = []

        let user = try await loadUser(request, deadline: deadline, clock: &clock)
        let barred = user.seenItemIDs.union(request.excludedItemIDs)
        let found = try await findCandidates(
            plan, user: user, barred: barred, deadline: deadline, clock: &clock,
            degradations: &degradations)
        try Self.requireVersion(request.minVersion, at: found.catalogVersion)

        var ranking: LLMRanking?
        if found.orderedBySRS, !found.candidates.isEmpty {
            do {
                let ranked = found.candidates.prefix(plan.llmCount)
                ranking = try await rank(
                    ranked, user: user, representation: representation, deadline: deadline,
                    clock: &clock)
                if let reached = ranking?.scores.count, reached < ranked.count {
                    degradations.append(
                        Degradation(
                            stage: "ranker", reason: "deadline",
                            message: "the LLM reached \(reached) of \(ranked.count) candidates"))
                }
            } catch let failure as StageFailure {
                degradations.append(failure.degradation)
            }
        }
        return answer(
            request, plan: plan, found: found, ranking: ranking, representation: representation,
            degradations: degradations, stages: clock.times)
    }

    private static func plan(_ request: RecommendRequest) throws -> RecommendPlan {
        do {
            return try RecommendPlan(
                count: request.count, candidateCount: request.candidateCount,
                givenCandidateIDs: request.candidateItemIDs,
                excludedCount: request.excludedItemIDs.count,
                inlineSequenceCount: request.sequence?.items.count ?? 0,
                hasUser: !request.userID.isEmpty)
        } catch {
            throw RPCError(
                code: .invalidArgument, message: "\(error.field): \(error.message)",
                details: [.fieldViolation(field: error.field, message: error.message)])
        }
    }

    private func representation(of request: RecommendRequest) throws -> Representation {
        let asked = request.representation ?? release.manifest.representation
        let needsProjector = asked == .hybrid || asked == .behavioural
        guard !needsProjector || release.manifest.projector != nil else {
            throw RPCError(
                code: .failedPrecondition,
                message: "release \(release.reference) has no projector, so it cannot answer "
                    + "\(asked.rawValue); ask for text")
        }
        return asked
    }

    private static func requireVersion(_ asked: UInt64, at version: UInt64) throws {
        guard version >= asked else {
            throw RPCError(
                code: .failedPrecondition,
                message: "the catalog is at version \(version), before min_version \(asked)")
        }
    }

    private func loadUser(
        _ request: RecommendRequest, deadline: Deadline, clock: inout StageClock
    ) async throws -> UserSequence {
        try await clock.time("sequence") {
            if let inline = request.sequence, !inline.items.isEmpty {
                return UserSequence(
                    history: inline.items,
                    seenItemIDs: request.includeSeen ? [] : Set(inline.items.map(\.itemID)),
                    barringUserID: nil)
            }
            guard !request.userID.isEmpty else {
                throw RPCError(
                    code: .invalidArgument, message: "user_id: give a user id or a sequence")
            }
            let stored = try await store.history(
                userID: request.userID, count: release.manifest.encoder.window,
                deadline: deadline.instant)
            let history = stored.entries.map(\.interaction)
            guard !request.includeSeen else {
                return UserSequence(history: history, seenItemIDs: [], barringUserID: nil)
            }
            let seen = try await store.seenItemIDs(
                userID: request.userID, deadline: deadline.instant)
            return UserSequence(
                history: history, seenItemIDs: seen.ids, barringUserID: request.userID)
        }
    }

    private func findCandidates(
        _ plan: RecommendPlan, user: UserSequence, barred: Set<String>, deadline: Deadline,
        clock: inout StageClock, degradations: inout [Degradation]
    ) async throws -> CandidateSet {
        do {
            if plan.givenCandidateIDs.isEmpty {
                return try await candidateStage.retrieved(
                    count: plan.candidateCount, user: user, barred: barred, deadline: deadline,
                    clock: &clock)
            }
            return try await candidateStage.given(
                plan.givenCandidateIDs, user: user, barred: barred, deadline: deadline,
                clock: &clock)
        } catch let failure as StageFailure {
            degradations.append(failure.degradation)
            return try await candidateStage.popular(
                count: plan.candidateCount, among: plan.givenCandidateIDs, user: user,
                barred: barred, deadline: deadline, clock: &clock)
        }
    }

    private func rank(
        _ candidates: ArraySlice<Candidate>, user: UserSequence, representation: Representation,
        deadline: Deadline, clock: inout StageClock
    ) async throws -> LLMRanking {
        let recent = user.history.suffix(PromptComposer.maximumHistory).map(\.itemID)
        let stored = try await clock.time("titles") {
            try await store.items(ids: Array(Set(recent)), deadline: deadline.instant)
        }
        // A history item that left the catalog has no title to show.
        let known = Set(stored.items.map(\.id))
        let history = recent.filter(known.contains)
        var entries = stored.items.map {
            DistinctTitles.Entry(id: $0.id, title: $0.title, year: $0.year)
        }
        entries += candidates.filter { !known.contains($0.id) }.map {
            DistinctTitles.Entry(id: $0.id, title: $0.title, year: $0.year)
        }
        return try await llmStage.rank(
            history: history, candidates: candidates.map(\.id),
            titles: DistinctTitles.titles(entries), representation: representation,
            remaining: { deadline.remaining }, clock: &clock)
    }
}
