import Testing

@testable import RPC

@Suite("Adaptive concurrency")
struct ConcurrencyLimiterTests {
    private var now = start
    private var limiter = ConcurrencyLimiter(.defaults, now: start)

    /// Calls that end one after the other, a hundredth of a second apart.
    private mutating func end(
        _ calls: Int, latency: Duration, running: Int? = nil, apart: Duration = .milliseconds(10)
    ) {
        for _ in 0..<calls {
            now += apart
            limiter.observed(started: now - latency, running: running ?? limiter.limit, now: now)
        }
    }

    /// The first calls, whose latency becomes the minimum.
    private mutating func measure(_ latency: Duration) {
        now += latency
        end(25, latency: latency)
    }

    @Test("starts with its minimum until 25 calls have been measured")
    mutating func measuring() {
        #expect(limiter.limit == 4)
        now += .milliseconds(2)
        end(24, latency: .milliseconds(2))
        #expect(limiter.limit == 4)
        #expect(limiter.minimumLatency == nil)
        end(1, latency: .milliseconds(2))
        #expect(limiter.limit == 16)
        #expect(limiter.minimumLatency == .milliseconds(2))
    }

    @Test("grows to its maximum while latency stays, and not beyond")
    mutating func growth() {
        measure(.milliseconds(2))
        end(25, latency: .milliseconds(2))
        // 16 x 1.25 + 4.
        #expect(limiter.limit == 24)
        end(25 * 40, latency: .milliseconds(2))
        #expect(limiter.limit == 1_000)
    }

    @Test("shrinks to its minimum while latency is high, and not beyond")
    mutating func shrink() {
        measure(.milliseconds(2))
        end(25, latency: .milliseconds(20))
        // Halved at most, plus the root.
        #expect(limiter.limit == 12)
        end(25 * 40, latency: .seconds(20))
        #expect(limiter.limit == 4)
    }

    @Test("does not grow while it is not reached")
    mutating func unreached() {
        measure(.milliseconds(2))
        end(250, latency: .milliseconds(2), running: 3)
        #expect(limiter.limit == 16)
        end(25, latency: .milliseconds(2), running: 16)
        #expect(limiter.limit == 24)
    }

    @Test("changes after 100 ms and 25 calls, not before")
    mutating func pace() {
        measure(.milliseconds(2))
        end(99, latency: .milliseconds(2), apart: .milliseconds(1))
        #expect(limiter.limit == 16)
        end(1, latency: .milliseconds(2), apart: .milliseconds(1))
        #expect(limiter.limit == 24)
        end(24, latency: .milliseconds(2), apart: .milliseconds(50))
        #expect(limiter.limit == 24)
        end(1, latency: .milliseconds(2))
        #expect(limiter.limit > 24)
    }

    @Test("measures the minimum again every 60 s, by calls that began since")
    mutating func measuringAgain() {
        measure(.milliseconds(2))
        end(25, latency: .milliseconds(50))
        now += .seconds(60)
        end(1, latency: .milliseconds(50))
        #expect(limiter.limit == 4)
        // In flight since before: they had company.
        end(3, latency: .milliseconds(500))
        now += .milliseconds(500)
        end(25, latency: .milliseconds(50))
        #expect(limiter.minimumLatency == .milliseconds(50))
        #expect(limiter.limit == 12)
    }

    @Test("measures at half of what the rate needs at the minimum latency")
    mutating func measuredLimit() {
        // 1,000 calls a second of 100 ms need 100 at a time.
        now += .milliseconds(100)
        end(25, latency: .milliseconds(100), apart: .zero)
        for _ in 0..<12 { end(101, latency: .milliseconds(100), apart: .milliseconds(1)) }
        #expect(limiter.limit > 100)
        now += .seconds(60)
        end(1, latency: .milliseconds(100))
        #expect((48...52).contains(limiter.limit))
    }

    @Test("a measurement that gets few calls ends after a fiftieth of its interval")
    mutating func fewCalls() {
        now += .seconds(1)
        end(5, latency: .milliseconds(2), apart: .milliseconds(10))
        #expect(limiter.minimumLatency == nil)
        now += .milliseconds(200)
        end(1, latency: .milliseconds(2))
        #expect(limiter.minimumLatency == .milliseconds(2))
    }

    @Test("a latency below the minimum is the new minimum")
    mutating func lower() {
        measure(.milliseconds(20))
        end(25, latency: .milliseconds(5))
        #expect(limiter.minimumLatency == .milliseconds(5))
    }

    @Test("of a window with very many calls the first thousand are measure enough")
    mutating func manyCalls() {
        measure(.milliseconds(2))
        end(1_000, latency: .milliseconds(2), apart: .zero)
        end(50_000, latency: .seconds(1), apart: .zero)
        end(1, latency: .milliseconds(2), apart: .milliseconds(100))
        #expect(limiter.limit == 24)
    }

    @Test("a latency of nothing does no harm")
    mutating func zero() {
        measure(.zero)
        end(50, latency: .zero)
        #expect((4...1_000).contains(limiter.limit))
    }
}
