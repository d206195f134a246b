import Domain
import RankerCore
import Testing

@Suite("Log-sum-exp")
struct LogSumExpTests {
    private func normaliser(_ values: [Float]) -> Double? {
        values.withUnsafeBufferPointer { logSumExp($0) }
    }

    @Test("a vocabulary's width of logits is right to 1e-6")
    func accuracy() throws {
        var generator = SeededGenerator(seed: 1)
        for spread: Float in [0, 1, 10, 60] {
            let values = (0..<49_152).map { _ in
                Float.random(in: -spread...(spread + 1), using: &generator)
            }
            let greatest = Double(values.max() ?? 0)
            let exact =
                greatest + logarithm(values.reduce(0) { $0 + exponential(Double($1) - greatest) })
            #expect(abs(try #require(normaliser(values)) - exact) < 1e-6)
        }
    }

    @Test(
        "every length is right, also those that fill no vector",
        arguments: [
            1, 2, 3, 4, 5, 15, 16, 17, 1_023, 1_024, 1_025, 2_051,
        ])
    func lengths(_ count: Int) throws {
        let equal = [Float](repeating: 2, count: count)
        #expect(abs(try #require(normaliser(equal)) - 2 - logarithm(Double(count))) < 1e-6)
    }

    @Test("values far from zero neither overflow nor vanish")
    func farValues() throws {
        #expect(normaliser([30_000, 30_000]) == 30_000 + logarithm(2))
        #expect(normaliser([-30_000, -30_000]) == -30_000 + logarithm(2))
        #expect(abs(try #require(normaliser([0, -1e30])) - 0) < 1e-12)
    }

    @Test("a value that is not finite shows wherever it stands")
    func notFinite() throws {
        for bad in [Float.nan, .infinity, -.infinity] {
            for place in [0, 1, 2, 3, 17, 20] {
                var values = [Float](repeating: 1, count: 21)
                values[place] = bad
                #expect(try #require(normaliser(values)).isNaN)
            }
        }
    }

    @Test("no values have no sum")
    func empty() {
        #expect(normaliser([]) == nil)
    }
}
