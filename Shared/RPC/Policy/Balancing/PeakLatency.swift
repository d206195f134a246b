internal import Domain

/// The latency of one replica: jumps to a peak at once, forgets it with a time constant of 10 s.
///
/// Finagle's and brpc's peak EWMA. Samples come at any distance, so that weights follow the time
/// between them.
struct PeakLatency {
    /// As in brpc and Finagle.
    static let timeConstant = Duration.seconds(10)

    private var seconds = 0.0
    private var updated: ContinuousClock.Instant?

    /// The average at `now`; nil before the first sample.
    ///
    /// It sinks while no sample comes, so that a replica that was slow is tried again.
    func seconds(now: ContinuousClock.Instant) -> Double? {
        updated.map { seconds * weight(of: $0.duration(to: now)) }
    }

    /// A call took this long.
    mutating func add(_ latency: Duration, now: ContinuousClock.Instant) {
        let sample = max(0, latency.inSeconds)
        guard let before = updated else {
            seconds = sample
            updated = now
            return
        }
        updated = max(before, now)
        let kept = weight(of: before.duration(to: now))
        // Compared with what is left of it: after a long pause the sample is the better news.
        let left = seconds * kept
        seconds = sample > left ? sample : left + sample * (1 - kept)
    }

    /// A call ended in another way and was no slower: neither better nor worse is known of it.
    mutating func hold(now: ContinuousClock.Instant) { updated = updated.map { max($0, now) } }

    private func weight(of elapsed: Duration) -> Double {
        // Events of several threads may arrive a little out of order.
        exponential(-max(0, elapsed.inSeconds) / Self.timeConstant.inSeconds)
    }
}
