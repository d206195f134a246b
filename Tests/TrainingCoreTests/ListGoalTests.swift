import Testing
import TrainingCore

@Suite("What a list is trained towards")
struct ListGoalTests {
    @Test("without a teacher all is on the item that followed")
    func hard() {
        #expect(ListGoal.target(1, of: 3) == [0, 1, 0])
        #expect(ListGoal.distilled([5, 1, 2], target: 1, weight: 0) == [0, 1, 0])
    }

    @Test("a teacher's softmax has its share, and all shares sum to 1")
    func soft() {
        // exp(ln 3) : exp(0) = 3 : 1.
        let goal = ListGoal.distilled([1.098_612_288_668_11, 0], target: 1, weight: 0.5)
        #expect(abs(goal[0] - 0.375) < 1e-12)
        #expect(abs(goal[1] - 0.625) < 1e-12)
        let alone = ListGoal.distilled([1.098_612_288_668_11, 0], target: 1, weight: 1)
        #expect(abs(alone[0] - 0.75) < 1e-12)
    }

    @Test("scores far apart and far from 0 leave nothing that is not a number")
    func extremes() {
        let goal = ListGoal.distilled([1e30, -1e30, 1e30], target: 1, weight: 1)
        #expect(goal == [0.5, 0, 0.5])
    }
}
