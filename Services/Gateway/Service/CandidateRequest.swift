import Domain
import GatewayCore

/// The user's side of a call: what was seen, and the newest part of it in order.
struct UserSequence {
    /// Oldest first, as much as the encoder's window takes.
    var history: [HistoryItem]
    /// Everything the user has seen.
    var seenItemIDs: Set<String>
    /// The stored user whose seen items must be left out; nil when seen items are wanted, or the
    /// sequence came with the request.
    var barringUserID: String?
}

/// What the candidates are for.
struct CandidateRequest {
    let plan: RecommendPlan
    let user: UserSequence
    /// Never to be answered: seen or excluded.
    let barred: Set<String>
    let release: ServedRelease
    /// As many of the barred as a call may hold: all that the caller excludes, then seen ones, the
    /// same ones every time.
    let boundedExclusions: [String]

    /// - Parameter excluded: what the caller excludes, at most as many as a call may hold.
    init(plan: RecommendPlan, user: UserSequence, excluded: [String], release: ServedRelease) {
        self.plan = plan
        self.user = user
        self.release = release
        barred = user.seenItemIDs.union(excluded)
        let limit = RecommendLimits.maximumExclusions
        if barred.count <= limit {
            boundedExclusions = Array(barred)
        } else {
            let own = Set(excluded)
            let seen = user.seenItemIDs.subtracting(own).sorted()
            boundedExclusions = Array(own) + seen.prefix(limit - own.count)
        }
    }

    /// The history as the prompt shows it, oldest first.
    var recentItemIDs: [String] {
        user.history.suffix(PromptComposer.maximumHistory).map(\.itemID)
    }
}

/// The candidates of a call, best of the recommender first.
struct CandidateSet {
    var candidates: [Candidate]
    /// Catalog version as of which every candidate may be answered.
    var catalogVersion: UInt64
    /// Whether their order is the recommender's; else it is popularity's.
    var orderedBySRS: Bool
    /// Titles of the history, as of the same version; an item that left the catalog has none.
    var historyTitles: [DistinctTitles.Entry] = []
}
