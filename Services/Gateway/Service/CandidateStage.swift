import Domain
import GatewayCore
import RPC
import ServiceAPI
import Storage
import Wire

/// Finds what may be answered: given or retrieved, allowed by the catalog, scored by the encoder.
struct CandidateStage: Sendable {
    let store: CatalogStore
    let scorer: CandidateScorer
    /// Items that pass the filters, up to which the encoder scores just these.
    var maximumMatching = RecommendLimits.maximumMatching

    /// The candidates of a call, down to the last rung of the ladder.
    ///
    /// - Throws: `RPCError` for given ids that the catalog does not know; `StorageError` and
    ///   DEADLINE_EXCEEDED when the catalog cannot be read.
    func find(
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CandidateSet {
        let given =
            wanted.plan.givenCandidateIDs.isEmpty
            ? nil : try await givenReading(wanted, progress: &progress)
        do {
            // Without any known item there is no user state, so no order.
            guard wanted.user.history.contains(where: { wanted.release.knows($0.itemID) }) else {
                throw StageFailure(
                    stage: "encoder", reason: "no_history",
                    message: "the release knows no item of the user's sequence")
            }
            if let given { return try await scored(given, wanted, progress: &progress) }
            return try await retrieved(wanted, progress: &progress)
        } catch let failure as StageFailure {
            progress.degradations.append(failure.degradation)
            return try await popular(wanted, progress: &progress)
        }
    }

    /// The catalog on the caller's candidates; ids that it does not know refuse the call, whatever
    /// is known of the user.
    private func givenReading(
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CatalogReading {
        let itemIDs = wanted.plan.givenCandidateIDs
        let reading = try await read(itemIDs, wanted, progress: &progress)
        if let unknown = itemIDs.first(where: { !reading.has($0) }) {
            throw RPCError(
                code: .notFound,
                message: "a candidate is not in the catalog; its id is in the details",
                details: [
                    .fieldViolation(
                        field: "candidate_item_ids", message: "\(unknown) is not in the catalog")
                ])
        }
        return reading
    }

    /// Candidates of the caller, scored.
    private func scored(
        _ reading: CatalogReading, _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CandidateSet {
        let scores = try await scorer.scores(
            of: wanted.plan.givenCandidateIDs.filter(reading.allows), wanted, progress: &progress)
        return CandidateSet(
            candidates: CandidateRanking.ordered(scores.compactMap(reading.candidate)),
            catalogVersion: reading.catalogVersion, orderedBySRS: true,
            historyTitles: reading.titles(of: wanted.recentItemIDs))
    }

    /// The encoder's best that the catalog allows, page by page while too few remain, and fresh
    /// items.
    private func retrieved(
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CandidateSet {
        // It needs nothing of the encoder, so the database works while the encoder does.
        async let newest = newestUnknown(wanted, deadline: progress.limit(of: .encoder))
        let source = try await source(wanted, progress: &progress)
        var pages = RetrievalPages(
            wanted: wanted.plan.candidateCount, itemCount: wanted.release.itemCount)
        let scored = try await scorer.page(pages.next(), of: source, wanted, progress: &progress)
        let fresh = try await newest
        if let degradation = fresh.degradation { progress.degradations.append(degradation) }
        var freshIDs = fresh.itemIDs
        var reading = try await read(scored.map(\.itemID) + freshIDs, wanted, progress: &progress)
        freshIDs = Array(freshIDs.filter(reading.allows).prefix(wanted.plan.freshItemCount))
        var found = scored.filter { reading.allows($0.itemID) }
        let needed = wanted.plan.candidateCount - freshIDs.count
        if found.count < needed, scored.count == pages.firstCount {
            found += try await refill(
                needed - found.count, from: &pages, of: source, wanted, progress: &progress)
            // Several readings have several versions; the answer states one.
            reading = try await read(
                found.prefix(needed).map(\.itemID) + freshIDs, wanted, progress: &progress)
        }
        return CandidateSet(
            candidates: CandidateRanking.joined(
                retrieved: found.prefix(needed).compactMap(reading.candidate),
                fresh: freshIDs.compactMap {
                    reading.candidate($0, srs: nil, notInRelease: true)
                }, count: wanted.plan.candidateCount),
            catalogVersion: reading.catalogVersion, orderedBySRS: true,
            historyTitles: reading.titles(of: wanted.recentItemIDs))
    }

    /// More of the encoder's order, until `count` more are allowed, or its end, or half the time.
    private func refill(
        _ count: Int, from pages: inout RetrievalPages, of source: CandidateSource,
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> [RetrievedItem] {
        var found: [RetrievedItem] = []
        do {
            while found.count < count, let page = pages.next() {
                try progress.requireTimeToRefill()
                let scored = try await scorer.page(page, of: source, wanted, progress: &progress)
                guard !scored.isEmpty else { break }
                let reading = try await read(scored.map(\.itemID), wanted, progress: &progress)
                found += scored.filter { reading.allows($0.itemID) }
            }
        } catch let failure as StageFailure {
            // What was found is worth more than the rung below.
            progress.degradations.append(failure.degradation)
        }
        return found
    }

    /// With filters that few items pass, the encoder scores just these: its own order could be
    /// long before one of them comes.
    private func source(
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CandidateSource {
        guard !wanted.plan.filters.isEmpty else { return .vocabulary }
        let limit = progress.limit(of: .encoder)
        let matching = try await progress.read(.catalog) { _ -> MatchingItems? in
            do throws(StorageError) {
                return try await store.matching(
                    filters: wanted.plan.filters, limit: maximumMatching, deadline: limit)
            } catch {
                // The encoder's order, page by page, finds the same.
                guard error.isShortage else { throw error }
                return nil
            }
        }
        guard let matching, matching.isComplete else { return .vocabulary }
        let known = matching.ids.filter {
            wanted.release.knows($0) && !wanted.barred.contains($0)
        }
        let scores = try await scorer.scores(of: known, wanted, progress: &progress)
        return .list(
            scores.sorted {
                $0.score != $1.score ? $0.score > $1.score : $0.itemID < $1.itemID
            })
    }

    /// Ids of the newest servable items that the release does not know, newest first; none, and
    /// why, when the database was too slow: an answer without them is better than none.
    func newestUnknown(
        _ wanted: CandidateRequest, deadline: ContinuousClock.Instant
    ) async throws(StorageError) -> (itemIDs: [String], degradation: Degradation?) {
        guard wanted.plan.freshItemCount > 0 else { return ([], nil) }
        do {
            let newest = try await store.newest(
                count: wanted.plan.freshItemCount * RecommendLimits.freshItemSearchFactor,
                notSeenBy: wanted.user.barringUserID, filters: wanted.plan.filters,
                deadline: deadline)
            return (newest.ids.filter { !wanted.release.knows($0) }, nil)
        } catch {
            guard error.isShortage else { throw error }
            let reason = error.code == .deadlineExceeded ? "deadline" : "resource_exhausted"
            return (
                [],
                Degradation(
                    stage: "fresh_items", reason: reason,
                    message: "the newest items could not be read: \(error.message)")
            )
        }
    }

    /// The ladder's last rung: what most users interacted with, of the given items or of all.
    private func popular(
        _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CandidateSet {
        let wished = wanted.plan.candidateCount
        // The catalog itself leaves out what a stored user has seen; of an inline sequence not all
        // may have fitted among the exclusions.
        let unlisted =
            wanted.user.barringUserID == nil
            ? wanted.barred.count - wanted.boundedExclusions.count : 0
        let popular = try await progress.read(.popularity) { deadline in
            try await store.popular(
                count: min(wished + unlisted, CatalogLimits.maximumPage),
                among: wanted.plan.givenCandidateIDs,
                excluding: wanted.boundedExclusions, notSeenBy: wanted.user.barringUserID,
                filters: wanted.plan.filters, deadline: deadline)
        }
        let allowed = popular.entries.map(\.item).filter { !wanted.barred.contains($0.id) }
        return CandidateSet(
            candidates: allowed.prefix(wished).map {
                Candidate(
                    id: $0.id, title: $0.title, year: $0.year, srs: nil,
                    notInRelease: !wanted.release.knows($0.id))
            }, catalogVersion: popular.catalogVersion, orderedBySRS: false)
    }

    /// Reads items, and with them the history's, whose titles the prompt needs.
    private func read(
        _ itemIDs: [String], _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> CatalogReading {
        let recent = Array(Set(wanted.recentItemIDs).subtracting(itemIDs))
        let fits = itemIDs.count + recent.count <= CatalogLimits.maximumItemsPerCall
        return try await progress.read(.catalog) { deadline in
            let found = try await store.candidates(
                ids: fits ? itemIDs + recent : itemIDs, notSeenBy: wanted.user.barringUserID,
                filters: wanted.plan.filters, deadline: deadline)
            var reading = CatalogReading(found, wanted)
            if !fits {
                reading.addTitles(try await store.candidates(ids: recent, deadline: deadline))
            }
            return reading
        }
    }
}
