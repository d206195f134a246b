/// What happened on one replica since the last evaluation, and its ejections.
struct EndpointRecord {
    /// Latencies kept for a median; newer ones replace older ones.
    static let keptLatencies = 128

    private(set) var successes = 0
    private(set) var failures = 0
    private(set) var consecutiveFailures = 0
    /// Calls whose latency counts.
    private(set) var timedCalls = 0
    private var latencies: [Duration] = []
    private var nextLatency = 0
    /// How often it was ejected lately; sinks by one an interval while it is well.
    var ejections = 0
    /// When the running ejection ends.
    var ejectedUntil: ContinuousClock.Instant?

    var calls: Int { successes + failures }

    var successRate: Double { Double(successes) / Double(max(1, calls)) }

    /// The middle of the latencies kept; nil without any.
    var medianLatency: Duration? { latencies.median }

    mutating func add(_ outcome: EndpointOutcome, latency: Duration) {
        switch outcome {
        case .ignored: return
        case .failure:
            failures += 1
            consecutiveFailures += 1
            return
        case .success, .refusal:
            successes += 1
            consecutiveFailures = 0
        }
        // How fast a replica refuses is no measure: beside it the one that works would be slow.
        guard outcome == .success else { return }
        timedCalls += 1
        if latencies.count < Self.keptLatencies {
            latencies.append(latency)
        } else {
            latencies[nextLatency] = latency
        }
        nextLatency = (nextLatency + 1) % Self.keptLatencies
    }

    /// A new interval begins.
    mutating func clearInterval() {
        (successes, failures, timedCalls) = (0, 0, 0)
        latencies.removeAll(keepingCapacity: true)
        nextLatency = 0
    }

    /// It is judged by what comes from now on.
    mutating func clear() {
        clearInterval()
        consecutiveFailures = 0
    }
}

extension [Duration] {
    /// The middle element, the lower of two; nil if empty.
    var median: Duration? { isEmpty ? nil : sorted()[(count - 1) / 2] }
}
