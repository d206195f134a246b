import Domain
import Testing
import TrainingCore

@Suite("Fitted fusion weights")
struct FusionFitTests {
    /// Choices whose targets are drawn from the softmax of weighted random scores.
    private func choices(llm: Double, srs: Double, count: Int = 4_000) -> [FusionFit.Choice] {
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in
            let first = (0..<10).map { _ in generator.unit() * 6 - 30 }
            let second = (0..<10).map { _ in generator.unit() * 4 }
            let chances = zip(first, second).map { exponential(llm * ($0 + 30) + srs * $1) }
            var left = generator.unit() * chances.reduce(0, +)
            let target = chances.firstIndex { chance in
                left -= chance
                return left < 0
            }
            return FusionFit.Choice(llm: first, srs: second, target: target ?? 9)
        }
    }

    @Test("weights that made the choices are found again", arguments: [(0.5, 1.0), (1.0, 0.2)])
    func recovers(_ weights: (llm: Double, srs: Double)) {
        let fit = FusionFit(choices(llm: weights.llm, srs: weights.srs))
        #expect(abs(fit.llm - weights.llm) < 0.12)
        #expect(abs(fit.srs - weights.srs) < 0.12)
    }

    @Test("no weights of a grid fit better")
    func least() {
        let choices = choices(llm: 0.4, srs: 0.8, count: 300)
        let fit = FusionFit(choices)
        for llm in stride(from: 0.0, through: 1.5, by: 0.1) {
            for srs in stride(from: 0.0, through: 1.5, by: 0.1) {
                #expect(FusionFit.loss(choices, llm: llm, srs: srs) >= fit.loss - 1e-9)
            }
        }
    }

    @Test("a ranker that misleads gets the weight 0, never less")
    func edge() {
        let fit = FusionFit(choices(llm: -0.5, srs: 1))
        #expect(fit.llm == 0)
        #expect(fit.srs > 0.5)
        let other = FusionFit(choices(llm: 1, srs: -0.5))
        #expect(other.srs == 0 && other.llm > 0.5)
        #expect(FusionFit(choices(llm: -1, srs: -1)).llm == 0)
    }

    @Test("a ranker that is always right, or says nothing, gives finite weights")
    func degenerate() {
        let right = FusionFit(
            (0..<20).map { _ in .init(llm: [3, 1, 0], srs: [0, 0, 0], target: 0) })
        #expect(right.llm > 1 && right.llm <= FusionFit.maximumWeight)
        #expect(right.srs.isFinite && right.loss < 0.01)
        let none = FusionFit([])
        #expect(none.llm.isFinite && none.srs.isFinite && none.loss == 0)
    }
}
