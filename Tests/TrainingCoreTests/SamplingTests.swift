import Domain
import Testing
import TrainingCore

@Suite("Sampling")
struct SamplingTests {
    @Test("a draw below a bound stays below it and reaches every number about equally often")
    func below() {
        var generator = SeededGenerator(seed: 1)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7_000 { counts[generator.below(7)] += 1 }
        #expect(counts.allSatisfy { (880...1_120).contains($0) })
        #expect(generator.below(1) == 0)
        #expect((0..<Int.max).contains(generator.below(.max)))
    }

    @Test("a seed means the same draws in every version")
    func pinned() {
        var generator = SeededGenerator(seed: 1, parts: ["a", "b"])
        #expect((0..<6).map { _ in generator.below(1_000) } == [277, 780, 431, 573, 349, 223])
        var other = SeededGenerator(seed: 1, parts: ["ab"])
        #expect(other.below(1_000_000) != generator.below(1_000_000))
    }

    @Test("a shuffle keeps the elements, a unit draw lies in [0, 1)")
    func shuffle() {
        var generator = SeededGenerator(seed: 5)
        var elements = Array(0..<100)
        generator.shuffle(&elements)
        #expect(elements != Array(0..<100))
        #expect(elements.sorted() == Array(0..<100))
        var nothing: [Int] = []
        generator.shuffle(&nothing)
        #expect((0..<1_000).allSatisfy { _ in (0..<1).contains(generator.unit()) })
    }
}
