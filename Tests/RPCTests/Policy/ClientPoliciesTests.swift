import Domain
import Testing

@testable import RPC

@Suite("Policies of a client together")
struct ClientPoliciesTests {
    private func run(
        _ policy: LoadBalancing = .leastLoaded, calls: Int = 12_000, warmUp: Int = 0,
        seed: UInt64 = 1, hedging: HedgingConfiguration? = nil,
        _ change: (inout [String: ClientSimulation.Replica]) -> Void
    ) -> ClientSimulation.Result {
        var replicas = ["a": ClientSimulation.Replica(), "b": .init(), "c": .init()]
        change(&replicas)
        return ClientSimulation(replicas, policy, seed: seed, warmUp: warmUp, hedging: hedging)
            .run(calls: calls)
    }

    @Test("one of three replicas made 50 ms slow: 99 of 100 calls do not notice", arguments: 0..<3)
    func slow(seed: UInt64) {
        let result = run(seed: seed) { $0["b"]?.latency = .milliseconds(52) }
        #expect(result.percentile(0.99) == .milliseconds(2))
        #expect(result.failures == 0)
    }

    @Test("in turn, too, from the first evaluation on: the slow replica is ejected")
    func slowRoundRobin() {
        let result = run(.roundRobin, calls: 30_000, warmUp: 10_000) {
            $0["b"]?.latency = .milliseconds(52)
        }
        #expect(result.ejections == ["b"])
        #expect(result.percentile(1) == .milliseconds(2))
    }

    @Test(
        "one of three replicas refuses everything: no call fails, and few are made twice",
        arguments: [LoadBalancing.leastLoaded, .roundRobin, .pickFirst, .affinity])
    func refuses(policy: LoadBalancing) {
        let result = run(policy) { $0["b"]?.code = .unavailable }
        #expect(result.failures == 0)
        #expect(result.attemptCount < 12_100)
    }

    @Test("a replica that is so overloaded that it refuses everything at once draws no calls")
    func overloaded() {
        let result = run { replicas in
            replicas["b"] = .init(latency: .microseconds(100), code: .resourceExhausted)
        }
        #expect(result.failures == 0)
        #expect(result.ejections.isEmpty)
        #expect(result.attempts["b", default: 0] < 200)
    }

    @Test("a replica that becomes overloaded loses its calls, and has them back afterwards")
    func overloadedForATime() {
        var balancer = Balancer<String>(.leastLoaded)
        var generator = SeededGenerator(seed: 5)
        _ = balancer.update(["a", "b"], using: &generator)
        for name in ["a", "b"] { balancer.ready(name, places: 10) }
        var shares: [Double] = []
        for minute in 0..<4 {
            var calls = 0
            for step in 0..<15_000 {
                let now = start + .seconds(60 * minute) + .milliseconds(4 * step)
                let pick = balancer.pick(.init(), now: now, using: &generator)
                let isRefused = minute == 1 && pick == .use("b")
                if pick == .use("b") { calls += 1 }
                balancer.ended(
                    pick == .use("b") ? "b" : "a", isRefused ? .refusal : .success,
                    latency: isRefused ? .microseconds(50) : .milliseconds(2), now: now)
            }
            shares.append(Double(calls) / 15_000)
        }
        #expect(shares[0] > 0.4)
        #expect(shares[1] < 0.01)
        #expect(shares[2] > 0.2)
        #expect(shares[3] > 0.4)
    }

    @Test("all replicas refuse everything: retries stay a fifth of the calls and the floor")
    func allRefuse() {
        let result = run(calls: 20_000) { replicas in
            for name in replicas.keys { replicas[name]?.code = .unavailable }
        }
        #expect(result.failures == 20_000)
        // 4,000 by share, 200 by floor in 20 s, and a window's worth of slack.
        #expect((24_000...24_400).contains(result.attemptCount))
    }

    @Test("when one call in fifty is slow, hedges take the slowness from all but a few")
    func hedging() {
        let slow = { (replicas: inout [String: ClientSimulation.Replica]) in
            for name in replicas.keys { replicas[name]?.slowEvery = 50 }
        }
        let without = run(.roundRobin, slow)
        #expect(without.percentile(0.99) == .milliseconds(100))
        let with = run(
            .roundRobin, hedging: HedgingConfiguration(delay: .milliseconds(5)), slow)
        #expect(with.percentile(0.99) <= .milliseconds(7))
        #expect(with.attemptCount < 12_500)
    }

    @Test("hedging against replicas that are slow throughout stays within the budget")
    func hedgingCap() {
        let result = run(
            calls: 20_000, hedging: HedgingConfiguration(delay: .milliseconds(5))
        ) { replicas in
            for name in replicas.keys { replicas[name]?.latency = .milliseconds(30) }
        }
        #expect(result.failures == 0)
        #expect(result.attemptCount <= 24_400)
    }
}
