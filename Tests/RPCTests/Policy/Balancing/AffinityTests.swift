import Domain
import Testing

@testable import RPC

@Suite("Affinity")
struct AffinityTests {
    private let names = (0..<5).map { "replica-\($0):7000" }

    private func balancer(_ names: [String]) -> Balancer<String> {
        var generator = SeededGenerator(seed: 1)
        var balancer = Balancer<String>(.affinity)
        _ = balancer.update(names, using: &generator)
        for name in names { balancer.ready(name, places: 1_000) }
        return balancer
    }

    private func owner(_ key: UInt64, _ balancer: inout Balancer<String>) -> String? {
        var generator = SeededGenerator(seed: key)
        let pick = balancer.pick(.init(affinityKey: key), now: start, using: &generator)
        guard case .use(let name) = pick else { return nil }
        balancer.gaveBack(name)
        return name
    }

    @Test("a key has one replica, in every client and whatever the order of the list")
    func stable() {
        var (one, other) = (balancer(names), balancer(names.reversed()))
        for key: UInt64 in 0..<200 {
            let name = owner(key, &one)
            #expect(owner(key, &one) == name)
            #expect(owner(key, &other) == name)
        }
    }

    @Test("keys spread evenly")
    func even() {
        var balancer = balancer(names)
        var counts: [String: Int] = [:]
        for key: UInt64 in 0..<5_000 { counts[owner(key, &balancer) ?? "", default: 0] += 1 }
        for name in names { #expect(abs(counts[name, default: 0] - 1_000) < 120) }
    }

    @Test("when a replica is lost its keys move, and no others")
    func loss() {
        var balancer = balancer(names)
        let before = (0..<1_000).map { owner($0, &balancer) }
        balancer.failed(names[2], reason: "refused")
        for key in 0..<1_000 where before[key] != names[2] {
            #expect(owner(UInt64(key), &balancer) == before[key])
        }
        balancer.ready(names[2], places: 10)
        #expect((0..<1_000).map { owner($0, &balancer) } == before)
    }

    @Test("a replica at 125 % of the average load passes calls on, and has them back after")
    func boundedLoad() throws {
        var balancer = balancer(names)
        var generator = SeededGenerator(seed: 3)
        let home = try #require(owner(42, &balancer))
        var counts: [String: Int] = [:]
        for _ in 0..<100 {
            let pick = balancer.pick(.init(affinityKey: 42), now: start, using: &generator)
            if case .use(let name) = pick { counts[name, default: 0] += 1 }
        }
        // 100 calls in flight on 5 replicas: none has more than ceil(1.25 x 20).
        #expect(counts[home] == 25)
        #expect(counts.values.max() == 25)
        #expect(counts.values.reduce(0, +) == 100)
        for _ in 0..<25 { balancer.gaveBack(home) }
        #expect(owner(42, &balancer) == home)
    }

    @Test("a call without a key goes to the less loaded of two")
    func noKey() {
        var balancer = balancer(["a", "b"])
        var generator = SeededGenerator(seed: 3)
        let picks = (0..<10).map { _ in balancer.pick(.init(), now: start, using: &generator) }
        #expect(picks.filter { $0 == .use("a") }.count == 5)
    }
}
