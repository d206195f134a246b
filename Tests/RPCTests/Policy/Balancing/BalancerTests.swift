import Domain
import Testing

@testable import RPC

@Suite("Balancer")
struct BalancerTests {
    typealias Names = Balancer<String>

    private func balancer(
        _ policy: LoadBalancing, _ names: [String] = ["a", "b", "c"], places: Int = 100
    ) -> Names {
        var generator = SeededGenerator(seed: 1)
        var balancer = Names(policy)
        _ = balancer.update(names, using: &generator)
        for name in names { balancer.ready(name, places: places) }
        return balancer
    }

    private func picks(
        _ count: Int, _ balancer: inout Names, _ request: Names.Request = .init(), seed: UInt64 = 7
    ) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).compactMap { _ in
            let pick = balancer.pick(request, now: start, using: &generator)
            guard case .use(let name) = pick else { return nil }
            balancer.gaveBack(name)
            return name
        }
    }

    private func pick(_ balancer: inout Names, _ request: Names.Request = .init()) -> Names.Pick {
        var generator = SeededGenerator(seed: 7)
        return balancer.pick(request, now: start, using: &generator)
    }

    @Test("round robin takes the connected replicas in turn, and goes on after a loss")
    func roundRobin() {
        var balancer = balancer(.roundRobin)
        #expect(picks(5, &balancer) == ["a", "b", "c", "a", "b"])
        balancer.connecting("c")
        #expect(picks(3, &balancer) == ["a", "b", "a"])
    }

    @Test("pick-first stays with one replica until it is lost, and does not return")
    func pickFirst() {
        var balancer = balancer(.pickFirst)
        let first = picks(3, &balancer)
        #expect(Set(first).count == 1)
        balancer.failed(first[0], reason: "refused")
        let second = picks(1, &balancer)
        #expect(second != [first[0]])
        balancer.ready(first[0], places: 10)
        #expect(picks(2, &balancer) == second + second)
    }

    @Test("pick-first's order differs between clients, and is the same for the same seed")
    func shuffle() {
        let firsts = (0..<30 as Range<UInt64>).map { seed in
            var generator = SeededGenerator(seed: seed)
            var balancer = Names(.pickFirst)
            _ = balancer.update(["a", "b", "c"], using: &generator)
            return balancer.members[0].endpoint
        }
        #expect(Set(firsts) == ["a", "b", "c"])
    }

    @Test("pick-first stays with its replica when the list changes around it")
    func pickFirstUpdate() {
        var balancer = balancer(.pickFirst)
        let first = picks(1, &balancer)[0]
        var generator = SeededGenerator(seed: 3)
        let others = ["d", "e", "f", "g", first]
        _ = balancer.update(others, using: &generator)
        for name in others { balancer.ready(name, places: 10) }
        #expect(picks(1, &balancer) == [first])
    }

    @Test("an update says who came and left, and keeps what is known of who stays")
    func update() {
        var balancer = balancer(.roundRobin)
        var generator = SeededGenerator(seed: 1)
        let change = balancer.update(["c", "d", "a", "d"], using: &generator)
        #expect(change.added == ["d"])
        #expect(change.removed == ["b"])
        #expect(Set(picks(4, &balancer)) == ["a", "c"])
        let none = balancer.update([], using: &generator)
        #expect(none.removed == ["c", "d", "a"])
        #expect(pick(&balancer) == .unavailable(reason: "this client has no replica's address"))
    }

    @Test("a replica takes as many calls as it has places, then the others, then nobody")
    func places() {
        var balancer = balancer(.roundRobin, ["a", "b"], places: 1)
        #expect(pick(&balancer) == .use("a"))
        #expect(pick(&balancer) == .use("b"))
        #expect(pick(&balancer) == .allFull)
        balancer.ended("a", .success, latency: .zero, now: start)
        #expect(pick(&balancer) == .use("a"))
    }

    @Test("a call waits while some replica is connecting and fails when none is")
    func waiting() {
        var balancer = balancer(.roundRobin, ["a", "b"])
        balancer.connecting("a")
        balancer.failed("b", reason: "no such host")
        #expect(pick(&balancer) == .wait)
        balancer.failed("a", reason: "refused")
        #expect(
            pick(&balancer)
                == .unavailable(reason: "no replica is connected: a: refused; b: no such host"))
    }

    @Test(
        "a retry prefers replicas it has not tried; a hedge takes no other",
        arguments: [LoadBalancing.pickFirst, .roundRobin, .leastLoaded, .affinity])
    func tried(policy: LoadBalancing) {
        var balancer = balancer(policy)
        var request = Names.Request(affinityKey: 5, tried: ["a", "c"])
        #expect(Set(picks(10, &balancer, request)) == ["b"])
        request.tried = ["a", "b", "c"]
        #expect(picks(10, &balancer, request).count == 10)
        request.repeatsIfNecessary = false
        #expect(pick(&balancer, request) == .allTried)
    }

    @Test("an ejected replica gets calls only when no other is left")
    func ejected() {
        var balancer = balancer(.leastLoaded)
        balancer.setEjected("a", true)
        #expect(Set(picks(50, &balancer)) == ["b", "c"])
        balancer.failed("b", reason: "refused")
        balancer.setEjected("c", true)
        #expect(Set(picks(50, &balancer)) == ["a", "c"])
        balancer.setEjected("a", false)
        #expect(Set(picks(50, &balancer)) == ["a"])
    }

    @Test("an ejected replica is better than one that this call has tried")
    func ejectedBeforeTried() {
        var balancer = balancer(.roundRobin, ["a", "b"])
        balancer.setEjected("b", true)
        #expect(pick(&balancer, .init(tried: ["a"])) == .use("b"))
    }

    @Test("the end of a call on a replica that has left or come back counts for nothing")
    func lateEnd() {
        var balancer = balancer(.roundRobin, ["a"], places: 1)
        #expect(pick(&balancer) == .use("a"))
        var generator = SeededGenerator(seed: 1)
        _ = balancer.update([], using: &generator)
        balancer.ended("a", .success, latency: .seconds(1), now: start)
        _ = balancer.update(["a"], using: &generator)
        balancer.ready("a", places: 1)
        balancer.gaveBack("a")
        #expect(pick(&balancer) == .use("a"))
        #expect(pick(&balancer) == .allFull)
    }

    @Test("the same seed makes the same choices")
    func deterministic() {
        var (one, other) = (balancer(.leastLoaded), balancer(.leastLoaded))
        #expect(picks(100, &one, seed: 9) == picks(100, &other, seed: 9))
    }
}
