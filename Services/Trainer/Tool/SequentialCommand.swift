public import ArgumentParser
import DataSets
import Domain
import Foundation
public import GGML
import Releases
import Torch
public import TrainingCore
import TrainingModels

extension SplitRule: ExpressibleByArgument {}

extension SequentialConfiguration.Architecture: ExpressibleByArgument {}

/// The named sets of hyper-parameters.
enum RecipeName: String, ExpressibleByArgument, CaseIterable {
    case standard = "default"
    case llara

    func recipe(_ model: SequentialConfiguration.Architecture) -> Recipe {
        self == .standard ? .standard(model) : .llara(model)
    }
}

/// `llara-train sequential`: from a data folder to a release folder.
struct SequentialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sequential",
        abstract: "Trains a sequential recommender and writes a release folder.",
        discussion: """
            The split decides what training sees and is recorded in the release; the evaluator \
            refuses a release that was trained under another split. Training stops when \
            validation has not improved for --patience epochs; the best epoch is released. \
            Progress goes to standard error, --json prints one object on standard output.

              llara-train sequential --data .prefix/data/movielens-100k --split users \\
                --output releases/movielens-100k
              llara-train sequential --data DIR --split leave-one-out --recipe llara \\
                --output releases/llara --epochs 50 --seed 7
              llara-train sequential …the same options… --resume
            """)

    /// Longest window.
    static let maximumWindow = 1_024

    @Option(help: "The network: sasrec, gru4rec or caser.")
    var model: SequentialConfiguration.Architecture = .sasrec
    @Option(help: "Data folder, of llara import dataset or in RecBole's format.") var data: String
    @Option(help: "users (LLaRA's), leave-one-out, or published: the parts the data comes with.")
    var split: SplitRule
    @Option(help: "Release folder to write; it must not exist.") var output: String
    @Option(help: "Release name; the folder's by default.") var name: String?
    @Option(help: "Hyper-parameters: default, or llara for the paper's.")
    var recipe: RecipeName = .standard
    @Option(help: "Seed of everything random.") var seed: UInt64 = 1
    @Option(help: "Most epochs.") var epochs: Int?
    @Option(help: "Epochs without improvement before it stops.") var patience: Int?
    @Option(help: "Probability of dropout.") var dropout: Double?
    @Option(help: "Adam's learning rate.") var learningRate: Double?
    @Option(help: "Weight decay, as Adam's L2 term.") var weightDecay: Double?
    @Option(help: "Share of windows cut short at random.") var shortening: Double?
    @Option(help: "Newest items that count.") var window: Int?
    @Option(help: "SASRec: factor of item rows at the input.") var embeddingScale: Double?
    @Option(help: "Standard deviation of the first weights.") var deviation: Double?
    @Option(help: "Label smoothing of the softmax.") var labelSmoothing: Double?
    @Option(help: "SASRec: number of blocks.") var blocks: Int?
    @Option(help: "SASRec: number of attention heads.") var heads: Int?
    @Option(help: "Windows of a batch.") var batch: Int?
    @Option(help: "Threads of libtorch; the same number repeats the same bytes.")
    var threads: Int = 2
    @Option(help: "Folder for checkpoints; by default under ~/.cache/llara/training.")
    var checkpoints: String?
    @Flag(help: "Go on after the last checkpoint.") var resume = false
    @Flag(help: "Store the item table in half precision.") var halfPrecision = false
    @Option(help: "GGUF file of the LLM that the release is for; SmolLM2-135M by default.")
    var llm: String?
    @Option(help: "Weight of the LLM's score in the answer.") var fusionLLM: Double = 0.1
    @Option(help: "Weight of the encoder's score in the answer.") var fusionSRS: Double = 1
    @Flag(help: "Print one JSON object on standard output.") var json = false

    func validate() throws {
        let shape = hyperParameters
        func check(_ holds: Bool, _ message: String) throws {
            if !holds { throw ValidationError(message) }
        }
        try check((1...10_000).contains(shape.epochs), "--epochs must be 1 to 10000")
        try check(shape.patience >= 1, "--patience must be at least 1")
        try check((0..<1).contains(shape.dropout), "--dropout must be at least 0 and below 1")
        try check(
            shape.learningRate > 0 && shape.learningRate < 1,
            "--learning-rate must be above 0 and below 1")
        try check((0...1).contains(shape.shortening), "--shortening must be 0 to 1")
        try check((0..<1).contains(shape.labelSmoothing), "--label-smoothing must be 0 up to 1")
        switch shape.network {
        case .sasrec(let sasrec):
            try check((1...32).contains(sasrec.blocks), "--blocks must be 1 to 32")
            try check(
                sasrec.heads >= 1 && shape.dimension.isMultiple(of: sasrec.heads),
                "--heads must divide \(shape.dimension)")
        case .gru4rec, .caser:
            try check(
                blocks == nil && heads == nil && embeddingScale == nil,
                "--blocks, --heads and --embedding-scale are SASRec's")
        }
        let least =
            if case .caser(let caser) = shape.network { caser.heights.max() ?? 1 } else { 1 }
        try check(
            (least...Self.maximumWindow).contains(shape.window),
            "--window must be \(least) to \(Self.maximumWindow)")
        try check((1...4_096).contains(shape.batch), "--batch must be 1 to 4096")
        try check((1...1_024).contains(threads), "--threads must be 1 to 1024")
    }

    var hyperParameters: Recipe {
        var chosen = recipe.recipe(model)
        chosen.epochs = epochs ?? chosen.epochs
        chosen.patience = patience ?? chosen.patience
        chosen.dropout = dropout ?? chosen.dropout
        chosen.learningRate = learningRate ?? chosen.learningRate
        chosen.weightDecay = weightDecay ?? chosen.weightDecay
        chosen.shortening = shortening ?? chosen.shortening
        chosen.window = window ?? chosen.window
        chosen.deviation = deviation ?? chosen.deviation
        chosen.labelSmoothing = labelSmoothing ?? chosen.labelSmoothing
        chosen.batch = batch ?? chosen.batch
        if case .sasrec(var sasrec) = chosen.network {
            sasrec.blocks = blocks ?? sasrec.blocks
            sasrec.heads = heads ?? sasrec.heads
            sasrec.embeddingScale = embeddingScale ?? sasrec.embeddingScale
            chosen.network = .sasrec(sasrec)
        }
        return chosen
    }

    func run() throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw ValidationError("\(output) exists; next: remove it, or another --output")
        }
        let library = try TorchLibrary()
        try library.setThreadCount(threads)
        let recipe = hyperParameters
        let data = try TrainingData(DataSet(directory: data, rule: split))
        let llm = try self.llm.map(LanguageModelOption.read) ?? LanguageModelOption.standard
        let training = try SequentialTraining(
            recipe: recipe, data: data, library: library, seed: seed)
        let folder = try checkpointFolder(data)
        let checkpoint = try Checkpoint(directory: folder)
        try checkpoint.require(resuming: resume)
        let splitFile = "\(folder)/split.tsv"
        try Data(data.dataSet.split.canonicalText).write(
            to: URL(fileURLWithPath: splitFile), options: .atomic)
        let splitSHA256 = try sha256(ofFile: splitFile)
        let identity = identity(recipe, splitSHA256, torch: library.version)
        if resume {
            try checkpoint.load(into: training, identity: identity, library: library)
        }
        try train(training, data, checkpoint, identity, library)
        let export = ReleaseExport(
            data: data, training: training, seed: seed, splitSHA256: splitSHA256)
        let metrics = try export.testMetrics()
        let release = try export.write(
            to: output, name: name ?? URL(fileURLWithPath: output).lastPathComponent, llm: llm,
            fusion: ReleaseManifest.Fusion(llm: fusionLLM, srs: fusionSRS),
            halfPrecision: halfPrecision, metrics: metrics)
        try checkpoint.remove()
        try report(release, metrics, try library.memory().residentPeak)
    }

    private func train(
        _ training: SequentialTraining, _ data: TrainingData, _ checkpoint: Checkpoint,
        _ identity: String, _ library: TorchLibrary
    ) throws {
        let recipe = training.recipe
        let display = ProgressDisplay(total: recipe.epochs, done: training.nextEpoch - 1)
        display.line(
            "training \(model.rawValue) on \(data.dataSet.name), split \(split.rawValue): "
                + "\(data.sequences.count) users, \(data.itemCount) items, "
                + "\(data.validation.count) validation rows; torch \(library.version), "
                + "\(threads) threads; checkpoints in \(checkpoint.path)")
        while !training.isFinished {
            let epoch = training.nextEpoch
            let progress = try training.runEpoch { done, count in
                // What the epoch gave follows its last batch.
                guard done < count else { return }
                display.update(
                    Double(epoch - 1) + Double(done) / Double(count),
                    "epoch \(epoch) of at most \(recipe.epochs)")
            }
            display.line(progress.line(of: recipe.epochs))
            try checkpoint.save(training, identity: identity)
        }
        try training.restoreBest()
    }

    /// What a checkpoint must agree with to be resumed; a longer run may go on from a shorter.
    func identity(_ recipe: Recipe, _ splitSHA256: [UInt8], torch: String) -> String {
        var record = recipe.record
        record["epochs"] = nil
        record["patience"] = nil
        let parts = record.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        // Another number of threads, or another torch, sums in another order.
        let run = [
            "seed=\(seed)", "split=\(splitSHA256.hexadecimal)", "threads=\(threads)",
            "torch=\(torch)",
        ]
        return (parts + run).joined(separator: " ")
    }

    private func checkpointFolder(_ data: TrainingData) throws -> String {
        if let checkpoints { return checkpoints }
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        let hash = String(data.dataSet.split.stableHash, radix: 16)
        return "\(cache)/llara/training/\(data.dataSet.name)-\(split.rawValue)-\(hash)-"
            + "\(model.rawValue)-\(recipe.rawValue)-\(seed)"
    }

    private func report(
        _ release: Release, _ metrics: [String: Double], _ peakBytes: Int
    ) throws {
        if json {
            let object: [String: Any] = [
                "release": release.directory, "split": split.rawValue, "metrics": metrics,
                "manifest_sha256": release.manifestSHA256.hexadecimal,
                "peak_memory_bytes": peakBytes,
            ]
            let encoded = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys])
            FileHandle.standardOutput.write(encoded + Data("\n".utf8))
            return
        }
        func value(_ key: String) -> String { ProgressDisplay.format(metrics[key] ?? 0, 4) }
        let listWise =
            metrics["test_hit_ratio_at_1"] == nil
            ? "no HitRatio@1, as a user leaves fewer than \(CandidateSets.listWiseNegatives) items"
            : "HitRatio@1 \(value("test_hit_ratio_at_1")) [\(value("test_hit_ratio_at_1_low")), "
                + "\(value("test_hit_ratio_at_1_high"))] with "
                + "\(CandidateSets.listWiseNegatives) random negatives"
        let text = """
            wrote \(release.directory)
            test: \(Int(metrics["test_users"] ?? 0)) users, \(listWise); \
            full ranking NDCG@10 \(value("test_full_ndcg_at_10"))
            peak memory \(peakBytes >> 20) MiB

            """
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
