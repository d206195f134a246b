/// How many calls of a method may run at a time: as many as keep latency near its minimum.
///
/// limit ← limit x gradient + √limit, where the gradient is the minimum latency (with tolerance)
/// over the latency now, both medians. The root lets the limit grow while latency stays, and leaves
/// a small queue, so that cores do not wait for work. Once an interval the limit is lowered for a
/// moment to half of what the present rate needs at the minimum latency (Little's law, as in brpc),
/// to measure that latency without a queue: handlers that compute are then alone on their cores,
/// and those that only wait hardly notice.
struct ConcurrencyLimiter {
    /// A change at most halves or doubles the limit, whatever a window's latencies were.
    private static let gradients = 0.5...2.0
    /// Of the concurrency that the rate needs at the minimum latency, while that is measured.
    private static let measuredShare = 0.5
    /// A measurement that gets too few calls ends after this share of its interval.
    private static let longestMeasurement = 0.02

    /// Latencies kept of a window; of more calls the first are measure enough.
    private static let keptSamples = 1_000

    private enum Phase {
        /// Calls that started before this began say nothing.
        case measuring(since: ContinuousClock.Instant, limit: Int)
        case following(minimumSeconds: Double, until: ContinuousClock.Instant)
    }

    private let configuration: AdaptiveConcurrency
    private var phase: Phase
    private var samples: [Double] = []
    /// Calls of the window, kept or not.
    private var calls = 0
    private var windowStart: ContinuousClock.Instant
    /// Whether the limit was reached within the window: otherwise latency says nothing for more.
    private var wasReached = false
    private var followedLimit: Int
    /// In the last whole window.
    private var callsPerSecond = 0.0

    init(_ configuration: AdaptiveConcurrency, now: ContinuousClock.Instant) {
        self.configuration = configuration
        phase = .measuring(since: now, limit: max(1, configuration.minimum))
        windowStart = now
        followedLimit = configuration.initial
    }

    /// Calls that may run now.
    var limit: Int {
        switch phase {
        case .measuring(_, let limit): limit
        case .following: followedLimit
        }
    }

    /// The latency that is held to be the best; nil before the first measurement.
    var minimumLatency: Duration? {
        if case .following(let seconds, _) = phase { .seconds(seconds) } else { nil }
    }

    private var minimum: Int { max(1, configuration.minimum) }

    /// A call has ended after a time that says something of how long the work takes.
    ///
    /// - Parameters:
    ///   - started: When its handler began; waiting for its turn is not latency.
    ///   - running: Calls that ran until now, this one included.
    mutating func observed(
        started: ContinuousClock.Instant, running: Int, now: ContinuousClock.Instant
    ) {
        if running >= limit { wasReached = true }
        if case .measuring(let since, _) = phase, started < since { return }
        calls += 1
        if samples.count < Self.keptSamples {
            samples.append(started.duration(to: now).inSeconds)
        }
        switch phase {
        case .measuring(let since, _): measure(since: since, now: now)
        case .following(let seconds, let end): follow(seconds, until: end, now: now)
        }
    }

    private mutating func measure(
        since: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) {
        let longest = configuration.measurementInterval * Self.longestMeasurement
        let isEnough =
            calls >= configuration.samples
            || since.duration(to: now) >= longest && calls * 5 >= configuration.samples
        guard isEnough else { return }
        phase = .following(
            minimumSeconds: takeMedian(now: now), until: now + configuration.measurementInterval)
    }

    private mutating func follow(
        _ minimumSeconds: Double, until end: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) {
        if now >= end {
            let needed = callsPerSecond * minimumSeconds * Self.measuredShare
            let measured = Int(min(needed, Double(followedLimit)))
            phase = .measuring(since: now, limit: max(minimum, measured))
            _ = takeMedian(now: now)
            return
        }
        guard calls >= configuration.samples,
            windowStart.duration(to: now) >= configuration.window
        else { return }
        let wasReached = wasReached
        callsPerSecond = Double(calls) / max(1e-9, windowStart.duration(to: now).inSeconds)
        let median = takeMedian(now: now)
        // What was faster than the minimum is the minimum.
        phase = .following(minimumSeconds: min(minimumSeconds, median), until: end)
        let ratio = minimumSeconds * (1 + configuration.tolerance) / max(median, 1e-9)
        let gradient = min(max(ratio, Self.gradients.lowerBound), Self.gradients.upperBound)
        let current = Double(followedLimit)
        let next = Int(current * gradient + current.squareRoot())
        guard wasReached || next < followedLimit else { return }
        followedLimit = min(max(next, minimum), max(minimum, configuration.maximum))
    }

    /// The median of the window, which ends.
    private mutating func takeMedian(now: ContinuousClock.Instant) -> Double {
        samples.sort()
        let median = samples.isEmpty ? 0 : samples[(samples.count - 1) / 2]
        samples.removeAll(keepingCapacity: true)
        calls = 0
        windowStart = now
        wasReached = false
        return median
    }
}
