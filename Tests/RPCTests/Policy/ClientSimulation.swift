import Domain

@testable import RPC

/// A client with all its policies in virtual time: a call every millisecond to replicas of given
/// latencies and failures.
struct ClientSimulation {
    struct Replica {
        var latency = Duration.milliseconds(2)
        /// Every so many calls one takes 100 ms; 0 for never.
        var slowEvery = 0
        /// How attempts end, after `latency`.
        var code = RPCError.Code.ok
    }

    struct Result {
        /// Times from the call to its success, sorted.
        var latencies: [Duration] = []
        var failures = 0
        var attempts: [String: Int] = [:]
        var ejections: [String] = []

        var attemptCount: Int { attempts.values.reduce(0, +) }

        func percentile(_ share: Double) -> Duration {
            latencies.isEmpty ? .zero : latencies[Int(share * Double(latencies.count - 1))]
        }
    }

    private enum Event {
        case attemptEnded(call: Int, attempt: Int, replica: String, since: ContinuousClock.Instant)
        case retry(call: Int)
        case wake(call: Int)
    }

    private struct Call {
        var started: ContinuousClock.Instant
        var retries: CallRetries
        var hedging: HedgedCall?
        var tried: Set<String> = []
        var isOver = false
    }

    var replicas: [String: Replica]
    private let hedging: HedgingConfiguration?
    private var generator: SeededGenerator
    private var balancer: Balancer<String>
    private var ejector: OutlierEjector<String>
    private var budget = RetryBudget(.defaults)
    private var calls: [Call] = []
    private var events: [(time: ContinuousClock.Instant, event: Event)] = []
    private var result = Result()
    /// Calls before it do not count.
    private let warmUp: Int

    init(
        _ replicas: [String: Replica], _ policy: LoadBalancing, seed: UInt64, warmUp: Int = 0,
        hedging: HedgingConfiguration? = nil
    ) {
        self.replicas = replicas
        self.hedging = hedging
        self.warmUp = warmUp
        generator = SeededGenerator(seed: seed)
        balancer = Balancer(policy)
        ejector = OutlierEjector(.defaults, now: start)
        let names = replicas.keys.sorted()
        _ = balancer.update(names, using: &generator)
        _ = ejector.update(names)
        for name in names { balancer.ready(name, places: 256) }
    }

    consuming func run(calls count: Int) -> Result {
        for call in 0..<count {
            let now = start + .milliseconds(call)
            while let next = events.last, next.time <= now { handle(events.removeLast()) }
            if ejector.nextEvaluation <= now { apply(ejector.evaluate(now: now)) }
            begin(now: now)
        }
        while !events.isEmpty { handle(events.removeLast()) }
        result.latencies.sort()
        return result
    }

    private mutating func begin(now: ContinuousClock.Instant) {
        let call = calls.count
        budget.callStarted(now: now)
        var retries = RetryConfiguration.defaults
        retries.retryableCodes.insert(.resourceExhausted)
        calls.append(
            Call(
                started: now, retries: CallRetries(retries, deadline: nil),
                hedging: hedging.map { HedgedCall($0, deadline: nil) }))
        if let actions = calls[call].hedging?.begin(now: now) {
            apply(actions, to: call, now: now)
        } else {
            attempt(0, of: call, now: now)
        }
    }

    private mutating func handle(_ next: (time: ContinuousClock.Instant, event: Event)) {
        let now = next.time
        switch next.event {
        case .retry(let call): attempt(0, of: call, now: now)
        case .wake(let call):
            let actions = calls[call].hedging?.wake(budget: &budget, now: now) ?? []
            apply(actions, to: call, now: now)
        case .attemptEnded(let call, let attempt, let replica, let since):
            let code = replicas[replica]?.code ?? .unavailable
            let (outcome, latency) = (EndpointOutcome(code), since.duration(to: now))
            balancer.ended(replica, outcome, latency: latency, now: now)
            apply(ejector.record(replica, outcome, latency: latency, now: now))
            guard !calls[call].isOver else { return }
            if code == .ok {
                succeeded(attempt, of: call, now: now)
            } else {
                failed(attempt, of: call, code, now: now)
            }
        }
    }

    private mutating func succeeded(_ attempt: Int, of call: Int, now: ContinuousClock.Instant) {
        _ = calls[call].hedging?.answered(attempt)
        calls[call].isOver = true
        if call >= warmUp { result.latencies.append(calls[call].started.duration(to: now)) }
    }

    private mutating func failed(
        _ attempt: Int, of call: Int, _ code: RPCError.Code, now: ContinuousClock.Instant
    ) {
        let failure = AttemptFailure(code: code)
        if let actions = calls[call].hedging?.failed(attempt, failure, budget: &budget, now: now) {
            apply(actions, to: call, now: now)
            return
        }
        let decision = calls[call].retries.attemptFailed(
            failure, budget: &budget, now: now, using: &generator)
        switch decision {
        case .retry(let pause): schedule(.retry(call: call), at: now + pause)
        case .giveUp:
            calls[call].isOver = true
            if call >= warmUp { result.failures += 1 }
        }
    }

    private mutating func apply(
        _ actions: [HedgedCall.Action], to call: Int, now: ContinuousClock.Instant
    ) {
        for action in actions {
            switch action {
            case .begin(let number): attempt(number, of: call, now: now)
            // An attempt that was cancelled ends all the same, and is counted by then.
            case .cancel: break
            case .deliver:
                calls[call].isOver = true
                if call >= warmUp { result.failures += 1 }
            }
        }
        if let next = calls[call].hedging?.nextWake { schedule(.wake(call: call), at: next) }
    }

    private mutating func attempt(_ attempt: Int, of call: Int, now: ContinuousClock.Instant) {
        let request = Balancer<String>.Request(
            tried: calls[call].tried, repeatsIfNecessary: calls[call].hedging == nil)
        guard case .use(let name) = balancer.pick(request, now: now, using: &generator) else {
            let actions = calls[call].hedging?.couldNotBegin(attempt) ?? []
            apply(actions, to: call, now: now)
            return
        }
        calls[call].tried.insert(name)
        result.attempts[name, default: 0] += 1
        let replica = replicas[name] ?? Replica()
        let isSlow =
            replica.slowEvery > 0 && Int.random(in: 0..<replica.slowEvery, using: &generator) == 0
        let end = now + (isSlow ? .milliseconds(100) : replica.latency)
        schedule(.attemptEnded(call: call, attempt: attempt, replica: name, since: now), at: end)
    }

    private mutating func apply(_ actions: [OutlierEjector<String>.Action]) {
        for action in actions {
            switch action {
            case .eject(let name, _):
                balancer.setEjected(name, true)
                result.ejections.append(name)
            case .restore(let name): balancer.setEjected(name, false)
            }
        }
    }

    /// The next event is last; equal times keep no order that matters.
    private mutating func schedule(_ event: Event, at time: ContinuousClock.Instant) {
        let index = events.lastIndex { $0.time > time }.map { $0 + 1 } ?? 0
        events.insert((time, event), at: index)
    }
}
