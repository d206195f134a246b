import Domain
import GatewayCore
import Releases
import ServiceAPI
import Storage
import Wire

/// What one reading of the database says of the user and the releases.
struct StoredSequence {
    var user: UserSequence
    var catalogVersion: UInt64
    /// Reference of the release that requests use by default; nil when none was activated.
    var activeRelease: String?
}

extension Recommender {
    /// The user's sequence, inline or stored, with the active release of the same snapshot.
    func readSequence(
        _ request: RecommendRequest, progress: inout CallProgress
    ) async throws -> StoredSequence {
        try await progress.read(.sequence) { deadline in
            if let inline = request.sequence, !inline.items.isEmpty {
                let state = try await store.items(ids: [], deadline: deadline)
                return StoredSequence(
                    user: UserSequence(
                        history: inline.items,
                        seenItemIDs: request.includeSeen ? [] : Set(inline.items.map(\.itemID)),
                        barringUserID: nil),
                    catalogVersion: state.catalogVersion, activeRelease: state.activeRelease)
            }
            // The encoder takes a bounded list of exclusions; the catalog's answer settles the
            // rest, so the two readings need not be of one snapshot.
            async let seen = seenItemIDs(request, deadline: deadline)
            let stored = try await store.history(
                userID: request.userID, count: historyWindow, countingAll: false,
                deadline: deadline)
            return StoredSequence(
                user: UserSequence(
                    history: stored.entries.map(\.interaction), seenItemIDs: try await seen,
                    barringUserID: request.includeSeen ? nil : request.userID),
                catalogVersion: stored.catalogVersion, activeRelease: stored.activeRelease)
        }
    }

    /// The longest window of the loaded releases, as far as a history goes: which of them answers is read with the history.
    private var historyWindow: Int {
        min(
            CatalogLimits.maximumHistory,
            selector.releases.map(\.release.manifest.encoder.window).max() ?? 1)
    }

    private func seenItemIDs(
        _ request: RecommendRequest, deadline: ContinuousClock.Instant
    ) async throws -> Set<String> {
        guard !request.includeSeen else { return [] }
        do {
            return try await store.seenItemIDs(userID: request.userID, deadline: deadline).ids
        } catch  where error.code == .resourceExhausted {
            // So many that no list of them helps the encoder; the catalog leaves them out.
            return []
        }
    }
}
