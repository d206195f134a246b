import Domain
import Foundation
import Releases
import TrainingModels

/// Writes the release folder of a finished run: the recommender's files as they are, projector and
/// adapter as trained.
struct HybridExport {
    let inputs: HybridInputs
    let training: HybridTraining
    let llm: ReleaseManifest.LanguageModel
    let log: TrainingLog
    /// What else the record keeps of how it was trained.
    let circumstances: [String: String]

    /// Writes the folder; it appears complete or not at all.
    func write(to destination: String, name: String, halfPrecision: Bool) throws -> Release {
        let source = inputs.release
        let manifest = source.manifest
        let writer = try ReleaseWriter(destination: destination)
        do {
            for file in [manifest.encoder.file, manifest.vocabulary.file] {
                try FileManager.default.copyItem(
                    atPath: source.path(of: file), toPath: writer.path(of: file))
            }
            try training.adapter.write(
                to: writer.path(of: "adapter.gguf"), halfPrecision: halfPrecision)
            try training.projector?.write(
                to: writer.path(of: "projector.gguf"), halfPrecision: halfPrecision)
            return try writer.finish(
                ReleaseManifest(
                    name: name, representation: training.recipe.servedRepresentation,
                    domain: manifest.domain, encoder: manifest.encoder,
                    projector: training.projector.map {
                        .init(input: $0.input, hidden: $0.hidden, output: $0.output)
                    }, llm: llm, adapters: [.init(name: ReleaseManifest.Adapter.defaultName)],
                    vocabulary: manifest.vocabulary,
                    prompt: training.recipe.hasUserState ? .init(userState: true) : nil,
                    fusion: manifest.fusion,
                    training: record(halfPrecision: halfPrecision)))
        } catch {
            writer.abandon()
            throw error
        }
    }

    private func record(halfPrecision: Bool) -> ReleaseManifest.TrainingRecord {
        let manifest = inputs.release.manifest
        var recipe = training.recipe.record.merging(circumstances) { own, _ in own }
        recipe["weights"] = halfPrecision ? "f16" : "f32"
        for (key, value) in manifest.training.recipe { recipe["encoder_\(key)"] = value }
        recipe["encoder_seed"] = "\(manifest.training.seed)"
        var metrics = measured
        for (key, value) in manifest.training.metrics { metrics["encoder_\(key)"] = value }
        return .init(
            dataset: manifest.training.dataset, split: manifest.training.split,
            splitSHA256: inputs.splitSHA256, seed: training.seed, recipe: recipe,
            metrics: metrics, created: ISO8601DateFormatter().string(from: Date()))
    }

    /// What the run took and gave.
    var measured: [String: Double] {
        let entries = log.entries
        let seconds = entries.reduce(0) { $0 + $1.seconds }
        var metrics = [
            "train_steps": Double(training.step),
            "train_examples": Double(training.step * training.recipe.examplesPerStep),
            "train_seconds": seconds,
            "train_tokens_per_second": Double(entries.reduce(0) { $0 + $1.tokens })
                / max(seconds, .leastNonzeroMagnitude),
            "train_peak_bytes": Double(entries.map(\.peakBytes).max() ?? 0),
            "train_hybrid_share": entries.last?.hybridShare ?? 0,
        ]
        if let best = training.best {
            metrics["validation_rows"] = Double(best.rows)
            metrics["validation_best_step"] = Double(best.step)
            metrics["validation_hit_ratio_at_1"] = best.hitRatio
            metrics["validation_loss"] = best.loss
        }
        return metrics
    }
}
