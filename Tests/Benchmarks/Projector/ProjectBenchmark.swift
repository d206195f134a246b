import ArgumentParser
import BenchmarkReport
import Domain
import Foundation
import GGML

/// Whole projections beside bare SGEMM of the same shapes.
struct ProjectBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Linear, GELU, Linear beside the two matrix products alone.")

    @Option(help: "Rows of a call.")
    var rows = 512
    @Option(help: "Width of an item row.")
    var input = 64
    @Option(help: "Width of the LLM, hidden and output; several are measured one by one.")
    var width: [Int] = [576, 4_096]
    @OptionGroup var parallelism: ThreadOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let files = try width.map { width in
                let file = folder.appending(path: "projector-\(width).gguf").path
                try write(file, width)
                return file
            }
            var comparisons: [Comparison] = []
            for threads in parallelism.threads {
                let sgemm = try Surroundings.python(
                    "torch_sgemm.py", ["\(threads)"], threads: threads)
                for (width, file) in zip(width, files) {
                    let projector = try MLPProjector(path: file, threads: threads)
                    comparisons.append(comparison(projector, width, threads, sgemm))
                }
            }
            try await options.report(comparisons) {
                ["Ours is the whole call, with biases and GELU; its rate counts products only."]
            }
        }
    }

    private func comparison(
        _ projector: MLPProjector, _ width: Int, _ threads: Int, _ sgemm: BaselineProcess
    ) -> Comparison {
        var generator = SeededGenerator(seed: 2)
        let vectors = FloatTensor(
            rows: rows, columns: input,
            values: (0..<rows * input).map { _ in Float.random(in: -1...1, using: &generator) })
        let shapes = [[input, width], [width, width]]
        let operations = shapes.reduce(0) { $0 + 2 * rows * $1[0] * $1[1] }
        let baselines = ["torch", "numpy"].map { library in
            Contender(
                "\(library) \(sgemm.versions[library] ?? "")", target: .ratioAtLeast(0.7)
            ) {
                try sgemm.measure(["library": library, "rows": rows, "shapes": shapes])
            }
        }
        return Comparison(
            "Projection of \(rows) rows, \(input) to \(width) to \(width), \(threads) threads",
            unit: "GFLOP/s",
            ours: Contender("llara MLPProjector") {
                let start = ContinuousClock.now
                _ = try projector.project(vectors)
                return Double(operations) / (ContinuousClock.now - start).milliseconds * 1e-6
            }, baselines: baselines)
    }

    private func write(_ file: String, _ width: Int) throws {
        var generator = SeededGenerator(seed: 1)
        var writer = GGUFWriter(architecture: MLPProjector.architecture)
        writer.set("projector.roles", .strings(["item"]))
        writer.set("projector.input_length", .uint32(UInt32(input)))
        writer.set("projector.hidden_length", .uint32(UInt32(width)))
        writer.set("projector.output_length", .uint32(UInt32(width)))
        for (name, dimensions) in [
            ("item.up.weight", [input, width]), ("item.up.bias", [width]),
            ("item.down.weight", [width, width]), ("item.down.bias", [width]),
        ] {
            let spread = 1 / Float(dimensions[0]).squareRoot()
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                Float.random(in: -spread...spread, using: &generator)
            }
            try writer.add(tensor: name, dimensions: dimensions, values: values)
        }
        try writer.write(to: file)
    }
}
