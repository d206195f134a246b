import Domain
import Testing

@testable import GatewayCore

@Suite("The budget of a deadline")
struct DeadlineBudgetTests {
    let budget = DeadlineBudget(total: .seconds(2))

    @Test("keeps a twentieth for the answer, between 10 and 100 ms")
    func reserve() {
        #expect(DeadlineBudget(total: .seconds(1)).answerReserve == .milliseconds(50))
        #expect(DeadlineBudget(total: .seconds(60)).answerReserve == .milliseconds(100))
        #expect(DeadlineBudget(total: .milliseconds(100)).answerReserve == .milliseconds(10))
    }

    @Test("gives the ranker all that the stages before it left")
    func ranker() {
        #expect(
            budget.allowance(of: .ranker, remaining: .milliseconds(1_900)) == .milliseconds(1_800))
    }

    @Test("leaves as much for the last rung as the encoder may take")
    func encoder() {
        #expect(
            budget.allowance(of: .encoder, remaining: .seconds(2)) == .milliseconds(950))
        #expect(
            budget.allowance(of: .popularity, remaining: .milliseconds(1_050))
                == .milliseconds(950))
    }

    @Test("starts no call that cannot end with a result", arguments: CallStage.allCases)
    func tooLate(stage: CallStage) {
        #expect(budget.allowance(of: stage, remaining: .milliseconds(101)) == nil)
        #expect(budget.allowance(of: stage, remaining: .zero) == nil)
        #expect(budget.allowance(of: stage, remaining: .seconds(-1)) == nil)
    }

    @Test("starts no ranking in less than the ranker needs to hand over a part")
    func shortRanking() {
        #expect(budget.allowance(of: .ranker, remaining: .milliseconds(149)) == nil)
        #expect(
            budget.allowance(of: .ranker, remaining: .milliseconds(150)) == .milliseconds(50))
    }

    /// Slow stages are cut off at their allowance; whatever they do, the reserve is left.
    @Test("holds whatever the stages take, in 1,000 calls of random length")
    func anyCall() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1_000 {
            let total = Duration.milliseconds(Int.random(in: 20...10_000, using: &generator))
            let budget = DeadlineBudget(total: total)
            var remaining = total
            for stage in CallStage.allCases {
                guard let allowance = budget.allowance(of: stage, remaining: remaining) else {
                    continue
                }
                let wanted = Duration.milliseconds(Int.random(in: 0...5_000, using: &generator))
                remaining -= min(wanted, allowance)
            }
            #expect(remaining >= budget.answerReserve)
        }
    }

    @Test("looks for more candidates in the first half only")
    func refill() {
        #expect(budget.allowsRefill(remaining: .milliseconds(1_001)))
        #expect(!budget.allowsRefill(remaining: .milliseconds(1_000)))
    }

    @Test("leaves each rung time after the one above used up its own")
    func ladder() throws {
        var remaining = Duration.milliseconds(500)
        let budget = DeadlineBudget(total: remaining)
        for stage in [CallStage.sequence, .encoder, .popularity] {
            let allowance = try #require(budget.allowance(of: stage, remaining: remaining))
            remaining -= allowance
        }
        #expect(remaining == budget.answerReserve)
    }
}
