import Domain
import GatewayCore
import RPC
import ServiceAPI
import Storage
import Wire

/// Finds what may be answered: given or retrieved, allowed by the catalog, scored by the encoder.
struct CandidateStage: Sendable {
    let store: CatalogStore
    let encoder: EncoderClient
    let release: ReleaseReference

    /// Candidates of the caller, scored; ids that the catalog does not know refuse the call.
    func given(
        _ itemIDs: [String], user: UserSequence, barred: Set<String>, deadline: Deadline,
        clock: inout StageClock
    ) async throws -> CandidateSet {
        let found = try await clock.time("catalog") {
            try await store.items(
                ids: itemIDs, seenBy: user.barringUserID, deadline: deadline.instant)
        }
        let known = Set(found.items.map(\.id))
        if let unknown = itemIDs.first(where: { !known.contains($0) }) {
            throw RPCError(
                code: .notFound,
                message: "a candidate is not in the catalog; its id is in the details",
                details: [
                    .fieldViolation(
                        field: "candidate_item_ids", message: "\(unknown) is not in the catalog")
                ])
        }
        let items = found.allowed.filter { !barred.contains($0.id) }
        let scores = try await retrieve(
            RetrieveRequest(
                release: release.description, sequence: ItemSequence(items: user.history),
                candidateItemIDs: items.map(\.id)),
            deadline: deadline, clock: &clock)
        guard scores.knownHistoryCount > 0 else { throw Self.noHistory }
        return CandidateSet(
            candidates: Self.join(scores.items, with: items), catalogVersion: found.catalogVersion,
            orderedBySRS: true)
    }

    /// The encoder's best that the catalog allows; asks again for more while too few remain.
    ///
    /// The encoder takes a bounded list of exclusions; the catalog's answer settles the rest.
    func retrieved(
        count: Int, user: UserSequence, barred: Set<String>, deadline: Deadline,
        clock: inout StageClock
    ) async throws -> CandidateSet {
        var asked = min(
            count + RecommendLimits.retrievalMargin, RecommendLimits.maximumCandidates)
        while true {
            let retrieved = try await retrieve(
                RetrieveRequest(
                    release: release.description, sequence: ItemSequence(items: user.history),
                    count: asked,
                    excludedItemIDs: Self.bounded(barred)),
                deadline: deadline, clock: &clock)
            guard retrieved.knownHistoryCount > 0 else { throw Self.noHistory }
            let found = try await clock.time("catalog") {
                try await store.items(
                    ids: retrieved.items.map(\.itemID), seenBy: user.barringUserID,
                    deadline: deadline.instant)
            }
            let candidates = Self.join(
                retrieved.items, with: found.allowed.filter { !barred.contains($0.id) })
            let exhausted =
                retrieved.items.count < asked || asked == RecommendLimits.maximumCandidates
            if candidates.count >= count || exhausted {
                return CandidateSet(
                    candidates: Array(candidates.prefix(count)),
                    catalogVersion: found.catalogVersion, orderedBySRS: true)
            }
            asked = min(asked * 2, RecommendLimits.maximumCandidates)
        }
    }

    /// The ladder's last rung: what most users interacted with, of the given items or of all.
    func popular(
        count: Int, among itemIDs: [String], user: UserSequence, barred: Set<String>,
        deadline: Deadline, clock: inout StageClock
    ) async throws -> CandidateSet {
        try await clock.time("popularity") {
            let popular = try await store.popular(
                count: count, among: itemIDs, excluding: Self.bounded(barred),
                notSeenBy: user.barringUserID, deadline: deadline.instant)
            return CandidateSet(
                candidates: popular.entries.map(\.item).map {
                    Candidate(
                        id: $0.id, title: $0.title, year: $0.year, srs: nil, notInRelease: false)
                }, catalogVersion: popular.catalogVersion, orderedBySRS: false)
        }
    }

    private static let noHistory = StageFailure(
        stage: "encoder", reason: "no_history",
        message: "the release knows no item of the user's sequence")

    private func retrieve(
        _ request: RetrieveRequest, deadline: Deadline, clock: inout StageClock
    ) async throws -> RetrieveResponse {
        guard request.sequence?.items.isEmpty == false else { throw Self.noHistory }
        do {
            let response = try await clock.time("encoder") {
                try await encoder.retrieve(
                    request,
                    options: CallOptions(
                        timeout: DeadlineBudget(remaining: deadline.remaining).smallStage))
            }
            try requireRelease(response.release, release, stage: "encoder")
            return response
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StageFailure(stage: "encoder", error: error)
        }
    }

    /// As many exclusions as a call may hold, the same ones every time.
    private static func bounded(_ barred: Set<String>) -> [String] {
        Array(barred.sorted().prefix(RecommendLimits.maximumExclusions))
    }

    /// Scores and catalog rows in one list, best first, ties by id.
    private static func join(_ scored: [RetrievedItem], with items: [StoredItem]) -> [Candidate] {
        let byID = Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) })
        return scored.compactMap { score in
            byID[score.itemID].map { item in
                Candidate(
                    id: item.id, title: item.title, year: item.year, srs: Double(score.score),
                    notInRelease: score.notInRelease)
            }
        }.sorted {
            ScoredItem.ranksBefore(
                ScoredItem(itemID: $0.id, score: $0.srs ?? 0),
                ScoredItem(itemID: $1.id, score: $1.srs ?? 0))
        }
    }
}

extension CatalogItems {
    /// Items that may be answered as of this reading's catalog version.
    fileprivate var allowed: [StoredItem] {
        items.filter { $0.isServable && !seenIDs.contains($0.id) }
    }
}

extension StoredItem {
    /// Attribute `year`, which tells equal titles apart.
    var year: String? { attributes.first { $0.key == "year" }?.value }
}
