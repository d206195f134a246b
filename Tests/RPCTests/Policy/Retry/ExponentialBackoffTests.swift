import Domain
import Testing

@testable import RPC

@Suite("Exponential backoff")
struct ExponentialBackoffTests {
    private func pauses(
        _ count: Int, _ jitter: ExponentialBackoff.Jitter, seed: UInt64 = 1
    ) -> [Duration] {
        var generator = SeededGenerator(seed: seed)
        var backoff = ExponentialBackoff(
            initial: .milliseconds(100), maximum: .seconds(1), multiplier: 2, jitter: jitter)
        return (0..<count).map { _ in backoff.next(using: &generator) }
    }

    @Test("doubles up to the maximum")
    func growth() {
        #expect(
            pauses(6, .proportional(0)) == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
                .seconds(1), .seconds(1),
            ])
    }

    @Test("full jitter spreads over the whole pause")
    func full() {
        let firsts = (0..<1_000).map { pauses(1, .full, seed: $0)[0] }
        #expect(firsts.allSatisfy { (.zero...(.milliseconds(100))).contains($0) })
        for tenth in 0..<10 {
            let range =
                .milliseconds(tenth * 10)..<(.milliseconds(tenth * 10 + 10)) as Range<Duration>
            #expect((60...140).contains(firsts.filter(range.contains).count))
        }
    }

    @Test("proportional jitter stays near the pause")
    func proportional() {
        for seed in 0..<100 as Range<UInt64> {
            let pauses = pauses(2, .proportional(0.2), seed: seed)
            #expect((.milliseconds(80)...(.milliseconds(120))).contains(pauses[0]))
            #expect((.milliseconds(160)...(.milliseconds(240))).contains(pauses[1]))
        }
    }

    @Test("starts anew after a reset; an initial pause beyond the maximum is cut")
    func reset() {
        var generator = SeededGenerator(seed: 1)
        var backoff = ExponentialBackoff(
            initial: .seconds(9), maximum: .seconds(5), multiplier: 2, jitter: .proportional(0))
        #expect(backoff.next(using: &generator) == .seconds(5))
        backoff = ExponentialBackoff(
            initial: .seconds(1), maximum: .seconds(5), multiplier: 2, jitter: .proportional(0))
        _ = backoff.next(using: &generator)
        backoff.reset()
        #expect(backoff.next(using: &generator) == .seconds(1))
    }
}
