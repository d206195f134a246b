import Domain
import Testing

@testable import RPC

@Suite("The choice of calls to record")
struct CallSamplerTests {
    private func taken(_ calls: Int, share: Double, callsPerSecond: Int, over: Duration) -> Int {
        let start = ContinuousClock.now
        var sampler = CallSampler(share: share, callsPerSecond: callsPerSecond, now: start)
        var generator = SeededGenerator(seed: 7)
        return (0..<calls).count { call in
            sampler.takes(now: start + over * call / calls, using: &generator)
        }
    }

    @Test("takes none at a share of 0, all at 1, and about half between")
    func shares() {
        #expect(taken(1000, share: 0, callsPerSecond: 1_000_000, over: .seconds(1)) == 0)
        #expect(taken(1000, share: 1, callsPerSecond: 1_000_000, over: .seconds(1)) == 1000)
        let half = taken(1000, share: 0.5, callsPerSecond: 1_000_000, over: .seconds(1))
        #expect((420...580).contains(half))
    }

    @Test("takes no more than its limit in a second, and goes on in the next")
    func rate() {
        #expect(taken(1000, share: 1, callsPerSecond: 10, over: .zero) == 10)
        // A second's worth at once, and one each 100 ms.
        let twoSeconds = taken(1000, share: 1, callsPerSecond: 10, over: .seconds(2))
        #expect((29...30).contains(twoSeconds))
    }

    @Test("a quiet hour saves up a second's worth only")
    func burst() {
        let start = ContinuousClock.now
        var sampler = CallSampler(share: 1, callsPerSecond: 5, now: start)
        var generator = ConstantGenerator(value: 0)
        let later = start + .seconds(3600)
        let taken = (0..<20).count { _ in sampler.takes(now: later, using: &generator) }
        #expect(taken == 5)
    }
}
