import Testing

@testable import RPC

@Suite("Sliding window")
struct SlidingWindowTests {
    @Test("a value counts for ten slots and no longer")
    func expiry() {
        var window = SlidingWindow<Int>(length: .seconds(10))
        window.add(1, now: start)
        window.add(2, now: start + .milliseconds(999))
        window.add(4, now: start + .seconds(1))
        #expect(window.total(now: start + .milliseconds(9_999)) == 7)
        #expect(window.total(now: start + .seconds(10)) == 4)
        #expect(window.total(now: start + .seconds(11)) == 0)
    }

    @Test("after a pause longer than the window, years included, nothing is left")
    func pause() {
        var window = SlidingWindow<Int>(length: .seconds(10))
        for second in 0..<10 { window.add(1, now: start + .seconds(second)) }
        #expect(window.total(now: start + .seconds(9)) == 10)
        #expect(window.total(now: start + .seconds(1_000_000_000)) == 0)
        window.add(3, now: start + .seconds(1_000_000_000))
        #expect(window.total(now: start + .seconds(1_000_000_001)) == 3)
    }

    @Test("time that goes back stays in the newest slot")
    func backwards() {
        var window = SlidingWindow<Int>(length: .seconds(10))
        window.add(1, now: start + .seconds(5))
        window.add(1, now: start)
        #expect(window.total(now: start + .seconds(14)) == 2)
        window.clear()
        #expect(window.total(now: start + .seconds(14)) == 0)
    }
}
