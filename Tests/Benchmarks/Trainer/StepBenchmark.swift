import ArgumentParser
import BenchmarkReport
import Foundation
import Torch
import TrainingModels

/// A step with the list objective: forward, backward and Adam, beside the same in Python.
struct StepBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Tokens a second of one training step.",
        discussion: "Needs torch in the prefix: Deploy/bootstrap --with-torch.")

    @Option(help: "Examples in the batch.")
    var examples = 4
    @Option(help: "Threads, for ours and for Python.")
    var threads = 2
    @Flag(help: "Compute in float32 rather than bfloat16.")
    var float32 = false
    @Flag(help: "Leave Python out, and print the peak memory of our own step alone.")
    var alone = false
    @OptionGroup var options: MeasuringOptions

    func validate() throws {
        guard (1...64).contains(examples), threads > 0 else {
            throw ValidationError("--examples must be from 1 to 64, --threads at least 1")
        }
    }

    func run() async throws {
        let library = try TorchLibrary()
        try library.setThreadCount(threads)
        try library.setSeed(1)
        let model = Surroundings.prefix.appending(
            path: "models/SmolLM2-135M-Instruct-Q8_0.gguf"
        ).path
        let step = try OwnStep(
            model, library: library, type: float32 ? .float32 : .bfloat16, examples: examples)
        let ours = Contender("llara, torch \(library.version)") { try step.tokensPerSecond() }
        let name =
            "Training step, \(examples) examples of "
            + "\(step.workload.positions / examples) positions, "
            + "\(float32 ? "float32" : "bfloat16"), \(threads) threads"
        func notes() -> [String] {
            let peak = (try? library.memory().residentPeak) ?? 0
            return [String(format: "Peak memory of our process: %.1f GB.", Double(peak) / 1e9)]
        }
        if alone {
            try await options.report(
                [Comparison(name, unit: "tokens/s", ours: ours)], notes: notes)
            return
        }
        try await Surroundings.withTemporaryFolder { folder in
            let weights = folder.appending(path: "weights.f32")
            var request = step.workload.json
            request["model"] = try StepWorkload.export(model, to: weights)
            request["type"] = float32 ? "float32" : "bfloat16"
            let description = folder.appending(path: "step.json")
            try JSONSerialization.data(withJSONObject: request).write(to: description)
            let python = try Surroundings.python(
                "llama_step.py", [weights.path, description.path, "\(threads)"],
                threads: threads)
            let theirs = Contender(
                "Python, torch \(python.versions["torch"] ?? "")",
                target: .ratioAtLeast(0.95)
            ) { try python.measure([:]) }
            let loss = try step.untrainedLoss()
            guard let other = try python.ask(["loss": true])["value"] as? Double,
                abs(Double(loss) - other) < 0.05 * max(1, abs(other))
            else { throw BenchmarkFailure(description: "Python computes another loss") }
            try await options.report(
                [Comparison(name, unit: "tokens/s", ours: ours, baselines: [theirs])],
                notes: {
                    notes() + [
                        String(
                            format:
                                "Loss without dropout before the first step: %.4f, Python %.4f.",
                            loss, other)
                    ]
                })
        }
    }
}

/// What the hybrid training does in a step, with tokens and titles drawn at random.
private final class OwnStep {
    let workload: StepWorkload
    private let network: LlamaNetwork
    private let vectors: Tensor
    private let adam: Adam

    init(
        _ model: String, library: TorchLibrary, type: Tensor.ElementType, examples: Int
    ) throws {
        network = try LlamaNetwork(path: model, library: library, type: type)
        workload = StepWorkload(examples: examples, vocabulary: network.shape.vocabulary)
        let adapter = try LoRAAdapter(shape: network.shape, library: library)
        network.lora = adapter
        vectors = try library.full(0.01, shape: [workload.vectorCount, network.shape.width])
            .requiringGradient()
        adam = try Adam(library: library)
        try adam.addGroup(adapter.parameters.tensors + [vectors], learningRate: 1e-4)
    }

    /// Cross-entropy of the first candidate among its example's.
    private func loss(training: Bool) throws -> Tensor {
        let scores = try network.logLikelihoods(
            workload.examples, vectors: vectors, training: training
        ).reshaped([workload.examples.count, StepWorkload.branches])
        return try scores.logSoftmax(1).slice(1, 0..<1).reduced(.mean) * -1
    }

    func untrainedLoss() throws -> Float {
        try vectors.library.withoutGradients { try loss(training: false).item() }
    }

    func tokensPerSecond() throws -> Double {
        let start = ContinuousClock.now
        try adam.clearGradients()
        let loss = try loss(training: true)
        try loss.backward()
        try adam.step()
        guard try loss.item().isFinite else {
            throw BenchmarkFailure(description: "the loss is not finite")
        }
        return Double(workload.positions) / ((ContinuousClock.now - start).milliseconds / 1e3)
    }
}
