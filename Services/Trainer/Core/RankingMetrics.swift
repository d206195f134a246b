public import Domain

/// Where targets stood in ranked lists, and the measures made of it.
///
/// A rank counts from 1. HitRatio@K is the share of ranks up to K over *all* rows, correct / total;
/// NDCG@K with one relevant item is 1 / log2(rank + 1) (Järvelin and Kekäläinen, 2002).
public enum RankingMetrics {
    /// The target's rank among scored items: greater scores first, equal scores by id.
    ///
    /// A score that is not a number counts as the least, so a broken model cannot win.
    /// - Returns: nil when the target is not among them.
    public static func rank(of target: String, in scored: [ScoredItem]) -> Int? {
        let ordered = scored.map { item in
            ScoredItem(itemID: item.itemID, score: item.score.isNaN ? -.infinity : item.score)
        }
        guard let own = ordered.first(where: { $0.itemID == target }) else { return nil }
        return 1 + ordered.count { ScoredItem.ranksBefore($0, own) }
    }

    /// 1 for each rank up to `cutoff`, else 0.
    public static func hits(_ ranks: [Int], cutoff: Int) -> [Double] {
        ranks.map { $0 <= cutoff ? 1 : 0 }
    }

    /// The discounted gain of each rank up to `cutoff`, else 0.
    public static func gains(_ ranks: [Int], cutoff: Int) -> [Double] {
        ranks.map { $0 <= cutoff ? logarithm(2) / logarithm(Double($0) + 1) : 0 }
    }

    /// The mean; 0 of nothing.
    public static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

extension RankingMetrics {
    /// The probability that a target beats `negatives` items drawn from its rivals without
    /// replacement: HitRatio@1 without the noise of a draw.
    ///
    /// - Parameters:
    ///   - rank: the target's rank among itself and all `rivals`.
    ///   - rivals: how many items negatives are drawn from.
    public static func expectedHit(rank: Int, rivals: Int, negatives: Int) -> Double {
        let beaten = rivals - (rank - 1)
        guard negatives > 0, negatives <= beaten else { return negatives > 0 ? 0 : 1 }
        return (0..<negatives).reduce(1.0) { product, drawn in
            product * Double(beaten - drawn) / Double(rivals - drawn)
        }
    }
}
