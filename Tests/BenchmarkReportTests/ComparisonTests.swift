import BenchmarkReport
import Testing

@Suite("Comparison")
struct ComparisonTests {
    @Test("contenders run in turns, and the first turn does not count")
    func turns() async throws {
        var order = ""
        var next = 0.0
        func contender(_ name: String) -> Contender {
            Contender(name) {
                order += name
                next += 1
                return next
            }
        }
        let figure = try await Comparison(
            "turns", unit: "", ours: contender("A"), baselines: [contender("B")]
        ).run(repeats: 2, pause: .zero, progress: MeasurementProgress(isQuiet: true))
        #expect(order == "ABABAB")
        #expect(figure.ours.sample.values == [3, 5])
        #expect(figure.baselines[0].sample.values == [4, 6])
    }

    @Test("a measurement of more than two seconds tells how much is left")
    func progress() {
        var time = 0.0
        var lines: [String] = []
        let progress = MeasurementProgress(
            isTerminal: false, now: { time }, write: { lines.append($0) })
        progress.show("Scan", finished: 0, of: 4)
        time = 2
        progress.show("Scan", finished: 1, of: 4)
        #expect(lines.isEmpty)
        time = 30
        progress.show("Scan", finished: 2, of: 4)
        time = 35
        progress.show("Scan", finished: 3, of: 4)
        #expect(lines == ["Scan: 2 of 4, 30 s, about 30 s left\n"])
    }
}
