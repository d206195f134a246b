import Evaluation
import Foundation
import Releases
import TrainingCore

/// What an evaluation found, for people and for programs.
struct EvaluationReport {
    private let release: Release
    private let split: String
    private let negatives: Int
    private let seed: UInt64
    private let draws: Int
    /// In the order shown.
    private let measures: [(name: String, title: String, interval: BootstrapInterval)]

    init(evaluation: ReleaseEvaluation, draws: [[Int]], negatives: Int, seed: UInt64) {
        release = evaluation.release
        split = evaluation.dataSet.split.rule.rawValue
        self.negatives = negatives
        self.seed = seed
        self.draws = draws.count
        let full = evaluation.fullRanks()
        // A user's value is the mean over the draws, because draws of one user are not independent.
        func overDraws(_ value: ([Int]) -> [Double]) -> [Double] {
            let all = draws.map(value)
            guard let first = all.first else { return [] }
            return first.indices.map { user in RankingMetrics.mean(all.map { $0[user] }) }
        }
        func measure(
            _ name: String, _ title: String, _ values: [Double]
        ) -> (name: String, title: String, interval: BootstrapInterval) {
            (name, title, BootstrapInterval(values, seed: seed))
        }
        let among = "among \(negatives + 1)"
        measures = [
            measure(
                "hit_ratio_at_1", "HitRatio@1 \(among)",
                overDraws { RankingMetrics.hits($0, cutoff: 1) }),
            measure(
                "hit_ratio_at_5", "HitRatio@5 \(among)",
                overDraws { RankingMetrics.hits($0, cutoff: 5) }),
            measure(
                "ndcg_at_5", "NDCG@5 \(among)", overDraws { RankingMetrics.gains($0, cutoff: 5) }),
            measure(
                "full_hit_ratio_at_10", "HitRatio@10, full ranking",
                RankingMetrics.hits(full, cutoff: 10)),
            measure(
                "full_ndcg_at_10", "NDCG@10, full ranking",
                RankingMetrics.gains(full, cutoff: 10)),
        ]
    }

    /// A table with a line a measure.
    func text() -> String {
        let users = measures[0].interval.count
        var text =
            "release \(release.manifest.name), split \(split), \(users) test users, "
            + "\(draws) draw\(draws == 1 ? "" : "s") of \(negatives) negatives, seed \(seed)\n"
        for measure in measures {
            let interval = measure.interval
            let title = measure.title.padding(toLength: 28, withPad: " ", startingAt: 0)
            text += String(
                format: "%@ %.4f  [%.4f, %.4f]\n", title, interval.mean, interval.low,
                interval.high)
        }
        return text
    }

    /// One JSON object and a newline.
    func json() throws -> String {
        var object: [String: Any] = [
            "release": release.manifest.name,
            "manifest_sha256": release.manifestSHA256.map { String(format: "%02x", $0) }.joined(),
            "split": split, "users": measures[0].interval.count, "draws": draws,
            "negatives": negatives, "seed": seed, "interval": 0.95,
        ]
        for measure in measures {
            object[measure.name] = [
                "mean": measure.interval.mean, "low": measure.interval.low,
                "high": measure.interval.high,
            ]
        }
        let encoded = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        return String(decoding: encoded, as: UTF8.self) + "\n"
    }
}
