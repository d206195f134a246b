import Testing

@testable import RPC

@Suite("Retry budget")
struct RetryBudgetTests {
    private func withdrawals(_ budget: inout RetryBudget, at seconds: Double = 0) -> Int {
        var count = 0
        while budget.withdraw(now: start + .seconds(seconds)) { count += 1 }
        return count
    }

    @Test("without calls, 10 a second over 10 s are allowed, and no more before they are forgotten")
    func floor() {
        var budget = RetryBudget(.defaults)
        #expect(withdrawals(&budget) == 100)
        #expect(withdrawals(&budget, at: 9.9) == 0)
        #expect(withdrawals(&budget, at: 10) == 100)
    }

    @Test("every five calls allow one more")
    func share() {
        var budget = RetryBudget(.defaults)
        for _ in 0..<999 { budget.callStarted(now: start) }
        #expect(budget.available(now: start) == 299)
        budget.callStarted(now: start)
        #expect(budget.available(now: start) == 300)
        #expect(withdrawals(&budget) == 300)
        #expect(budget.available(now: start) == 0)
    }

    @Test("a steady load of retries is held at 20 % plus the floor")
    func steady() {
        var budget = RetryBudget(.defaults)
        var retries = 0
        for millisecond in 0..<60_000 {
            let now = start + .milliseconds(millisecond)
            budget.callStarted(now: now)
            if budget.withdraw(now: now) { retries += 1 }
        }
        // 60,000 calls: 12,000 by share, 600 by floor; a window's worth of slack.
        #expect((12_000...12_800).contains(retries))
    }

    @Test("a budget of nothing allows nothing")
    func zero() {
        var configuration = RetryBudgetConfiguration.defaults
        (configuration.percent, configuration.minimumPerSecond) = (0, 0)
        var budget = RetryBudget(configuration)
        for _ in 0..<1_000 { budget.callStarted(now: start) }
        #expect(withdrawals(&budget) == 0)
    }
}
