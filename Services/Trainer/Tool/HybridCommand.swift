public import ArgumentParser
public import Domain
import Foundation
import Torch
public import TrainingCore
import TrainingModels

extension PromptSchedule: ExpressibleByArgument {}
extension ExampleSampling: ExpressibleByArgument {}
extension Representation: ExpressibleByArgument {}
extension HybridRecipe.Objective: ExpressibleByArgument {}

/// What the frozen network computes in.
enum NumberType: String, ExpressibleByArgument, CaseIterable {
    case bfloat16, float32

    var element: Tensor.ElementType { self == .bfloat16 ? .bfloat16 : .float32 }
}

/// Where it computes.
enum DeviceName: String, ExpressibleByArgument, CaseIterable {
    case cpu, cuda

    var device: Tensor.Device { self == .cpu ? .cpu : .cuda }
}

/// Where negatives come from: `random`, `hard`, or `mixed:SHARE` of hard ones.
struct NegativesOption: ExpressibleByArgument, Equatable {
    let hardShare: Double

    init?(argument: String) {
        switch argument {
        case "random": hardShare = 0
        case "hard": hardShare = 1
        case "mixed": hardShare = 0.5
        default:
            guard argument.hasPrefix("mixed:"), let share = Double(argument.dropFirst(6)),
                (0...1).contains(share)
            else { return nil }
            hardShare = share
        }
    }
}

