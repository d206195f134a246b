import Domain
import Testing

@testable import RPC

@Suite("Retries")
struct CallRetriesTests {
    private var generator = SeededGenerator(seed: 1)
    private var budget = RetryBudget(.defaults)

    private func retries(
        deadline: Duration? = nil, _ change: (inout RetryConfiguration) -> Void = { _ in }
    ) -> CallRetries {
        var configuration = RetryConfiguration.defaults
        change(&configuration)
        return CallRetries(configuration, deadline: deadline.map { start + $0 })
    }

    private mutating func fail(
        _ retries: inout CallRetries, _ failure: AttemptFailure = .init(code: .unavailable),
        expected: Duration? = nil, at now: Duration = .zero
    ) -> CallRetries.Decision {
        retries.attemptFailed(
            failure, budget: &budget, expected: expected, now: start + now, using: &generator)
    }

    private func isRetry(_ decision: CallRetries.Decision) -> Bool {
        if case .retry = decision { true } else { false }
    }

    @Test(
        "a call is attempted as often as configured, and five times at most",
        arguments: [(0, 1), (1, 1), (3, 3), (5, 5), (9, 5)])
    mutating func attempts(configured: Int, expected: Int) {
        var retries = retries { $0.attempts = configured }
        var attempts = 1
        while isRetry(fail(&retries)) { attempts += 1 }
        #expect(attempts == expected)
        #expect(retries.failedAttempts == expected)
        #expect(fail(&retries) == .giveUp(.attemptsUsed))
    }

    @Test("pauses are within full jitter: up to 50 ms, 100 ms, ... 1 s")
    mutating func pauses() {
        for _ in 0..<200 {
            var retries = retries { $0.attempts = 5 }
            for limit in [50, 100, 200, 400] {
                let decision = fail(&retries)
                guard case .retry(let pause) = decision else {
                    // A pause of 0 to 400 ms is always affordable but for the budget.
                    #expect(decision == .giveUp(.budget))
                    return
                }
                #expect((.zero...(.milliseconds(limit))).contains(pause))
            }
        }
    }

    @Test("a code that does not allow it ends the call")
    mutating func codes() {
        for code: RPCError.Code in [.internalError, .deadlineExceeded, .notFound, .aborted] {
            var retries = retries()
            #expect(fail(&retries, .init(code: code)) == .giveUp(.codeNotRetryable))
        }
        var retries = retries { $0.retryableCodes = [.resourceExhausted] }
        #expect(isRetry(fail(&retries, .init(code: .resourceExhausted))))
    }

    @Test("nothing is repeated once the caller has seen a response")
    mutating func committed() {
        var retries = retries()
        retries.commit()
        #expect(fail(&retries) == .giveUp(.committed))
        #expect(
            fail(&retries, .init(code: .unavailable, wasTaken: false)) == .giveUp(.committed))
    }

    // MARK: Pushback

    @Test("the server's pause counts, and the exponent starts anew after it")
    mutating func pushback() {
        for _ in 0..<30 {
            var retries = retries { $0.attempts = 5 }
            _ = fail(&retries)
            #expect(
                fail(&retries, .init(code: .unavailable, pushback: .after(.milliseconds(700))))
                    == .retry(after: .milliseconds(700)))
            guard case .retry(let pause) = fail(&retries) else {
                Issue.record("no retry")
                return
            }
            #expect(pause <= .milliseconds(50))
        }
    }

    @Test("a pause of 60 s is kept to, a longer one or a refusal ends the call")
    mutating func pushbackLimits() {
        var one = retries()
        #expect(
            fail(&one, .init(code: .unavailable, pushback: .after(.seconds(60))))
                == .retry(after: .seconds(60)))
        for pushback in [RetryPushback.after(.milliseconds(60_001)), .stop] {
            var other = retries()
            #expect(
                fail(&other, .init(code: .unavailable, pushback: pushback)) == .giveUp(.pushback))
        }
    }

    @Test(
        "the value of llara-retry-pushback-ms is read as gRPC reads its own",
        arguments: [
            (nil, RetryPushback.none), ("0", .after(.zero)), ("1500", .after(.milliseconds(1_500))),
            ("2147483647", .after(.milliseconds(2_147_483_647))), ("2147483648", .stop),
            ("-1", .stop), ("", .stop), ("soon", .stop), ("1.5", .stop), (" 1", .stop),
        ] as [(String?, RetryPushback)])
    func pushbackText(text: String?, expected: RetryPushback) {
        #expect(RetryPushback(text) == expected)
    }

    // MARK: Transparent retries

    @Test("what no server took is repeated at once, four times, at no cost")
    mutating func transparent() {
        var retries = retries()
        let refused = AttemptFailure(code: .unavailable, wasTaken: false)
        for _ in 0..<4 { #expect(fail(&retries, refused) == .retry(after: .zero)) }
        #expect(retries.failedAttempts == 0)
        #expect(budget.available(now: start) == 100)
        // From then on as any failure: three attempts, paid for.
        #expect(isRetry(fail(&retries, refused)))
        #expect(isRetry(fail(&retries, refused)))
        #expect(fail(&retries, refused) == .giveUp(.attemptsUsed))
        #expect(budget.available(now: start) == 98)
    }

    @Test("what no server took is not repeated after the deadline")
    mutating func transparentDeadline() {
        var retries = retries(deadline: .seconds(1))
        let refused = AttemptFailure(code: .unavailable, wasTaken: false)
        #expect(fail(&retries, refused, at: .seconds(1)) == .giveUp(.deadline))
    }

    // MARK: Deadline and budget

    @Test("no attempt starts at or after the deadline, nor when it could not end before")
    mutating func deadline() {
        let pushed = AttemptFailure(code: .unavailable, pushback: .after(.milliseconds(100)))
        var early = retries(deadline: .milliseconds(501))
        #expect(
            fail(&early, pushed, expected: .milliseconds(400)) == .retry(after: .milliseconds(100)))
        var late = retries(deadline: .milliseconds(500))
        #expect(fail(&late, pushed, expected: .milliseconds(400)) == .giveUp(.deadline))
        var without = retries(deadline: .milliseconds(100))
        #expect(fail(&without, pushed) == .giveUp(.deadline))
        #expect(budget.available(now: start) == 99)
    }

    @Test("without budget there are no retries")
    mutating func noBudget() {
        while budget.withdraw(now: start) {}
        var one = retries()
        #expect(fail(&one) == .giveUp(.budget))
        var other = retries()
        #expect(isRetry(fail(&other, at: .seconds(10))))
    }
}
