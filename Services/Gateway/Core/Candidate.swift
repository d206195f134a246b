internal import Domain

/// An item that may be answered.
public struct Candidate: Sendable, Hashable {
    /// External id.
    public let id: String
    /// Title as the catalog has it.
    public let title: String
    /// Attribute `year`, which tells equal titles apart.
    public let year: String?
    /// The recommender's score; nil when it gave none.
    public let srs: Double?
    /// The release has no row for it.
    public let notInRelease: Bool

    /// Makes a candidate.
    public init(id: String, title: String, year: String?, srs: Double?, notInRelease: Bool) {
        self.id = id
        self.title = title
        self.year = year
        self.srs = srs
        self.notInRelease = notInRelease
    }

    /// Its title, for a prompt.
    public var entry: DistinctTitles.Entry {
        DistinctTitles.Entry(id: id, title: title, year: year)
    }

    fileprivate func scored(_ score: Double) -> Candidate {
        Candidate(id: id, title: title, year: year, srs: score, notInRelease: notInRelease)
    }
}

/// Puts candidates in the recommender's order.
public enum CandidateRanking {
    /// Best first, ties by id.
    public static func ordered(_ candidates: [Candidate]) -> [Candidate] {
        candidates.sorted {
            ScoredItem.ranksBefore(
                ScoredItem(itemID: $0.id, score: $0.srs ?? 0),
                ScoredItem(itemID: $1.id, score: $1.srs ?? 0))
        }
    }

    /// At most `count` candidates: all of `fresh`, which the release does not know, and the best of
    /// `retrieved` in the places that are left.
    ///
    /// A fresh item gets the median score of the retrieved ones that stay: it is neither favoured
    /// nor punished for what nobody knows of it.
    public static func joined(
        retrieved: [Candidate], fresh: [Candidate], count: Int
    ) -> [Candidate] {
        let known = Set(retrieved.map(\.id))
        let added = fresh.filter { !known.contains($0.id) }.prefix(count)
        let kept = ordered(retrieved).prefix(count - added.count)
        let middle = median(kept.compactMap(\.srs))
        return ordered(kept + added.map { $0.scored(middle) })
    }

    /// The middle value, or the mean of the two middle ones; 0 of none.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
