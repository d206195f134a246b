/// The three comparisons at the end of an interval.
struct OutlierJudge<Endpoint: Hashable & Sendable & CustomStringConvertible> {
    typealias Candidate = (endpoint: Endpoint, record: EndpointRecord)
    typealias Outlier = (endpoint: Endpoint, reason: String)

    /// Replicas that are not ejected.
    let candidates: [Candidate]

    private func withCalls(_ minimum: Int, hosts: Int) -> [Candidate] {
        let judged = candidates.filter { $0.record.calls >= max(1, minimum) }
        return judged.count >= hosts ? judged : []
    }

    /// gRPC A50, "success rate algorithm".
    func bySuccessRate(_ rule: OutlierEjectionConfiguration.SuccessRate) -> [Outlier] {
        let judged = withCalls(rule.minimumCalls, hosts: rule.minimumHosts)
        let rates = judged.map(\.record.successRate)
        let mean = rates.reduce(0, +) / Double(max(1, rates.count))
        let variance =
            rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, rates.count))
        let threshold = mean - variance.squareRoot() * rule.standardDeviations
        return judged.filter { $0.record.successRate < threshold }.map {
            (
                $0.endpoint,
                "\($0.record.failures) of \($0.record.calls) calls failed, far more "
                    + "than on the other replicas"
            )
        }
    }

    /// gRPC A50, "failure percentage algorithm".
    func byFailurePercentage(_ rule: OutlierEjectionConfiguration.FailurePercentage) -> [Outlier] {
        withCalls(rule.minimumCalls, hosts: rule.minimumHosts).filter {
            $0.record.failures * 100 >= $0.record.calls * rule.threshold
        }.map {
            (
                $0.endpoint,
                "\($0.record.failures) of \($0.record.calls) calls failed; the limit is "
                    + "\(rule.threshold) %"
            )
        }
    }

    /// Medians, because a mean would follow a single call that took long for reasons of its own.
    func byLatency(_ rule: OutlierEjectionConfiguration.Latency) -> [Outlier] {
        let judged = candidates.filter { $0.record.timedCalls >= max(1, rule.minimumCalls) }
        guard judged.count >= rule.minimumHosts else { return [] }
        return judged.compactMap { candidate in
            let others = judged.filter { $0.endpoint != candidate.endpoint }
                .compactMap(\.record.medianLatency)
            guard let own = candidate.record.medianLatency, let usual = others.median,
                own - usual >= rule.minimumExcess, own > usual * rule.factor
            else { return nil }
            return (candidate.endpoint, "its calls take \(own), those of the others \(usual)")
        }
    }
}
