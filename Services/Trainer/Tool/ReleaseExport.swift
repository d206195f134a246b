import Domain
import Foundation
import GGML
import Releases
import Torch
import TrainingCore
import TrainingModels

/// Writes a release folder from a finished run.
struct ReleaseExport {
    let data: TrainingData
    let training: SequentialTraining
    let seed: UInt64
    let splitSHA256: [UInt8]

    /// The full ranking of test rows and, where every user leaves 19 items unseen, HitRatio@1 against
    /// 19 random negatives with its interval, for the training record.
    func testMetrics() throws -> [String: Double] {
        let rows = data.dataSet.split.test.compactMap { data.row($0) }
        let full = try training.ranks(rows).map(\.rank)
        return try listWiseMetrics(rows).merging([
            "test_users": Double(rows.count),
            "test_full_hit_ratio_at_10": RankingMetrics.mean(
                RankingMetrics.hits(full, cutoff: 10)),
            "test_full_ndcg_at_10": RankingMetrics.mean(RankingMetrics.gains(full, cutoff: 10)),
            "validation_expected_hit_ratio_at_1": training.best,
            "validation_rows": Double(data.validation.count),
            "best_epoch": Double(training.bestEpoch),
        ]) { $1 }
    }

    /// Empty where a user leaves too few items: a small catalog is no reason to lose the training.
    private func listWiseMetrics(_ rows: [TrainingData.Row]) throws -> [String: Double] {
        let dataSet = data.dataSet
        let drawn = try? CandidateSets(
            drawing: CandidateSets.listWiseNegatives, for: dataSet.split.test,
            catalog: dataSet.items.map(\.id), seen: dataSet.seen,
            split: String(dataSet.split.stableHash, radix: 16), seed: seed)
        guard let sets = drawn else { return [:] }
        let count = data.itemCount
        let ranks = try training.withoutGradients {
            let scores = try rows.map { try training.scores([$0.history]) }
            return try sets.ranks { (row, set) throws in
                guard scores[row].count == count else {
                    throw TrainingFailure(description: "a row has no score for each item")
                }
                return set.candidates.map { Double(scores[row][dataSet.position(of: $0) ?? 0]) }
            }
        }
        let hit = BootstrapInterval(RankingMetrics.hits(ranks, cutoff: 1), seed: seed)
        return [
            "test_hit_ratio_at_1": hit.mean,
            "test_hit_ratio_at_1_low": hit.low, "test_hit_ratio_at_1_high": hit.high,
            "test_negatives": Double(sets.negatives),
        ]
    }

    /// Writes the folder; it appears complete or not at all.
    func write(
        to destination: String, name: String, llm: ReleaseManifest.LanguageModel,
        fusion: ReleaseManifest.Fusion, halfPrecision: Bool, metrics: [String: Double]
    ) throws -> Release {
        let recipe = training.recipe
        let dataSet = data.dataSet
        var record = recipe.record
        record["item_table"] = halfPrecision ? "f16" : "f32"
        let count = data.itemCount
        let writer = try ReleaseWriter(destination: destination)
        do {
            try training.model.write(
                to: writer.path(of: "encoder.gguf"), halfPrecision: halfPrecision)
            try writer.write(
                ItemVocabulary(
                    ids: dataSet.items.map(\.id),
                    titleHashes: dataSet.items.map { ItemVocabulary.titleHash(of: $0.title) }))
            return try writer.finish(
                ReleaseManifest(
                    name: name, representation: .text, domain: dataSet.domain,
                    encoder: .init(
                        model: recipe.network.architecture.rawValue, dimension: recipe.dimension,
                        window: recipe.window,
                        itemCount: count),
                    llm: llm, vocabulary: .init(itemCount: count), fusion: fusion,
                    training: .init(
                        dataset: dataSet.name, split: dataSet.split.rule.rawValue,
                        splitSHA256: splitSHA256, seed: seed, recipe: record, metrics: metrics,
                        created: ISO8601DateFormatter().string(from: Date()))))
        } catch {
            writer.abandon()
            throw error
        }
    }
}
