/// Which replicas are ejected, from what attempts say about them.
///
/// The shell calls ``update(_:)`` when the resolver has a new list, ``record(_:_:latency:now:)``
/// when an attempt ends, and ``evaluate(now:)`` at ``nextEvaluation``; it passes the actions on to
/// the balancer and to the log.
struct OutlierEjector<Endpoint: Hashable & Sendable & CustomStringConvertible> {
    enum Action: Equatable {
        /// No calls until ``restore(_:)``; the reason is for the log.
        case eject(Endpoint, reason: String)
        case restore(Endpoint)
    }

    private let configuration: OutlierEjectionConfiguration
    private var records: [Endpoint: EndpointRecord] = [:]
    /// In the resolver's order, so that the same events have the same effect.
    private var order: [Endpoint] = []
    /// When ``evaluate(now:)`` is due.
    private(set) var nextEvaluation: ContinuousClock.Instant

    init(_ configuration: OutlierEjectionConfiguration, now: ContinuousClock.Instant) {
        self.configuration = configuration
        nextEvaluation = now + configuration.interval
    }

    var ejected: [Endpoint] { order.filter { records[$0]?.ejectedUntil != nil } }

    /// The resolver has a new list; who leaves is forgotten.
    ///
    /// Returns whom to restore, since fewer replicas may have fewer ejected.
    mutating func update(_ endpoints: [Endpoint]) -> [Action] {
        let known = records
        order = []
        records = [:]
        for endpoint in endpoints where records[endpoint] == nil {
            order.append(endpoint)
            records[endpoint] = known[endpoint] ?? EndpointRecord()
        }
        // Who would be back first comes back.
        let excess = ejected.count - ejectionLimit
        let first = ejected.sorted { ejectionEnd(of: $0) < ejectionEnd(of: $1) }
        return first.prefix(max(0, excess)).map { restore($0) }
    }

    /// An attempt has ended.
    mutating func record(
        _ endpoint: Endpoint, _ outcome: EndpointOutcome, latency: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard let index = records.index(forKey: endpoint) else { return [] }
        // The calls that were in flight when it was ejected are no news.
        guard records.values[index].ejectedUntil == nil else { return [] }
        records.values[index].add(outcome, latency: latency)
        let failures = records.values[index].consecutiveFailures
        guard let limit = configuration.consecutiveFailures, failures >= limit else { return [] }
        return eject(endpoint, now: now, reason: "\(failures) failures in a row")
    }

    /// An interval is over: judges it, and restores those whose ejection has ended.
    mutating func evaluate(now: ContinuousClock.Instant) -> [Action] {
        guard now >= nextEvaluation else { return [] }
        nextEvaluation = now + configuration.interval
        var actions: [Action] = []
        for outlier in outliers {
            actions += eject(outlier.endpoint, now: now, reason: outlier.reason)
        }
        for endpoint in order {
            guard let index = records.index(forKey: endpoint) else { continue }
            records.values[index].clearInterval()
            if let end = records.values[index].ejectedUntil {
                if end <= now { actions.append(restore(endpoint)) }
            } else {
                records.values[index].ejections = max(0, records.values[index].ejections - 1)
            }
        }
        return actions
    }

    /// How many may be ejected at a time: the percentage, at least one, never all.
    private var ejectionLimit: Int {
        let share = order.count * configuration.maximumEjectedPercent / 100
        return max(0, min(max(1, share), order.count - 1))
    }

    private mutating func eject(
        _ endpoint: Endpoint, now: ContinuousClock.Instant, reason: String
    ) -> [Action] {
        guard ejected.count < ejectionLimit, let index = records.index(forKey: endpoint),
            records.values[index].ejectedUntil == nil
        else { return [] }
        records.values[index].ejections += 1
        let length = configuration.baseEjection * records.values[index].ejections
        let longest = max(configuration.baseEjection, configuration.maximumEjection)
        records.values[index].ejectedUntil = now + min(length, longest)
        return [.eject(endpoint, reason: reason)]
    }

    private mutating func restore(_ endpoint: Endpoint) -> Action {
        if let index = records.index(forKey: endpoint) {
            records.values[index].ejectedUntil = nil
            records.values[index].clear()
        }
        return .restore(endpoint)
    }

    private func ejectionEnd(of endpoint: Endpoint) -> ContinuousClock.Instant {
        records[endpoint]?.ejectedUntil ?? nextEvaluation
    }

    private var outliers: [OutlierJudge<Endpoint>.Outlier] {
        let candidates = order.compactMap { endpoint -> OutlierJudge<Endpoint>.Candidate? in
            guard let record = records[endpoint], record.ejectedUntil == nil else { return nil }
            return (endpoint, record)
        }
        let judge = OutlierJudge(candidates: candidates)
        var outliers: [OutlierJudge<Endpoint>.Outlier] = []
        if let rule = configuration.successRate { outliers += judge.bySuccessRate(rule) }
        if let rule = configuration.failurePercentage {
            outliers += judge.byFailurePercentage(rule)
        }
        if let rule = configuration.latency { outliers += judge.byLatency(rule) }
        return outliers
    }
}
