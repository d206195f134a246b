import Domain

/// A mean with its bootstrap interval over users (Efron and Tibshirani, 1993, percentile method).
///
/// Give one value a user: where a user was asked several times, the mean of them, because draws of
/// one user are not independent. For two models on the same users, give the differences.
public struct BootstrapInterval: Sendable, Hashable {
    /// Number of users.
    public let count: Int
    /// The mean over them.
    public let mean: Double
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double

    /// Resamples `values` with replacement.
    ///
    /// - Parameters:
    ///   - values: one value a user.
    ///   - level: the share of resampled means inside, 0.95 by default.
    ///   - resamples: how often, at least 2.
    ///   - seed: the same seed gives the same interval.
    public init(_ values: [Double], level: Double = 0.95, resamples: Int = 2_000, seed: UInt64) {
        count = values.count
        mean = RankingMetrics.mean(values)
        guard values.count > 1 else {
            low = mean
            high = mean
            return
        }
        var generator = SeededGenerator(seed: seed, parts: ["bootstrap"])
        let means = (0..<max(2, resamples)).map { _ in
            var sum = 0.0
            for _ in values.indices { sum += values[generator.below(values.count)] }
            return sum / Double(values.count)
        }.sorted()
        let tail = (1 - min(max(level, 0), 1)) / 2
        let last = Double(means.count - 1)
        low = means[Int((tail * last).rounded())]
        high = means[Int(((1 - tail) * last).rounded())]
    }
}
