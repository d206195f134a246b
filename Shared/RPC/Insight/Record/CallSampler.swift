/// Which calls are recorded: a share of them, and at most so many a second.
struct CallSampler {
    private let share: Double
    private let callsPerSecond: Double
    /// Calls that may be taken now; never more than a second's worth.
    private var allowance: Double
    private var last: ContinuousClock.Instant

    init(share: Double, callsPerSecond: Int, now: ContinuousClock.Instant) {
        self.share = share
        self.callsPerSecond = Double(callsPerSecond)
        allowance = Double(callsPerSecond)
        last = now
    }

    /// Whether the call that comes now is recorded.
    mutating func takes(
        now: ContinuousClock.Instant, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        guard Double.random(in: 0..<1, using: &generator) < share else { return false }
        let passed = max(.zero, last.duration(to: now)) / .seconds(1)
        allowance = min(callsPerSecond, allowance + passed * callsPerSecond)
        last = max(last, now)
        guard allowance >= 1 else { return false }
        allowance -= 1
        return true
    }
}
