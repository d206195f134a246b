import Domain
import Foundation
import GGML
import Releases
import TestSupport
import Testing
import Torch
import TrainingCore
import TrainingModels

@testable import llara_train

@Suite("Sequential training")
struct SequentialTrainingTests {
    private let library: TorchLibrary
    private let folder: ScratchFolder

    init() throws {
        library = try TorchLibrary()
        folder = try ScratchFolder()
    }

    static let models = SequentialConfiguration.Architecture.allCases

    private func recipe(
        _ model: SequentialConfiguration.Architecture, _ change: (inout Recipe) -> Void
    ) -> Recipe {
        var recipe = Recipe.standard(model)
        recipe.window = 8
        recipe.dimension = 16
        recipe.learningRate = 1e-2
        recipe.batch = 8
        recipe.dropout = 0.1
        change(&recipe)
        return recipe
    }

    private func training(
        _ model: SequentialConfiguration.Architecture = .sasrec, seed: UInt64 = 1,
        _ change: (inout Recipe) -> Void = { _ in }
    ) throws -> SequentialTraining {
        try SequentialTraining(
            recipe: recipe(model, change), data: TrainingData(TinyData.dataSet(items: 30)),
            library: library, seed: seed)
    }

    @Test("training learns what follows what, and keeps the best epoch", arguments: models)
    func learns(_ model: SequentialConfiguration.Architecture) throws {
        try TorchSerial.run {
            let training = try training(model)
            var progress = try training.runEpoch { _, _ in }
            let first = progress
            while training.nextEpoch <= 30 { progress = try training.runEpoch { _, _ in } }
            #expect(progress.loss < first.loss / 2)
            #expect(progress.best > 0.6)
            #expect(progress.bestEpoch >= 1)
            let last = try training.weights()
            try training.restoreBest()
            #expect(try training.weights() == training.bestWeights)
            if training.bestEpoch == 30 { #expect(last == training.bestWeights) }
        }
    }

    @Test("it stops at the last epoch, or when validation has not improved for long enough")
    func stops() throws {
        try TorchSerial.run {
            let short = try training { $0.epochs = 2 }
            for _ in 0..<2 {
                #expect(!short.isFinished)
                _ = try short.runEpoch { _, _ in }
            }
            #expect(short.isFinished)
            let patient = try training {
                $0.learningRate = 1e-12
                $0.patience = 3
            }
            while !patient.isFinished { _ = try patient.runEpoch { _, _ in } }
            #expect(patient.nextEpoch - 1 <= patient.bestEpoch + 3)
        }
    }

    @Test(
        "a run resumed after an epoch ends with the same weights as one that never stopped",
        arguments: models)
    func resumes(_ model: SequentialConfiguration.Architecture) throws {
        try TorchSerial.run {
            let checkpoint = try Checkpoint(directory: folder.path)
            #expect(!checkpoint.exists)
            let whole = try training(model, seed: 4)
            for _ in 0..<2 { _ = try whole.runEpoch { _, _ in } }
            try checkpoint.save(whole, identity: "run")
            for _ in 0..<2 { _ = try whole.runEpoch { _, _ in } }
            let resumed = try training(model, seed: 4)
            try checkpoint.load(into: resumed, identity: "run", library: library)
            #expect(resumed.nextEpoch == 3)
            for _ in 0..<2 { _ = try resumed.runEpoch { _, _ in } }
            #expect(try resumed.weights() == whole.weights())
            #expect(resumed.best == whole.best && resumed.bestWeights == whole.bestWeights)
        }
    }

    @Test("the same seed gives the same weights, another seed others")
    func seeded() throws {
        try TorchSerial.run {
            let runs = try [2, 2, 3].map { (seed: UInt64) in
                let training = try training(seed: seed)
                _ = try training.runEpoch { _, _ in }
                return try training.weights()
            }
            #expect(runs[0] == runs[1])
            #expect(runs[0] != runs[2])
        }
    }

    @Test("a checkpoint of another run, or one that is cut off, is refused")
    func otherCheckpoint() throws {
        try TorchSerial.run {
            let checkpoint = try Checkpoint(directory: folder.path)
            let run = try training()
            _ = try run.runEpoch { _, _ in }
            try checkpoint.save(run, identity: "one")
            let error = #expect(throws: TrainingFailure.self) {
                try checkpoint.load(into: run, identity: "two", library: library)
            }
            #expect(error?.description.contains("without --resume") == true)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: checkpoint.path))
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: checkpoint.path))
            #expect(throws: (any Error).self) {
                try checkpoint.load(into: run, identity: "one", library: library)
            }
        }
    }

    @Test("a loss that is not a number stops the run and names epoch and batch")
    func notANumber() throws {
        try TorchSerial.run {
            let run = try training()
            let table = try #require(run.model.parameters["item_embd.weight"])
            try table.assign(library.full(.nan, shape: table.shape()))
            let error = #expect(throws: TrainingFailure.self) {
                try run.runEpoch { _, _ in }
            }
            #expect(error?.description.hasPrefix("the loss of epoch 1, batch 1 is") == true)
        }
    }

    @Test("a gradient that is not a number stops the run before it touches the weights")
    func gradientNotANumber() throws {
        try TorchSerial.run {
            // Small rows times great states are ordinary scores, of gradients beyond a float.
            let run = try training { $0.dropout = 0 }
            for (name, value) in [("item_embd.weight", 1e-25), ("output_norm.weight", 1e25)] {
                let tensor = try #require(run.model.parameters[name])
                try tensor.assign(library.full(value, shape: tensor.shape()))
            }
            let moved = try run.weights()
            let error = #expect(throws: TrainingFailure.self) { try run.runEpoch { _, _ in } }
            #expect(error?.description.hasPrefix("the gradient's norm of epoch 1, batch 1") == true)
            #expect(try run.weights() == moved)
        }
    }

    @Test("scores that are not finite rank nothing: the run stops and the best epoch stays")
    func scoresNotFinite() throws {
        try TorchSerial.run {
            let run = try training()
            _ = try run.runEpoch { _, _ in }
            let (best, epoch) = (run.best, run.bestEpoch)
            let table = try #require(run.model.parameters["item_embd.weight"])
            try table.assign(library.full(.nan, shape: table.shape()))
            let rows = try TrainingData(TinyData.dataSet(items: 30)).validation
            let error = #expect(throws: TrainingFailure.self) { try run.ranks(rows) }
            #expect(error?.description.hasPrefix("a score after epoch") == true)
            #expect(run.best == best && run.bestEpoch == epoch && run.nextEpoch == 2)
        }
    }

    @Test("a checkpoint is not written over, one that is missing not resumed, and may be removed")
    func checkpointInTheWay() throws {
        try TorchSerial.run {
            let checkpoint = try Checkpoint(directory: folder.path)
            try checkpoint.require(resuming: false)
            #expect(throws: TrainingFailure.self) { try checkpoint.require(resuming: true) }
            try checkpoint.save(try training(), identity: "run")
            try checkpoint.require(resuming: true)
            let error = #expect(throws: TrainingFailure.self) {
                try checkpoint.require(resuming: false)
            }
            #expect(error?.description.contains("--resume, or remove it") == true)
            try checkpoint.remove()
            try checkpoint.require(resuming: false)
        }
    }

    @Test("a catalog too small for 19 negatives still has its release, without that measure")
    func smallCatalog() throws {
        try TorchSerial.run {
            let data = try TrainingData(TinyData.dataSet(items: 15))
            let run = try SequentialTraining(
                recipe: recipe(.sasrec) { $0.epochs = 10 }, data: data, library: library, seed: 1)
            while !run.isFinished { _ = try run.runEpoch { _, _ in } }
            #expect(run.best > 0)
            let metrics = try ReleaseExport(
                data: data, training: run, seed: 1, splitSHA256: [UInt8](repeating: 7, count: 32)
            ).testMetrics()
            #expect(metrics["test_hit_ratio_at_1"] == nil)
            #expect(metrics["test_users"] == 20 && metrics["test_full_ndcg_at_10"] != nil)
        }
    }

    @Test(
        "a finished run becomes a release that opens and scores as the training did",
        arguments: models)
    func release(_ model: SequentialConfiguration.Architecture) throws {
        try TorchSerial.run {
            let run = try training(model)
            for _ in 0..<3 { _ = try run.runEpoch { _, _ in } }
            try run.restoreBest()
            let data = try TrainingData(TinyData.dataSet(items: 30))
            let export = ReleaseExport(
                data: data, training: run, seed: 1, splitSHA256: [UInt8](repeating: 7, count: 32))
            let metrics = try export.testMetrics()
            #expect(metrics["test_users"] == 20)
            let hit = try #require(metrics["test_hit_ratio_at_1"])
            #expect((metrics["test_hit_ratio_at_1_low"] ?? 2) <= hit)
            #expect((metrics["test_hit_ratio_at_1_high"] ?? -1) >= hit)
            let release = try export.write(
                to: "\(folder.path)/tiny", name: "tiny", llm: LanguageModelOption.standard,
                fusion: .init(llm: 0.1, srs: 1), halfPrecision: false, metrics: metrics)
            #expect(release.manifest.training.split == "leave-one-out")
            #expect(release.manifest.encoder.model == model.rawValue)
            #expect(release.manifest.llm.sha256.count == 32)
            #expect(release.vocabulary.ids == (0..<30).map { "i\($0)" })
            let encoder = try SequentialEncoder(path: release.path(of: "encoder.gguf"))
            let state = try encoder.encode(sequences: [[1, 2, 3]])
            let served = try encoder.scores(state: state.row(0), items: Array(0..<30))
            let trained = try run.withoutGradients { try run.scores([[1, 2, 3]]) }
            #expect((zip(served, trained).map { abs($0 - $1) }.max() ?? 1) < 1e-4)
        }
    }

    @Test("too little data to train or validate on is refused")
    func tooLittle() {
        #expect(throws: DataError.self) {
            try TrainingData(TinyData.dataSet(users: 3, length: 1))
        }
    }

    @Test("a tiny network overfits one batch under both recipes", arguments: models)
    func overfits(_ model: SequentialConfiguration.Architecture) throws {
        for var recipe in [Recipe.standard(model), Recipe.llara(model)] {
            recipe.dropout = 0
            recipe.window = 8
            recipe.dimension = 16
            recipe.learningRate = 1e-2
            let data = try TrainingData(TinyData.dataSet())
            try TorchSerial.run {
                let training = try SequentialTraining(
                    recipe: recipe, data: data, library: library, seed: 5)
                let windows = (0..<6).map { TrainingWindow(sequence: $0, start: 0, end: 6) }
                let batch = SequenceBatch(
                    windows[...], of: data.sequences,
                    lastOnly: recipe.objective != .softmax)
                var last: Float = .infinity
                for _ in 0..<150 {
                    // The same negatives each time: one batch, not one distribution.
                    var generator = SeededGenerator(seed: 1)
                    let loss = try training.loss(batch, &generator)
                    try training.optimizer.clearGradients()
                    try loss.backward()
                    try training.optimizer.step()
                    last = try loss.item()
                }
                #expect(last < 0.05, "\(recipe.name)")
            }
        }
    }
}
