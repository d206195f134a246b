import Testing

@testable import RPC

@Suite("Outlier ejection")
struct OutlierEjectorTests {
    typealias Ejector = OutlierEjector<String>

    private func names(_ count: Int) -> [String] { (0..<count).map { "r\($0)" } }

    private func ejector(
        _ count: Int, _ change: (inout OutlierEjectionConfiguration) -> Void = { _ in }
    ) -> Ejector {
        var configuration = OutlierEjectionConfiguration.defaults
        change(&configuration)
        var ejector = Ejector(configuration, now: start)
        _ = ejector.update(names(count))
        return ejector
    }

    /// Calls of one interval, spread so that no failures come in a row.
    private func add(
        _ calls: Int, failures: Int = 0, latency: Duration = .milliseconds(2), to name: String,
        _ ejector: inout Ejector, now: ContinuousClock.Instant = start
    ) {
        var failed = 0
        for call in 0..<calls {
            let fails = failed * calls < failures * call
            if fails { failed += 1 }
            _ = ejector.record(name, fails ? .failure : .success, latency: latency, now: now)
        }
        while failed < failures {
            _ = ejector.record(name, .failure, latency: latency, now: now)
            failed += 1
        }
    }

    private func ejections(_ actions: [Ejector.Action]) -> [String] {
        actions.compactMap { if case .eject(let name, _) = $0 { name } else { nil } }
    }

    private func evaluate(_ ejector: inout Ejector, seconds: Int = 10) -> [Ejector.Action] {
        ejector.evaluate(now: start + .seconds(seconds))
    }

    // MARK: Failures in a row

