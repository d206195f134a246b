import Domain
import Testing
import TrainingCore

@Suite("Ranking metrics")
struct RankingMetricsTests {
    @Test("a rank counts what scores more, and among equal scores what has the smaller id")
    func rank() {
        let scored = [
            ScoredItem(itemID: "a", score: 1), ScoredItem(itemID: "b", score: 3),
            ScoredItem(itemID: "c", score: 1), ScoredItem(itemID: "d", score: 0),
        ]
        #expect(RankingMetrics.rank(of: "b", in: scored) == 1)
        #expect(RankingMetrics.rank(of: "a", in: scored) == 2)
        #expect(RankingMetrics.rank(of: "c", in: scored) == 3)
        #expect(RankingMetrics.rank(of: "d", in: scored) == 4)
        #expect(RankingMetrics.rank(of: "z", in: scored) == nil)
    }

    @Test("a score that is not a number is the least")
    func notANumber() {
        let scored = [
            ScoredItem(itemID: "a", score: .nan), ScoredItem(itemID: "b", score: -5),
        ]
        #expect(RankingMetrics.rank(of: "a", in: scored) == 2)
        #expect(RankingMetrics.rank(of: "b", in: scored) == 1)
    }

    @Test("hits and gains by value")
    func values() {
        #expect(RankingMetrics.hits([1, 2, 5, 6], cutoff: 5) == [1, 1, 1, 0])
        let gains = RankingMetrics.gains([1, 3, 7, 8], cutoff: 7)
        #expect(abs(gains[0] - 1) < 1e-12)
        #expect(abs(gains[1] - 0.5) < 1e-12)
        #expect(abs(gains[2] - 1.0 / 3) < 1e-12)
        #expect(gains[3] == 0)
        #expect(RankingMetrics.mean([]) == 0)
    }

    @Test("the expected hit is the share of draws that the target survives")
    func expectedHit() {
        // Of 4 rivals 3 are beaten; 2 of the 4 are drawn: 3/4 * 2/3.
        #expect(
            abs(RankingMetrics.expectedHit(rank: 2, rivals: 4, negatives: 2) - 0.5) < 1e-12)
        #expect(RankingMetrics.expectedHit(rank: 1, rivals: 4, negatives: 4) == 1)
        #expect(RankingMetrics.expectedHit(rank: 4, rivals: 4, negatives: 2) == 0)
        #expect(RankingMetrics.expectedHit(rank: 3, rivals: 4, negatives: 0) == 1)
    }

    @Test("a bootstrap interval holds its mean, repeats with its seed and narrows with users")
    func bootstrap() {
        let few = (0..<50).map { $0.isMultiple(of: 2) ? 1.0 : 0 }
        let many = (0..<5_000).map { $0.isMultiple(of: 2) ? 1.0 : 0 }
        let wide = BootstrapInterval(few, seed: 3)
        #expect(wide == BootstrapInterval(few, seed: 3))
        #expect(wide.count == 50 && wide.mean == 0.5)
        // The normal approximation is 0.5 ± 1.96 * sqrt(0.25 / 50) = ± 0.139.
        #expect(abs(wide.low - 0.361) < 0.03 && abs(wide.high - 0.639) < 0.03)
        let narrow = BootstrapInterval(many, resamples: 500, seed: 3)
        #expect(narrow.high - narrow.low < (wide.high - wide.low) / 5)
    }

    @Test("the interval of one user or none is its mean")
    func degenerate() {
        #expect(BootstrapInterval([0.25], seed: 1).low == 0.25)
        #expect(BootstrapInterval([0.25], seed: 1).high == 0.25)
        #expect(BootstrapInterval([], seed: 1).mean == 0)
    }
}
