import Testing

@testable import RPC

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private var breaker = CircuitBreaker(.defaults)

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @discardableResult
    private mutating func call(
        _ outcome: EndpointOutcome, at seconds: Double = 0
    ) -> CircuitBreaker.Transition? {
        guard let permit = breaker.acquire(now: at(seconds))?.permit else { return nil }
        return breaker.ended(permit, outcome, now: at(seconds))
    }

    private mutating func call(_ count: Int, _ outcome: EndpointOutcome, at seconds: Double = 0) {
        for _ in 0..<count { call(outcome, at: seconds) }
    }

    private mutating func acquire(
        at seconds: Double
    ) throws -> (permit: CircuitBreaker.Permit, transition: CircuitBreaker.Transition?) {
        let acquired = breaker.acquire(now: at(seconds))
        return try #require(acquired)
    }

    private mutating func mayCall(at seconds: Double) -> Bool {
        breaker.acquire(now: at(seconds)) != nil
    }

    @Test("opens at half of twenty calls, not at nineteen nor below half")
    mutating func opens() {
        call(10, .success)
        call(9, .failure)
        #expect(breaker.isClosed)
        #expect(call(.failure) == .opened(until: at(1)))
        #expect(mayCall(at: 0.999) == false)

        breaker = CircuitBreaker(.defaults)
        call(11, .success)
        call(10, .failure)
        #expect(breaker.isClosed)
    }

    @Test("failures are forgotten after ten seconds")
    mutating func window() {
        call(19, .failure)
        #expect(call(.failure, at: 10) == nil)
        #expect(breaker.isClosed)
    }

    @Test("calls that their callers gave up count for nothing")
    mutating func ignored() {
        call(100, .ignored)
        call(19, .failure)
        #expect(breaker.isClosed)
    }

    @Test("a refusal for load is an answer: it opens nothing, and closes what was open")
    mutating func refusals() {
        call(100, .refusal)
        #expect(breaker.isClosed)
        breaker = CircuitBreaker(.defaults)
        call(20, .failure)
        call(3, .refusal, at: 1)
        #expect(breaker.isClosed)
    }

    @Test("when its time is over it lets three probes through, and closes when all succeed")
    mutating func halfOpen() throws {
        call(20, .failure)
        let first = try acquire(at: 1)
        #expect(first.transition == .halfOpened)
        let second = try acquire(at: 1)
        let third = try acquire(at: 1)
        #expect(mayCall(at: 1) == false)
        #expect(breaker.ended(first.permit, .success, now: at(1.1)) == nil)
        #expect(mayCall(at: 1.1) == false)
        #expect(breaker.ended(second.permit, .success, now: at(1.1)) == nil)
        #expect(breaker.ended(third.permit, .success, now: at(1.2)) == .closed)
        call(19, .failure, at: 1.3)
        #expect(breaker.isClosed)
    }

    @Test("a failed probe opens it again for twice the time, up to the longest")
    mutating func reopens() {
        call(20, .failure)
        var now = 1.0
        for time in [2.0, 4, 8, 16, 30, 30] {
            #expect(mayCall(at: now - 0.001) == false)
            #expect(call(.failure, at: now) == .opened(until: at(now + time)))
            now += time
        }
        call(3, .success, at: now)
        #expect(breaker.isClosed)
        call(19, .failure, at: now)
        #expect(call(.failure, at: now) == .opened(until: at(now + 1)))
    }

    @Test("a probe that its caller gave up makes room for another")
    mutating func probeGivenUp() throws {
        call(20, .failure)
        let probes = (0..<3).compactMap { _ in breaker.acquire(now: at(1))?.permit }
        #expect(probes.count == 3)
        #expect(breaker.ended(probes[0], .ignored, now: at(1.1)) == nil)
        #expect(mayCall(at: 1.1) == true)
        #expect(mayCall(at: 1.1) == false)
    }

    @Test("probes that never end make room after the open time, one at a time")
    mutating func probeLost() {
        call(20, .failure)
        for _ in 0..<3 { #expect(mayCall(at: 1) == true) }
        #expect(mayCall(at: 1.999) == false)
        #expect(mayCall(at: 2) == true)
        #expect(mayCall(at: 2) == false)
        #expect(call(.success, at: 3) == nil)
        #expect(call(.success, at: 4) == nil)
        #expect(call(.success, at: 5) == .closed)
    }

    @Test("results of calls from before a change of state are no news")
    mutating func late() throws {
        let early = try (0..<30).map { _ in try acquire(at: 0).permit }
        for permit in early.prefix(20) { _ = breaker.ended(permit, .failure, now: at(0)) }
        #expect(!breaker.isClosed)
        #expect(breaker.ended(early[20], .failure, now: at(0.5)) == nil)
        let probe = try acquire(at: 1)
        // Neither closes it nor opens it for longer.
        for permit in early[21..<25] {
            #expect(breaker.ended(permit, .success, now: at(1)) == nil)
        }
        #expect(breaker.ended(early[25], .failure, now: at(1)) == nil)
        #expect(breaker.ended(probe.permit, .failure, now: at(1)) == .opened(until: at(3)))
    }
}
