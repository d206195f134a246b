import Domain
import Testing

@testable import GatewayCore

@Suite("A cache bounded by cost")
struct LeastRecentlyUsedCacheTests {
    @Test("forgets what was not asked for longest once the bound is reached")
    func eviction() {
        var cache = LeastRecentlyUsedCache<String, Int>(maximumCost: 30)
        for (value, key) in ["a", "b", "c"].enumerated() { cache.insert(value, for: key, cost: 10) }
        #expect(cache.value(for: "a") == 0)
        cache.insert(3, for: "d", cost: 10)
        #expect(cache.value(for: "b") == nil)
        #expect(cache.value(for: "a") == 0)
        #expect(cache.cost == 30)
        #expect(cache.evictionCount == 1)
        #expect(cache.hitCount == 2)
        #expect(cache.missCount == 1)
    }

    @Test("holds what fits exactly, and nothing that alone is too much")
    func bound() {
        var cache = LeastRecentlyUsedCache<String, Int>(maximumCost: 10)
        cache.insert(1, for: "a", cost: 10)
        #expect(cache.value(for: "a") == 1)
        cache.insert(2, for: "b", cost: 11)
        #expect(cache.value(for: "b") == nil)
        #expect(cache.value(for: "a") == 1)
    }

    @Test("counts a value once that is put in again")
    func again() {
        var cache = LeastRecentlyUsedCache<String, Int>(maximumCost: 20)
        cache.insert(1, for: "a", cost: 10)
        cache.insert(2, for: "a", cost: 5)
        #expect(cache.value(for: "a") == 2)
        #expect(cache.cost == 5)
        #expect(cache.count == 1)
    }

    @Test("agrees with a list that is kept in order, over 5,000 random steps")
    func model() {
        var generator = SeededGenerator(seed: 3)
        var cache = LeastRecentlyUsedCache<Int, Int>(maximumCost: 40)
        var model: [(key: Int, value: Int, cost: Int)] = []  // newest last
        for step in 0..<5_000 {
            let key = Int.random(in: 0..<15, using: &generator)
            let found = model.firstIndex { $0.key == key }
            if Bool.random(using: &generator) {
                #expect(cache.value(for: key) == found.map { model[$0].value })
                if let found { model.append(model.remove(at: found)) }
            } else {
                let cost = Int.random(in: 0...12, using: &generator)
                cache.insert(step, for: key, cost: cost)
                if let found { model.remove(at: found) }
                model.append((key, step, cost))
                while model.reduce(0, { $0 + $1.cost }) > 40 { model.removeFirst() }
            }
            #expect(cache.count == model.count)
            #expect(cache.cost == model.reduce(0) { $0 + $1.cost })
        }
    }
}
