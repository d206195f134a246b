import Testing
import TrainingCore

@Suite("The schedule of prompts")
struct PromptScheduleTests {
    @Test("the curriculum's probability is time over total time, from 0 to just below 1")
    func curriculum() {
        let probabilities = (0..<200).map {
            PromptSchedule.curriculum.hybridProbability(batch: $0, of: 200)
        }
        #expect(probabilities == (0..<200).map { Double($0) / 200 })
    }

    @Test("its draws follow the probability over the whole run, once, not once an epoch")
    func draws() {
        let drawn = (0..<4_000).map {
            PromptSchedule.curriculum.isHybrid(batch: $0, of: 4_000, seed: 3)
        }
        for quarter in 0..<4 {
            let share = Double(drawn[quarter * 1_000..<(quarter + 1) * 1_000].count { $0 }) / 1_000
            #expect(abs(share - (Double(quarter) + 0.5) / 4) < 0.05)
        }
    }

    @Test("a batch's draw depends on seed and batch alone")
    func repeats() {
        let draw = { (seed: UInt64) in
            (0..<300).map { PromptSchedule.curriculum.isHybrid(batch: $0, of: 300, seed: seed) }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        #expect(
            PromptSchedule.curriculum.isHybrid(batch: 150, of: 300, seed: 1) == draw(1)[150])
    }

    @Test("direct is always hybrid, text never, two-stage after two fifths")
    func others() {
        let share = { (schedule: PromptSchedule) in
            (0..<50).map { schedule.isHybrid(batch: $0, of: 50, seed: 1) }
        }
        #expect(share(.direct).allSatisfy { $0 })
        #expect(!share(.text).contains(true))
        #expect(share(.twoStage) == (0..<50).map { $0 >= 20 })
    }
}

@Suite("The learning rate's schedule")
struct LearningRateScheduleTests {
    @Test("it rises from a hundredth over a twentieth of the steps, then falls by the cosine")
    func shape() {
        let schedule = LearningRateSchedule(steps: 200)
        #expect(schedule.warmUpSteps == 10)
        let factors = (0...200).map(schedule.factor)
        #expect(factors[0] == 0.01)
        #expect(abs(factors[5] - (0.01 + 0.99 * 0.5)) < 1e-12)
        // No offset at the end of the warm-up: the cosine's time runs from the first step.
        #expect(abs(factors[10] - (0.01 + 0.99 * 0.5 * (1 + 0.987_688_340_595_137_7))) < 1e-12)
        #expect(abs(factors[100] - 0.505) < 1e-12)
        #expect(abs(factors[200] - 0.01) < 1e-12)
        #expect(zip(factors[10...], factors[11...]).allSatisfy { $0 > $1 })
    }

    @Test("a run too short to warm up, one without warm-up and one that only warms up")
    func edges() {
        #expect(LearningRateSchedule(steps: 1).factor(at: 0) == 1)
        #expect(LearningRateSchedule(steps: 10, warmUpShare: 0).factor(at: 0) == 1)
        let warming = LearningRateSchedule(steps: 10, warmUpShare: 1)
        #expect(abs(warming.factor(at: 9) - (0.01 + 0.99 * 0.9)) < 1e-12)
        #expect(LearningRateSchedule(steps: 0).factor(at: 0) == 1)
    }
}
