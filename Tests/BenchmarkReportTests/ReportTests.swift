import BenchmarkReport
import Foundation
import Testing

@Suite("Benchmark report")
struct ReportTests {
    private let machine = Machine(
        processor: "Zen (family 25, model 17)", cores: 2, loadAtStart: 0.5, system: "Linux 6",
        isOptimised: true)

    private func figure(_ target: Target?, ours: [Double], baseline: [Double]) -> Figure {
        Figure(
            name: "Scan", unit: "ms", ours: .init(name: "llara", sample: Sample(ours)),
            baselines: [.init(name: "faiss 1", sample: Sample(baseline), target: target)])
    }

    @Test(
        "a target is reached at its limit and missed beyond it",
        arguments: [
            (Target.ratioAtMost(1.5), 15.0, 15.01), (.ratioAtLeast(0.7), 7, 6.99),
            (.excessAtMost(5), 15, 15.01),
        ])
    func targets(target: Target, reached: Double, missed: Double) {
        for (value, expected) in [(reached, true), (missed, false)] {
            let figure = figure(target, ours: [value], baseline: [10])
            #expect(figure.isReached(beside: figure.baselines[0]) == expected)
            #expect(Report(machine: machine, figures: [figure]).isReached == expected)
        }
    }

    @Test("a baseline without target judges nothing")
    func information() {
        let figure = figure(nil, ours: [100], baseline: [1])
        #expect(figure.isReached(beside: figure.baselines[0]) == nil)
        #expect(Report(machine: machine, figures: [figure]).isReached)
    }

    @Test("the statistic chosen stands for the sample")
    func statistics() {
        let sample = Sample([5, 1, 2])
        let values = [Statistic.median, .minimum, .maximum].map {
            Figure.Entry(name: "", sample: sample, statistic: $0).value
        }
        #expect(values == [2, 1, 5])
    }

    @Test("the text names the machine and aligns a table for each figure")
    func text() {
        let report = Report(
            machine: machine,
            figures: [figure(.ratioAtMost(1.5), ours: [12, 10, 150], baseline: [10, 9.5, 11])],
            notes: ["Same rows."])
        #expect(
            report.text == """
                Zen (family 25, model 17), 2 cores, load 0.5 at start, Linux 6, release build

                Scan, ms
                           value           of  median      range  ours / it  target
                  llara     12.0  median of 3    12.0   10.0–150
                  faiss 1   10.0  median of 3    10.0  9.50–11.0       1.20  ≤ 1.50  reached

                Same rows.

                """)
    }

    @Test("a figure without baselines has no columns for them")
    func alone() {
        let alone = Figure(
            name: "p99", unit: "ms", ours: .init(name: "llara", sample: Sample([1, 3])))
        let table = Report(machine: machine, figures: [alone]).text
        #expect(
            table.hasSuffix(
                """
                p99, ms
                         value           of  median      range
                  llara   2.00  median of 2    2.00  1.00–3.00

                """))
    }

    @Test("the JSON form holds every value, ratio and verdict")
    func json() throws {
        let report = Report(
            machine: machine, figures: [figure(.ratioAtLeast(0.7), ours: [5], baseline: [10])])
        let object = try #require(
            JSONSerialization.jsonObject(with: try report.json()) as? [String: Any])
        #expect(object["isReached"] as? Bool == false)
        #expect((object["machine"] as? [String: Any])?["cores"] as? Int == 2)
        let figures = try #require(object["figures"] as? [[String: Any]])
        let baseline = try #require((figures[0]["baselines"] as? [[String: Any]])?.first)
        #expect(baseline["ratio"] as? Double == 0.5)
        #expect(baseline["values"] as? [Double] == [10])
        #expect(baseline["target"] as? String == "≥ 0.700")
    }
}
