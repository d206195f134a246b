/// Pauses between attempts to connect: exponential, bounded, with jitter.
///
/// Pure: the random number is a parameter.
struct Backoff {
    private let initial: Duration
    private let maximum: Duration
    private let multiplier: Double
    private let jitter: Double
    private var base: Duration

    init(_ configuration: RPCClientConfiguration) {
        initial = configuration.initialBackoff
        maximum = configuration.maximumBackoff
        multiplier = configuration.backoffMultiplier
        jitter = configuration.backoffJitter
        base = initial
    }

    /// The next pause; `random` is uniform in 0..<1.
    mutating func next(random: Double) -> Duration {
        let pause = base * (1 + jitter * (2 * random - 1))
        base = min(maximum, base * multiplier)
        return pause
    }

    /// A connection was good: the next failure is a first one.
    mutating func reset() { base = initial }
}
