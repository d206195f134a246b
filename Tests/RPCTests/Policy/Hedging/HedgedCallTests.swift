import Domain
import Testing

@testable import RPC

@Suite("Hedging")
struct HedgedCallTests {
    private var budget = RetryBudget(.defaults)

    private func hedged(
        attempts: Int = 3, deadline: Duration? = nil, delay: Duration = .milliseconds(100)
    ) -> HedgedCall {
        var configuration = HedgingConfiguration(delay: delay)
        configuration.attempts = attempts
        var call = HedgedCall(configuration, deadline: deadline.map { start + $0 })
        let first = call.begin(now: start)
        #expect(first == [.begin(attempt: 0)])
        return call
    }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        start + .milliseconds(milliseconds)
    }

    private mutating func fail(
        _ attempt: Int, _ call: inout HedgedCall, _ code: RPCError.Code = .unavailable,
        _ pushback: RetryPushback = .none, wasTaken: Bool = true, at milliseconds: Int = 10
    ) -> [HedgedCall.Action] {
        call.failed(
            attempt, AttemptFailure(code: code, pushback: pushback, wasTaken: wasTaken),
            budget: &budget, now: at(milliseconds))
    }

    @Test("an attempt begins after each delay, up to the limit")
    mutating func delays() {
        var call = hedged()
        #expect(call.nextWake == at(100))
        #expect(call.wake(budget: &budget, now: at(99)) == [])
        #expect(call.wake(budget: &budget, now: at(100)) == [.begin(attempt: 1)])
        #expect(call.nextWake == at(200))
        #expect(call.wake(budget: &budget, now: at(200)) == [.begin(attempt: 2)])
        #expect(call.nextWake == nil)
        #expect(call.wake(budget: &budget, now: at(999)) == [])
    }

    @Test("no more than five attempts, whatever was configured", arguments: [(9, 5), (0, 1)])
    mutating func limit(configured: Int, expected: Int) {
        var call = hedged(attempts: configured)
        var begun = 1
        while let next = call.nextWake { begun += call.wake(budget: &budget, now: next).count }
        #expect(begun == expected)
    }

    @Test("the first answer is the caller's, the other attempts are cancelled")
    mutating func answer() {
        var call = hedged()
        _ = call.wake(budget: &budget, now: at(100))
        _ = call.wake(budget: &budget, now: at(200))
        #expect(
            call.answered(1) == [.deliver(attempt: 1), .cancel(attempt: 0), .cancel(attempt: 2)])
        #expect(call.answered(0) == [])
        #expect(fail(2, &call) == [])
        #expect(call.abandoned() == [])
        #expect(call.nextWake == nil)
    }

    @Test("a failure that is not fatal begins the next attempt at once, and the delay anew")
    mutating func nonFatal() {
        var call = hedged()
        #expect(fail(0, &call, at: 10) == [.begin(attempt: 1)])
        #expect(call.nextWake == at(110))
        #expect(fail(1, &call, .resourceExhausted, at: 20) == [.begin(attempt: 2)])
        #expect(fail(2, &call, at: 30) == [.deliver(attempt: 2)])
    }

    @Test("a fatal failure is the call's end")
    mutating func fatal() {
        var call = hedged()
        _ = call.wake(budget: &budget, now: at(100))
        #expect(
            fail(0, &call, .invalidArgument) == [.deliver(attempt: 0), .cancel(attempt: 1)])
    }

    @Test("while another attempt runs, the failure of the last one allowed is not the end")
    mutating func othersRun() {
        var call = hedged(attempts: 2)
        _ = call.wake(budget: &budget, now: at(100))
        #expect(fail(1, &call, at: 110) == [])
        #expect(call.answered(0) == [.deliver(attempt: 0)])
    }

    @Test("an attempt that no server took is followed by another, whatever its code")
    mutating func notTaken() {
        var call = hedged()
        #expect(fail(0, &call, .internalError, wasTaken: false) == [.begin(attempt: 1)])
    }

    // MARK: Pushback

    @Test("a server that says no ends all hedging, but not the attempts that run")
    mutating func stop() {
        var call = hedged()
        _ = call.wake(budget: &budget, now: at(100))
        #expect(fail(1, &call, .unavailable, .stop) == [])
        #expect(call.nextWake == nil)
        #expect(fail(0, &call) == [.deliver(attempt: 0)])
    }

    @Test("a server's pause takes the place of the delay, even with no attempt left running")
    mutating func pause() {
        var call = hedged()
        #expect(fail(0, &call, .unavailable, .after(.milliseconds(500)), at: 10) == [])
        #expect(call.nextWake == at(510))
        #expect(call.wake(budget: &budget, now: at(509)) == [])
        #expect(call.wake(budget: &budget, now: at(510)) == [.begin(attempt: 1)])
    }

    @Test("a pause of 60 s is kept to, a longer one ends the hedging")
    mutating func pauseLimit() {
        var one = hedged()
        #expect(fail(0, &one, .unavailable, .after(.seconds(60))) == [])
        var other = hedged()
        #expect(
            fail(0, &other, .unavailable, .after(.milliseconds(60_001))) == [.deliver(attempt: 0)])
    }

    // MARK: Budget, deadline, replicas

    @Test("without budget the first attempt is the only one")
    mutating func noBudget() {
        while budget.withdraw(now: start) {}
        var call = hedged()
        #expect(call.wake(budget: &budget, now: at(100)) == [])
        #expect(call.nextWake == nil)
        #expect(fail(0, &call) == [.deliver(attempt: 0)])
    }

    @Test("however slow the servers, hedges stay a fifth of the load and the floor")
    mutating func cap() {
        var hedges = 0
        for number in 0..<20_000 {
            budget.callStarted(now: at(number))
            var call = hedged(delay: .zero)
            hedges += call.wake(budget: &budget, now: at(number)).count
        }
        // 20,000 calls in 20 s: 4,000 by share, 200 by floor; a window's worth of slack.
        #expect((4_000...4_400).contains(hedges))
    }

    @Test("no attempt begins at the deadline or when a pause lasts until then")
    mutating func deadline() {
        var early = hedged(deadline: .milliseconds(101))
        #expect(early.wake(budget: &budget, now: at(100)) == [.begin(attempt: 1)])
        var late = hedged(deadline: .milliseconds(100))
        #expect(late.wake(budget: &budget, now: at(100)) == [])
        var paused = hedged(deadline: .milliseconds(100))
        #expect(
            fail(0, &paused, .unavailable, .after(.milliseconds(90)), at: 10)
                == [.deliver(attempt: 0)])
        #expect(budget.available(now: start) == 99)
    }

    @Test("without another replica the call waits for the attempts it has")
    mutating func noReplica() {
        var call = hedged()
        _ = call.wake(budget: &budget, now: at(100))
        #expect(call.couldNotBegin(1) == [])
        #expect(call.nextWake == nil)
        #expect(fail(0, &call) == [.deliver(attempt: 0)])
        var alone = hedged()
        #expect(alone.couldNotBegin(0) == [.deliver(attempt: 0)])
    }

    @Test("when the failed first attempt was all there was, its failure is delivered")
    mutating func failedThenNoReplica() {
        var call = hedged()
        #expect(fail(0, &call) == [.begin(attempt: 1)])
        #expect(call.couldNotBegin(1) == [.deliver(attempt: 0)])
    }

    @Test("a caller that gives up cancels every attempt, once")
    mutating func abandoned() {
        var call = hedged()
        _ = call.wake(budget: &budget, now: at(100))
        #expect(call.abandoned() == [.cancel(attempt: 0), .cancel(attempt: 1)])
        #expect(call.abandoned() == [])
        #expect(call.answered(0) == [])
        #expect(call.wake(budget: &budget, now: at(300)) == [])
    }

    @Test("random calls deliver exactly one attempt and leave none running", arguments: 0..<200)
    mutating func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var call = hedged(attempts: Int.random(in: 1...5, using: &generator))
        var ledger = Ledger()
        var now = start
        for _ in 0..<100 where ledger.delivered == 0 {
            now += .milliseconds(Int.random(in: 1...80, using: &generator))
            ledger.apply(call.wake(budget: &budget, now: now))
            let attempt = Int.random(in: 0...5, using: &generator)
            if Int.random(in: 0..<10, using: &generator) == 0 {
                ledger.apply(call.answered(attempt))
            } else {
                let pushbacks: [RetryPushback] = [.none, .none, .stop, .after(.milliseconds(50))]
                let pushback = pushbacks.randomElement(using: &generator) ?? .none
                let failure = AttemptFailure(code: .unavailable, pushback: pushback)
                ledger.running.remove(attempt)
                ledger.apply(call.failed(attempt, failure, budget: &budget, now: now))
            }
        }
        #expect(ledger.delivered == 1)
        #expect(ledger.running.isEmpty)
    }

    /// What a shell would have running.
    private struct Ledger {
        var running: Set = [0]
        var delivered = 0

        mutating func apply(_ actions: [HedgedCall.Action]) {
            for action in actions {
                switch action {
                case .begin(let attempt): running.insert(attempt)
                case .cancel(let attempt): #expect(running.remove(attempt) != nil)
                case .deliver(let attempt):
                    delivered += 1
                    running.remove(attempt)
                }
            }
        }
    }
}
