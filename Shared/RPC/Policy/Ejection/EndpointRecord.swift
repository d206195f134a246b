/// What an attempt says about the replica that it went to.
enum EndpointOutcome: Equatable {
    case success
    /// The replica's failure.
    case failure
    /// Nothing: the caller gave up.
    case ignored

    /// What an attempt's status says.
    ///
    /// A replica that refuses because of its load is no outlier: taking its calls away would only
    /// move the load, and its callers back off. What the caller did wrong is no failure either.
    init(_ code: RPCError.Code) {
        switch code {
        case .unavailable, .internalError, .unknown, .dataLoss, .deadlineExceeded: self = .failure
        case .cancelled: self = .ignored
        default: self = .success
        }
    }
}

/// What happened on one replica since the last evaluation, and its ejections.
struct EndpointRecord {
    /// Latencies kept for a median; newer ones replace older ones.
    static let keptLatencies = 128

    private(set) var successes = 0
    private(set) var failures = 0
    private(set) var consecutiveFailures = 0
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
        case .success:
            successes += 1
            consecutiveFailures = 0
        case .failure:
            failures += 1
            consecutiveFailures += 1
            // How fast a replica fails is no measure; how slowly the success rate knows.
            return
        }
        if latencies.count < Self.keptLatencies {
            latencies.append(latency)
        } else {
            latencies[nextLatency] = latency
        }
        nextLatency = (nextLatency + 1) % Self.keptLatencies
    }

    /// A new interval begins.
    mutating func clearInterval() {
        (successes, failures) = (0, 0)
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