    @Test("the fifth failure in a row ejects at once, the fourth does not")
    func consecutive() {
        var ejector = ejector(3)
        for _ in 0..<4 {
            #expect(ejector.record("r0", .failure, latency: .zero, now: start) == [])
        }
        #expect(
            ejector.record("r0", .failure, latency: .zero, now: start)
                == [.eject("r0", reason: "5 failures in a row")])
        #expect(ejector.ejected == ["r0"])
    }

    @Test("a success ends the row; what the caller gave up neither ends nor lengthens it")
    func row() {
        var ejector = ejector(3)
        for outcome: EndpointOutcome in [.failure, .failure, .failure, .failure, .success] {
            _ = ejector.record("r0", outcome, latency: .zero, now: start)
        }
        for _ in 0..<4 { _ = ejector.record("r0", .failure, latency: .zero, now: start) }
        _ = ejector.record("r0", .ignored, latency: .zero, now: start)
        #expect(ejector.ejected.isEmpty)
        _ = ejector.record("r0", .failure, latency: .zero, now: start)
        #expect(ejector.ejected == ["r0"])
    }

    @Test(
        "at most 10 % are ejected, but one may be, and the last never",
        arguments: [(1, 0), (2, 1), (3, 1), (19, 1), (20, 2), (30, 3)])
    func limit(hosts: Int, most: Int) {
        var ejector = ejector(hosts)
        for name in names(hosts) {
            for _ in 0..<9 { _ = ejector.record(name, .failure, latency: .zero, now: start) }
        }
        #expect(ejector.ejected.count == most)
    }

    @Test("even with 100 % allowed one replica stays")
    func neverAll() {
        var ejector = ejector(4) { $0.maximumEjectedPercent = 100 }
        for name in names(4) {
            for _ in 0..<9 { _ = ejector.record(name, .failure, latency: .zero, now: start) }
        }
        #expect(ejector.ejected.count == 3)
        #expect(ejector.update(["r0", "r1"]).count == 1)
        #expect(ejector.update(["r1"]) == [.restore("r1")])
        #expect(ejector.ejected.isEmpty)
    }

    @Test("which codes are a replica's failure")
    func outcomes() {
        for code: RPCError.Code in [.unavailable, .internalError, .unknown, .deadlineExceeded] {
            #expect(EndpointOutcome(code) == .failure)
        }
        for code: RPCError.Code in [.ok, .notFound, .invalidArgument, .permissionDenied] {
            #expect(EndpointOutcome(code) == .success)
        }
        #expect(EndpointOutcome(.resourceExhausted) == .refusal)
        #expect(EndpointOutcome(.cancelled) == .ignored)
    }

    // MARK: How long

    @Test("an ejection lasts 30 s times the number of ejections, at most 300 s")
    func lengths() {
        var ejector = ejector(3)
        var now = start
        for times in 1...12 {
            for _ in 0..<5 { _ = ejector.record("r0", .failure, latency: .zero, now: now) }
            let end = now + .seconds(min(30 * times, 300))
            #expect(ejector.evaluate(now: end - .seconds(1)) == [])
            now = max(end, ejector.nextEvaluation)
            #expect(ejector.evaluate(now: now) == [.restore("r0")])
        }
    }

    @Test("an interval without ejection takes one from the count")
    func forgetting() {
        var ejector = ejector(3) { $0.interval = .seconds(30) }
        for _ in 0..<5 { _ = ejector.record("r0", .failure, latency: .zero, now: start) }
        #expect(evaluate(&ejector, seconds: 30) == [.restore("r0")])
        #expect(evaluate(&ejector, seconds: 60) == [])
        let now = start + .seconds(60)
        for _ in 0..<5 { _ = ejector.record("r0", .failure, latency: .zero, now: now) }
        #expect(evaluate(&ejector, seconds: 90) == [.restore("r0")])
    }

    @Test("calls that end while a replica is ejected do not count against it")
    func lateFailures() {
        var ejector = ejector(3)
        for _ in 0..<50 { _ = ejector.record("r0", .failure, latency: .zero, now: start) }
        #expect(evaluate(&ejector, seconds: 30) == [.restore("r0")])
        let now = start + .seconds(31)
        for _ in 0..<4 { _ = ejector.record("r0", .failure, latency: .zero, now: now) }
        #expect(ejector.ejected.isEmpty)
    }

    @Test("nothing is judged before the interval is over")
    func interval() {
        var ejector = ejector(5)
        for name in names(5) { add(60, failures: name == "r0" ? 55 : 0, to: name, &ejector) }
        // Failures in a row have ejected it already.
        #expect(ejector.ejected == ["r0"])
        #expect(ejector.evaluate(now: start + .milliseconds(9_999)) == [])
        #expect(ejector.nextEvaluation == start + .seconds(10))
    }

    // MARK: Success rate

    @Test("a success rate more than 1.9 standard deviations below the mean ejects")
    func successRate() {
        var ejector = ejector(6) { $0.failurePercentage = nil }
        for name in names(6) { add(100, failures: name == "r3" ? 10 : 0, to: name, &ejector) }
        #expect(ejections(evaluate(&ejector)) == ["r3"])
    }

    @Test(
        "too few hosts, too few calls, or all equally bad: nobody is ejected",
        arguments: [(4, 100, 40, 0), (6, 99, 40, 0), (6, 100, 40, 40)])
    func successRateLimits(hosts: Int, calls: Int, bad: Int, others: Int) {
        var ejector = ejector(hosts) { $0.failurePercentage = nil }
        for name in names(hosts) {
            add(calls, failures: name == "r3" ? bad : others, to: name, &ejector)
        }
        #expect(evaluate(&ejector) == [])
    }

    // MARK: Failure percentage

    @Test("85 % of failures eject, 84 % do not", arguments: [(85, ["r1"]), (84, [])])
    func failurePercentage(failures: Int, expected: [String]) {
        var ejector = ejector(5) {
            $0.successRate = nil
            $0.consecutiveFailures = nil
        }
        for name in names(5) { add(100, failures: name == "r1" ? failures : 0, to: name, &ejector) }
        #expect(ejections(evaluate(&ejector)) == expected)
    }

    @Test(
        "fewer than 5 hosts or 50 calls say nothing about percentages",
        arguments: [(4, 50), (5, 49)])
    func failurePercentageLimits(hosts: Int, calls: Int) {
        var ejector = ejector(hosts) {
            $0.successRate = nil
            $0.consecutiveFailures = nil
        }
        for name in names(hosts) {
            add(calls, failures: name == "r1" ? calls : 0, to: name, &ejector)
        }
        #expect(evaluate(&ejector) == [])
    }

    // MARK: Latency

    @Test("one of three replicas made 50 ms slow is ejected, and named with both medians")
    func slow() {
        var ejector = ejector(3)
        for name in names(3) {
            add(
                20, latency: name == "r2" ? .milliseconds(52) : .milliseconds(2), to: name, &ejector
            )
        }
        let actions = evaluate(&ejector)
        #expect(ejections(actions) == ["r2"])
        guard case .eject(_, let reason)? = actions.first else { return }
        #expect(reason.contains("0.052") && reason.contains("0.002"))
        #expect(evaluate(&ejector, seconds: 40) == [.restore("r2")])
    }

    @Test("a few slow calls among many do not move a median")
    func tail() {
        var ejector = ejector(3)
        for name in names(3) { add(60, to: name, &ejector) }
        add(50, latency: .seconds(2), to: "r0", &ejector)
        #expect(evaluate(&ejector) == [])
    }

    @Test(
        "less than three times, less than 20 ms more, 19 calls, or two replicas: nobody is ejected",
        arguments: [(3, 20, 30, 90), (3, 20, 2, 21), (3, 19, 2, 52), (2, 20, 2, 52)])
    func latencyLimits(hosts: Int, calls: Int, usual: Int, slow: Int) {
        var ejector = ejector(hosts)
        for name in names(hosts) {
            let latency = Duration.milliseconds(name == "r1" ? slow : usual)
            add(calls, latency: latency, to: name, &ejector)
        }
        #expect(evaluate(&ejector) == [])
    }

    @Test("just beyond three times and 20 ms more it is", arguments: [(30, 91), (2, 22)])
    func latencyBeyond(usual: Int, slow: Int) {
        var ejector = ejector(3)
        for name in names(3) {
            let latency = Duration.milliseconds(name == "r1" ? slow : usual)
            add(20, latency: latency, to: name, &ejector)
        }
        #expect(ejections(evaluate(&ejector)) == ["r1"])
    }

    @Test("beside replicas that refuse at once the one that works is not slow")
    func refusals() {
        var ejector = ejector(3)
        add(50, latency: .milliseconds(30), to: "r0", &ejector)
        for name in ["r1", "r2"] {
            for _ in 0..<50 {
                _ = ejector.record(name, .refusal, latency: .microseconds(50), now: start)
            }
        }
        #expect(evaluate(&ejector) == [])
    }

    @Test("latencies of the interval before, and more than are kept, do not count")
    func keptLatencies() {
        var ejector = ejector(3)
        for name in names(3) { add(200, latency: .milliseconds(60), to: name, &ejector) }
        #expect(evaluate(&ejector) == [])
        for name in names(3) { add(20, to: name, &ejector) }
        #expect(evaluate(&ejector, seconds: 20) == [])
        add(1_000, latency: .milliseconds(60), to: "r0", &ejector)
        add(128, to: "r0", &ejector)
        for name in ["r1", "r2"] { add(20, to: name, &ejector) }
        #expect(evaluate(&ejector, seconds: 30) == [])
    }

    // MARK: Membership

    @Test("a replica that leaves is forgotten, one that is unknown is ignored")
    func membership() {
        var ejector = ejector(3)
        for _ in 0..<5 { _ = ejector.record("r0", .failure, latency: .zero, now: start) }
        #expect(ejector.update(["r1", "r2"]) == [])
        #expect(ejector.update(names(3)) == [])
        #expect(ejector.ejected.isEmpty)
        for _ in 0..<9 {
            #expect(ejector.record("other", .failure, latency: .zero, now: start) == [])
        }
    }

    @Test("when the set shrinks, who would be back first is restored")
    func shrink() {
        var ejector = ejector(20)
        for (index, name) in ["r3", "r4"].enumerated() {
            let now = start + .seconds(index)
            for _ in 0..<5 { _ = ejector.record(name, .failure, latency: .zero, now: now) }
        }
        #expect(ejector.update(names(6)) == [.restore("r3")])
        #expect(ejector.ejected == ["r4"])
    }
}
