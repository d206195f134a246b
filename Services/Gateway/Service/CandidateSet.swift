import Domain

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

/// An item that may be answered.
struct Candidate {
    let id: String
    let title: String
    let year: String?
    /// The recommender's score; nil when it gave none.
    let srs: Double?
    let notInRelease: Bool
}

/// The candidates of a call, best of the recommender first.
struct CandidateSet {
    var candidates: [Candidate]
    /// Catalog version as of which every candidate may be answered.
    var catalogVersion: UInt64
    /// Whether their order is the recommender's; else it is popularity's.
    var orderedBySRS: Bool
}
