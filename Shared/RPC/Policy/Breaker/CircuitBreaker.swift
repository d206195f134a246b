/// Whether one replica may be called, from how its calls ended.
///
/// The shell asks ``acquire(now:)`` after the balancer's pick: on nil it gives the pick back and
/// picks again with the replica among the tried ones. It hands the permit to
/// ``ended(_:_:now:)`` when the attempt is over, however it ended.
struct CircuitBreaker {
    /// A right to one attempt.
    struct Permit: Equatable {
        /// Results of attempts that began before the last change of state say nothing of now.
        fileprivate var era: Int
    }

    /// What has changed; for logs and metrics.
    enum Transition: Equatable {
        case opened(until: ContinuousClock.Instant)
        case halfOpened
        case closed
    }

    private enum State: Equatable {
        case closed
        case open(until: ContinuousClock.Instant)
        case halfOpen(Probes)
    }

    private struct Probes: Equatable {
        var inFlight = 0
        var successes = 0
        var lastBegan: ContinuousClock.Instant
    }

    private let configuration: CircuitBreakerConfiguration
    private var state = State.closed
    private var era = 0
    private var openTime: Duration
    private var calls: SlidingWindow<Int>
    private var failures: SlidingWindow<Int>

    init(_ configuration: CircuitBreakerConfiguration) {
        self.configuration = configuration
        openTime = configuration.openTime
        calls = SlidingWindow(length: configuration.window)
        failures = SlidingWindow(length: configuration.window)
    }

    var isClosed: Bool { state == .closed }

    /// Asks for one attempt; nil if none may be made now.
    mutating func acquire(
        now: ContinuousClock.Instant
    ) -> (permit: Permit, transition: Transition?)? {
        switch state {
        case .closed: return (Permit(era: era), nil)
        case .open(let end):
            guard end <= now else { return nil }
            enter(.halfOpen(Probes(inFlight: 1, lastBegan: now)))
            return (Permit(era: era), .halfOpened)
        case .halfOpen(var probes):
            // Probes that never end, as with calls without deadlines, must not keep it half open
            // for ever: after an open time there is room for one more.
            let isOverdue = probes.lastBegan + openTime <= now
            guard isOverdue || probes.inFlight + probes.successes < allowedProbes else {
                return nil
            }
            probes.inFlight = min(probes.inFlight + 1, allowedProbes)
            probes.lastBegan = now
            state = .halfOpen(probes)
            return (Permit(era: era), nil)
        }
    }

    /// An attempt is over.
    mutating func ended(
        _ permit: Permit, _ outcome: EndpointOutcome, now: ContinuousClock.Instant
    ) -> Transition? {
        guard permit.era == era else { return nil }
        switch state {
        case .open: return nil
        case .closed: return endedWhileClosed(outcome, now: now)
        case .halfOpen(let probes): return probeEnded(outcome, probes, now: now)
        }
    }

    private var allowedProbes: Int { max(1, configuration.probes) }

    private mutating func endedWhileClosed(
        _ outcome: EndpointOutcome, now: ContinuousClock.Instant
    ) -> Transition? {
        guard outcome != .ignored else { return nil }
        calls.add(1, now: now)
        guard outcome == .failure else { return nil }
        failures.add(1, now: now)
        let total = calls.total(now: now)
        guard total >= configuration.minimumCalls,
            failures.total(now: now) * 100 >= total * configuration.failurePercent
        else { return nil }
        return open(now: now)
    }

    private mutating func probeEnded(
        _ outcome: EndpointOutcome, _ probes: Probes, now: ContinuousClock.Instant
    ) -> Transition? {
        var probes = probes
        probes.inFlight = max(0, probes.inFlight - 1)
        switch outcome {
        case .failure:
            openTime = min(openTime * 2, configuration.maximumOpenTime)
            return open(now: now)
        case .ignored: break
        case .success, .refusal:
            probes.successes += 1
            if probes.successes >= allowedProbes {
                openTime = configuration.openTime
                enter(.closed)
                return .closed
            }
        }
        state = .halfOpen(probes)
        return nil
    }

    private mutating func open(now: ContinuousClock.Instant) -> Transition {
        let end = now + openTime
        enter(.open(until: end))
        return .opened(until: end)
    }

    private mutating func enter(_ next: State) {
        state = next
        era += 1
        calls.clear()
        failures.clear()
    }
}
