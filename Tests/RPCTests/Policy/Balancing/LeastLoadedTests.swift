import Domain
import Testing

@testable import RPC

@Suite("Least loaded of two")
struct LeastLoadedTests {
    private func balancer(_ names: [String]) -> Balancer<String> {
        var generator = SeededGenerator(seed: 1)
        var balancer = Balancer<String>(.leastLoaded)
        _ = balancer.update(names, using: &generator)
        for name in names { balancer.ready(name, places: 1_000) }
        return balancer
    }

    /// One call after another; returns which replica each took.
    private func run(
        _ calls: Int, every pause: Duration, _ balancer: inout Balancer<String>, seed: UInt64,
        latency: (String) -> Duration
    ) -> [String: Int] {
        var generator = SeededGenerator(seed: seed)
        var inFlight: [(end: ContinuousClock.Instant, name: String, latency: Duration)] = []
        var counts: [String: Int] = [:]
        for call in 0..<calls {
            let now = start + pause * call
            inFlight.sort { $0.end < $1.end }
            while let first = inFlight.first, first.end <= now {
                balancer.ended(first.name, .success, latency: first.latency, now: first.end)
                inFlight.removeFirst()
            }
            let pick = balancer.pick(.init(), now: now, using: &generator)
            guard case .use(let name) = pick else { continue }
            counts[name, default: 0] += 1
            inFlight.append((now + latency(name), name, latency(name)))
        }
        return counts
    }

    @Test("equal replicas get equal shares", arguments: 0..<3)
    func equal(seed: UInt64) {
        var balancer = balancer(["a", "b", "c"])
        let counts = run(6_000, every: .milliseconds(1), &balancer, seed: seed) { _ in
            .milliseconds(2)
        }
        for name in ["a", "b", "c"] { #expect(abs(counts[name, default: 0] - 2_000) < 300) }
    }

    @Test("a replica made 50 ms slow keeps less than 1 % of the calls", arguments: 0..<3)
    func slow(seed: UInt64) {
        var balancer = balancer(["a", "b", "c"])
        let counts = run(20_000, every: .milliseconds(1), &balancer, seed: seed) { name in
            name == "b" ? .milliseconds(52) : .milliseconds(2)
        }
        #expect(counts["b", default: 0] < 200)
        #expect(counts["b", default: 0] > 0)
    }

    @Test("a replica that was slow has its share again when it is well")
    func recovery() {
        var balancer = balancer(["a", "b"])
        for name in ["a", "b"] {
            balancer.ended(
                name, .success, latency: name == "b" ? .seconds(5) : .milliseconds(2),
                now: start)
        }
        let counts = run(50_000, every: .milliseconds(4), &balancer, seed: 4) { _ in
            .milliseconds(2)
        }
        #expect(counts["b", default: 0] > 10_000)
    }

    @Test("a new replica gets one call, and more once it has answered")
    func unknown() {
        var balancer = balancer(["a", "b"])
        balancer.ended("a", .success, latency: .milliseconds(2), now: start)
        var generator = SeededGenerator(seed: 2)
        let first = (0..<20).map { _ in balancer.pick(.init(), now: start, using: &generator) }
        #expect(first.filter { $0 == .use("b") }.count == 1)
        balancer.ended("b", .success, latency: .milliseconds(2), now: start)
        let second = (0..<10).map { _ in balancer.pick(.init(), now: start, using: &generator) }
        #expect(second.allSatisfy { $0 == .use("b") })
    }

    @Test("a fast failure does not make a replica look fast, a slow one counts")
    func failures() {
        var balancer = balancer(["a"])
        balancer.ended("a", .success, latency: .milliseconds(500), now: start)
        balancer.ended("a", .failure, latency: .microseconds(10), now: start)
        #expect(balancer.latencySeconds(of: "a", now: start) == 0.5)
        balancer.ended("a", .failure, latency: .milliseconds(750), now: start)
        #expect(balancer.latencySeconds(of: "a", now: start) == 0.75)
    }

    @Test("an attempt that was given up counts only where it took longer than is usual")
    func givenUp() {
        var balancer = balancer(["a"])
        balancer.ended("a", .success, latency: .milliseconds(500), now: start)
        balancer.ended("a", .ignored, latency: .milliseconds(100), now: start)
        #expect(balancer.latencySeconds(of: "a", now: start) == 0.5)
        balancer.ended("a", .ignored, latency: .milliseconds(750), now: start)
        #expect(balancer.latencySeconds(of: "a", now: start) == 0.75)
    }

    @Test("a replica that never succeeded is left alone for some seconds, not for ever")
    func neverSucceeded() {
        var balancer = balancer(["a", "b"])
        var generator = SeededGenerator(seed: 2)
        balancer.ended("a", .success, latency: .milliseconds(2), now: start)
        for _ in 0..<3 { balancer.ended("b", .failure, latency: .milliseconds(1), now: start) }
        #expect(balancer.pick(.init(), now: start, using: &generator) == .use("a"))
        let later = start + .seconds(10)
        #expect(balancer.pick(.init(), now: later, using: &generator) == .use("b"))
    }

    @Test("failures hold a latency, and time restores the share of successes")
    func share() {
        var latency = PeakLatency()
        latency.add(.milliseconds(500), now: start)
        latency.hold(now: start + .seconds(60))
        #expect(latency.seconds(now: start + .seconds(60)) == 0.5)
        var share = SuccessShare()
        #expect(share.value(now: start) == 1)
        for _ in 0..<16 { share.add(false, now: start) }
        #expect((0.35...0.37).contains(share.value(now: start)))
        for _ in 0..<1_000 { share.add(false, now: start) }
        #expect(share.value(now: start) == 0.001)
        #expect((0.62...0.64).contains(share.value(now: start + .seconds(10))))
    }

    @Test("a peak counts at once and is forgotten with a time constant of 10 s")
    func peak() throws {
        var latency = PeakLatency()
        #expect(latency.seconds(now: start) == nil)
        latency.add(.milliseconds(10), now: start)
        latency.add(.milliseconds(100), now: start)
        #expect(latency.seconds(now: start) == 0.1)
        let later = try #require(latency.seconds(now: start + .seconds(10)))
        #expect(abs(later - 0.1 * exponential(-1)) < 1e-9)
        latency.add(.milliseconds(20), now: start + .seconds(10))
        let mixed = try #require(latency.seconds(now: start + .seconds(10)))
        #expect(abs(mixed - (0.1 * exponential(-1) + 0.02 * (1 - exponential(-1)))) < 1e-9)
        // A sample that comes out of order does not turn time back.
        latency.add(.milliseconds(1), now: start)
        #expect(latency.seconds(now: start + .seconds(10)) == mixed)
        latency.add(.milliseconds(30), now: start + .seconds(30))
        #expect(latency.seconds(now: start + .seconds(30)) == 0.03)
    }
}
