internal import Domain

/// What a balancer knows of one replica.
struct BalancedEndpoint<Endpoint: Hashable & Sendable & CustomStringConvertible> {
    enum Readiness: Equatable, CustomStringConvertible {
        case connecting
        case ready(places: Int)
        case failed(reason: String)

        var description: String {
            switch self {
            case .connecting: "not connected yet"
            case .ready: "connected"
            case .failed(let reason): reason
            }
        }
    }

    /// Load of a replica that has a first call in flight and has answered none: more than any real
    /// one, so that it gets no second call before it is known to answer.
    private static var unknownLoad: Double { 1e9 }

    /// A replica that has never succeeded is tried again from this share on: after a few seconds.
    private static var shareWorthTrying: Double { 0.9 }

    let endpoint: Endpoint
    /// Of the name, for rendezvous hashing: the same in every process.
    let nameHash: UInt64
    var readiness = Readiness.connecting
    var isEjected = false
    var inFlight = 0
    var latency = PeakLatency()
    var successShare = SuccessShare()

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        var hash = StableHash()
        hash.combine(endpoint.description)
        nameHash = hash.value
    }

    var isReady: Bool { if case .ready = readiness { true } else { false } }

    var hasRoom: Bool {
        if case .ready(let places) = readiness { inFlight < places } else { false }
    }

    /// Seconds until a further call would have succeeded, if calls were served one after the other
    /// and made again until they succeed.
    func load(now: ContinuousClock.Instant) -> Double {
        let share = successShare.value(now: now)
        guard let seconds = latency.seconds(now: now) else {
            return inFlight == 0 && share > Self.shareWorthTrying
                ? 0 : Self.unknownLoad * Double(inFlight + 1)
        }
        // A latency that has sunk to nothing must not hide the calls in flight.
        return max(seconds, 1e-6) * Double(inFlight + 1) / share
    }

    /// What the end of a call says for the calls to come.
    mutating func ended(
        _ outcome: EndpointOutcome, latency sample: Duration, now: ContinuousClock.Instant
    ) {
        if outcome != .ignored { successShare.add(outcome == .success, now: now) }
        // What failed early, or was given up, was not fast: it counts only where it is slower.
        if outcome == .success || sample.inSeconds > latency.seconds(now: now) ?? .infinity {
            latency.add(sample, now: now)
        } else if outcome != .ignored {
            latency.hold(now: now)
        }
    }
}