/// `llara-train hybrid`: LLaRA's training, from a recommender's release to a hybrid one.
struct HybridCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hybrid",
        abstract: "Trains projector and LoRA adapter by curriculum and writes a release folder.",
        discussion: """
            The recommender of --release stays as it is. Text-only and hybrid prompts alternate as \
            the schedule draws them; the adapter learns from all, the projector from the hybrid \
            ones. A checkpoint is written every --checkpoint-every steps, at Ctrl-C and at SIGTERM; \
            --resume goes on from it to the same bytes (same seed, threads and version). The log \
            has a JSON line a step; a plot stands beside it.

              llara-train sequential --data DIR --split users --output releases/recommender
              llara-train hybrid --release releases/recommender --data DIR \\
                --output releases/hybrid --examples 6000
              llara-train hybrid …the same options… --part-minutes 80
              llara-train hybrid …the same options… --resume
              llara-train hybrid --release releases/recommender --data DIR --recipe llara \\
                --output releases/paper --examples 12800
              llara-train hybrid --release releases/recommender --data DIR \\
                --initial releases/hybrid --output releases/longer --examples 1000
            """)

    @Option(help: "Release folder of llara-train sequential.") var release: String
    @Option(help: "Folder of the data set that it was trained on.") var data: String
    @Option(help: "Its split; only compared with the release's.") var split: SplitRule?
    @Option(help: "GGUF file of the LLM as served; the prefix's SmolLM2 in Q8_0 by default.")
    var llm: String?
    @Option(help: "Hybrid release whose adapter and projector the run starts from.")
    var initial: String?
    @Option(help: "Release folder to write; it must not exist.") var output: String
    @Option(help: "Release name; the folder's by default.") var name: String?
    @Option(help: "Hyper-parameters: default, or llara for the paper's.")
    var recipe: RecipeName = .standard
    @Option(help: "curriculum, direct, two-stage or text.") var schedule: PromptSchedule?
    @Option(help: "answer (LLaRA's) or list.") var objective: HybridRecipe.Objective?
    @Option(help: "How much list also wants freely written text to be a candidate, 0 to 1.")
    var validityWeight: Double?
    @Option(help: "Share of list's goal that the recommender's scores have, 0 to 1.")
    var distillationWeight: Double?
    @Option(help: "prefixes (LLaRA's: all alike) or users (each once in a round).")
    var sampling: ExampleSampling?
    @Option(help: "What the hard prompts show: hybrid, behavioural, index or text.")
    var representation: Representation?
    @Option(help: "Examples of the whole run.") var examples: Int?
    @Option(help: "Examples of a batch.") var batch: Int?
    @Option(help: "Batches of an optimizer step.") var accumulate: Int?
    @Option(help: "Adam's learning rate of the adapter.") var learningRate: Double?
    @Option(help: "Adam's learning rate of the projector.") var projectorLearningRate: Double?
    @Option(help: "Share of the steps that warm up.") var warmUp: Double?
    @Option(help: "Candidates of an example, the target among them.") var candidates: Int?
    @Option(help: "random, hard (what the encoder retrieves), or mixed:SHARE of hard ones.")
    var negatives: NegativesOption?
    @Flag(inversion: .prefixedNo, help: "Whether the prompt holds the projected user state.")
    var userState: Bool?
    @Option(help: "What the frozen network computes in: bfloat16 or float32.")
    var type: NumberType = .bfloat16
    @Option(help: "cpu or cuda.") var device: DeviceName = .cpu
    @Option(help: "Threads of libtorch; the same number repeats the same bytes.")
    var threads: Int = 2
    @Option(help: "Seed of everything random.") var seed: UInt64 = 1
    @Option(help: "Folder for checkpoints; by default under ~/.cache/llara/training.")
    var checkpoints: String?
    @Option(help: "Steps between two checkpoints.") var checkpointEvery: Int = 10
    @Flag(help: "Go on after the last checkpoint.") var resume = false
    @Option(help: "Stop with a checkpoint after so many minutes; --resume goes on.")
    var partMinutes: Double?
    @Option(help: "JSON-lines log; OUTPUT.jsonl by default. The plot stands beside it.")
    var log: String?
    @Option(help: "Steps between two validations; by default a fifth of the run.")
    var validateEvery: Int?
    @Option(help: "Validation rows; 0 validates nothing.") var validationRows: Int = 64
    @Flag(help: "Store adapter and projector in half precision.") var halfPrecision = false
    @Flag(help: "Print one JSON object on standard output.") var json = false

    func validate() throws {
        func check(_ holds: Bool?, _ message: String) throws {
            if holds == false { throw ValidationError(message) }
        }
        try check(
            examples.map { (1...HybridLimits.examples).contains($0) },
            "--examples must be 1 to \(HybridLimits.examples)")
        try check(
            batch.map { (1...HybridLimits.batch).contains($0) },
            "--batch must be 1 to \(HybridLimits.batch); a larger step by --accumulate")
        try check(
            accumulate.map { (1...HybridLimits.accumulation).contains($0) },
            "--accumulate must be 1 to \(HybridLimits.accumulation)")
        for (name, rate) in [
            ("--learning-rate", learningRate), ("--projector-learning-rate", projectorLearningRate),
        ] {
            try check(rate.map { $0 > 0 && $0 < 1 }, "\(name) must be above 0 and below 1")
        }
        try check(
            validityWeight.map { (0...1).contains($0) }, "--validity-weight must be 0 to 1")
        try check(
            distillationWeight.map { (0...1).contains($0) },
            "--distillation-weight must be 0 to 1")
        try check(warmUp.map { (0...1).contains($0) }, "--warm-up must be 0 to 1")
        try check(
            candidates.map { (2...HybridLimits.candidates).contains($0) },
            "--candidates must be 2 to \(HybridLimits.candidates)")
        try check((1...1_024).contains(threads), "--threads must be 1 to 1024")
        try check(checkpointEvery >= 1, "--checkpoint-every must be at least 1")
        try check(validateEvery.map { $0 >= 1 }, "--validate-every must be at least 1")
        try check(partMinutes.map { $0 > 0 }, "--part-minutes must be above 0")
        try check(
            (0...HybridLimits.validationRows).contains(validationRows),
            "--validation-rows must be 0 to \(HybridLimits.validationRows)")
    }

    /// The recipe with what the options change, for a release of this domain.
    func hyperParameters(domain: String) throws -> HybridRecipe {
        var chosen = recipe == .standard ? HybridRecipe.standard : .llara(domain: domain)
        chosen.schedule = schedule ?? chosen.schedule
        chosen.objective = objective ?? chosen.objective
        chosen.validityWeight = validityWeight ?? chosen.validityWeight
        chosen.distillationWeight = distillationWeight ?? chosen.distillationWeight
        chosen.sampling = sampling ?? chosen.sampling
        chosen.representation = representation ?? chosen.representation
        if chosen.representation == .text { chosen.schedule = .text }
        chosen.examples = examples ?? chosen.examples
        chosen.batch = batch ?? chosen.batch
        chosen.accumulation = accumulate ?? chosen.accumulation
        chosen.learningRate = learningRate ?? chosen.learningRate
        chosen.projectorLearningRate = projectorLearningRate ?? chosen.projectorLearningRate
        chosen.warmUpShare = warmUp ?? chosen.warmUpShare
        chosen.candidates = candidates ?? chosen.candidates
        chosen.hardShare = negatives?.hardShare ?? chosen.hardShare
        guard chosen.batch * chosen.candidates <= HybridLimits.answers else {
            throw ValidationError(
                "--batch \(chosen.batch) of --candidates \(chosen.candidates) are more than "
                    + "\(HybridLimits.answers) answers, whose logits would not fit the memory; "
                    + "next: a smaller --batch with --accumulate")
        }
        chosen.hasUserState = (userState ?? chosen.hasUserState) && chosen.hasProjector
        guard chosen.steps >= 1 else {
            throw ValidationError(
                "--examples \(chosen.examples) make no step of \(chosen.batch) x "
                    + "\(chosen.accumulation) examples; next: more of them, or a smaller "
                    + "--batch or --accumulate")
        }
        return chosen
    }

    func run() throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw ValidationError("\(output) exists; next: remove it, or another --output")
        }
        StopRequest.listen()
        try HybridSession(self).run()
    }
}

/// Bounds of what can be asked of hybrid training.
enum HybridLimits {
    static let examples = 100_000_000
    static let batch = 256
    static let accumulation = 4_096
    /// A prompt shows no more; see `RecommendLimits`.
    static let candidates = 480
    static let validationRows = 100_000
    /// Of a batch; one takes some 7 x 49,152 logits.
    static let answers = 1_280
}
