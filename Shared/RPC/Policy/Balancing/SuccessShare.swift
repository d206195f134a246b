internal import Domain

/// The share of a replica's calls that succeed, 1 while nothing else is known.
///
/// Without it a replica that refuses everything at once would look the least loaded of all, and
/// draw the calls of the others. Follows about 16 calls, and recovers with time, so that a replica
/// that is avoided is tried again.
struct SuccessShare {
    private static let gain = 1.0 / 16
    /// A thousand times the load is enough to be avoided.
    private static let lowest = 0.001

    private var missing = 0.0
    private var updated: ContinuousClock.Instant?

    /// From 0.001 to 1.
    func value(now: ContinuousClock.Instant) -> Double {
        missing == 0 ? 1 : max(Self.lowest, 1 - missing * kept(now: now))
    }

    mutating func add(_ isSuccess: Bool, now: ContinuousClock.Instant) {
        let left = missing * kept(now: now)
        missing = left + ((isSuccess ? 0 : 1) - left) * Self.gain
        updated = max(updated ?? now, now)
    }

    private func kept(now: ContinuousClock.Instant) -> Double {
        let elapsed = updated?.duration(to: now) ?? .zero
        return exponential(-max(0, elapsed.inSeconds) / PeakLatency.timeConstant.inSeconds)
    }
}
