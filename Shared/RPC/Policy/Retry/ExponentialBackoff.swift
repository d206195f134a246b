/// Pauses between attempts: exponential, bounded, with jitter.
struct ExponentialBackoff {
    enum Jitter: Equatable {
        /// Uniform between nothing and the whole pause: spreads callers of one failure best.
        ///
        /// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015; gRPC A6.
        case full
        /// The pause, by up to this share longer or shorter: for connecting, which must not follow
        /// its failure at once (gRPC's connection backoff has 0.2).
        case proportional(Double)
    }

    private let initial: Duration
    private let maximum: Duration
    private let multiplier: Double
    private let jitter: Jitter
    private var base: Duration

    init(initial: Duration, maximum: Duration, multiplier: Double, jitter: Jitter) {
        self.initial = initial
        self.maximum = maximum
        self.multiplier = multiplier
        self.jitter = jitter
        base = min(initial, maximum)
    }

    /// The pause after one more failure.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let pause =
            switch jitter {
            case .full: base.randomShare(using: &generator)
            case .proportional(let share):
                base * Double.random(in: (1 - share)...(1 + share), using: &generator)
            }
        base = min(maximum, base * multiplier)
        return pause
    }

    /// The next failure is a first one.
    mutating func reset() { base = min(initial, maximum) }
}
