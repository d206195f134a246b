import Domain
import Torch
import TrainingCore
import TrainingModels

/// Why training stopped short.
struct TrainingFailure: Error, CustomStringConvertible {
    let description: String
}

/// One training run: epochs of seeded batches, validation after each, the best weights kept.
///
/// Everything random of an epoch follows from the seed and the epoch's number, so a run that resumes
/// after an epoch goes on as if it had never stopped.
final class SequentialTraining {
    /// What is known after an epoch.
    struct Progress: Sendable {
        var epoch: Int
        var loss: Double
        /// Expected HitRatio@1 against 19 random unseen items, over the validation rows.
        var validation: Double
        var best: Double
        var bestEpoch: Int

        /// What a person reads after the epoch.
        func line(of epochs: Int) -> String {
            func figure(_ value: Double) -> String { ProgressDisplay.format(value, 4) }
            return "epoch \(epoch)/\(epochs)  loss \(figure(loss))  "
                + "validation \(figure(validation))  best \(figure(best)) at \(bestEpoch)"
        }
    }

    let recipe: Recipe
    let model: any SequentialModel
    let optimizer: Adam
    /// The epoch that comes next, from 1.
    private(set) var nextEpoch = 1
    private(set) var best = -1.0
    private(set) var bestEpoch = 0
    /// The weights of the best epoch by name.
    private(set) var bestWeights: [String: [Float]] = [:]
    private let data: TrainingData
    fileprivate let library: TorchLibrary
    private let seed: UInt64

    init(recipe: Recipe, data: TrainingData, library: TorchLibrary, seed: UInt64) throws {
        self.recipe = recipe
        self.data = data
        self.library = library
        self.seed = seed
        try library.setSeed(SeededGenerator(seed: seed, parts: ["weights"]).state)
        model = try recipe.shape(itemCount: data.itemCount)
            .makeModel(library: library, deviation: recipe.deviation)
        optimizer = try Adam(library: library)
        try optimizer.addGroup(
            model.parameters.tensors, learningRate: recipe.learningRate,
            weightDecay: recipe.weightDecay)
    }

    /// Whether the last epoch was reached or validation has not improved for `patience` epochs.
    var isFinished: Bool {
        nextEpoch > recipe.epochs || nextEpoch - 1 - bestEpoch >= recipe.patience
    }

    /// Trains one epoch and validates; `onBatch` hears (batches done, batches).
    func runEpoch(_ onBatch: (Int, Int) -> Void) throws -> Progress {
        let epoch = nextEpoch
        var generator = SeededGenerator(seed: seed, parts: ["epoch", "\(epoch)"])
        try library.setSeed(generator.next())
        let windows = epochWindows(&generator)
        let starts = Array(stride(from: 0, to: windows.count, by: recipe.batch))
        var sum = 0.0
        for (number, start) in starts.enumerated() {
            let batch = SequenceBatch(
                windows[start..<min(start + recipe.batch, windows.count)], of: data.sequences,
                lastOnly: recipe.objective != .softmax)
            let loss = try self.loss(batch, &generator)
            let value = Double(try loss.item())
            let place = "of epoch \(epoch), batch \(number + 1)"
            try Self.require(value, "the loss \(place)")
            try optimizer.clearGradients()
            try loss.backward()
            // Weights are not touched by a gradient that is not a number.
            let norm = try model.parameters.clipGradientNorm(.infinity)
            try Self.require(norm, "the gradient's norm \(place)")
            try optimizer.step()
            sum += value
            onBatch(number + 1, starts.count)
        }
        let validation = try validate()
        if validation > best {
            best = validation
            bestEpoch = epoch
            bestWeights = try weights()
        }
        nextEpoch += 1
        return Progress(
            epoch: epoch, loss: sum / Double(max(1, starts.count)), validation: validation,
            best: best, bestEpoch: bestEpoch)
    }

    private static func require(_ value: Double, _ name: String) throws {
        guard value.isFinite else {
            throw TrainingFailure(
                description: "\(name) is \(value); the checkpoint of the epoch before is kept; "
                    + "next: remove it and start with a lower --learning-rate")
        }
    }

    /// Puts the best epoch's weights into the model.
    func restoreBest() throws {
        for named in model.parameters.all {
            guard let values = bestWeights[named.name] else { continue }
            try named.tensor.assign(library.tensor(values, shape: named.tensor.shape()))
        }
    }

    /// The current weights by name.
    func weights() throws -> [String: [Float]] {
        var result: [String: [Float]] = [:]
        for named in model.parameters.all { result[named.name] = try named.tensor.floats() }
        return result
    }

    /// Goes on after `epoch` of an earlier run.
    func resume(after epoch: Int, best: Double, bestEpoch: Int, bestWeights: [String: [Float]]) {
        nextEpoch = epoch + 1
        self.best = best
        self.bestEpoch = bestEpoch
        self.bestWeights = bestWeights
    }

    private func epochWindows(_ generator: inout SeededGenerator) -> [TrainingWindow] {
        let lengths = data.sequences.map(\.count)
        switch recipe.objective {
        case .softmax:
            return TrainingWindows.covering(
                lengths: lengths, window: recipe.window, shortening: recipe.shortening,
                generator: &generator)
        case .lastSoftmax:
            return TrainingWindows.prefixes(
                lengths: lengths, window: recipe.window, minimum: 1, generator: &generator)
        case .oneNegative:
            return TrainingWindows.prefixes(
                lengths: lengths, window: recipe.window, minimum: 3, generator: &generator)
        }
    }

    /// The batch's loss; exposed so that a test can overfit one batch.
    func loss(_ batch: SequenceBatch, _ generator: inout SeededGenerator) throws -> Tensor {
        // Only places with a target reach the output layer, the costly part.
        let places = batch.targetPlaces
        let targets = places.map { batch.targets[$0] }
        let states = try model.states(batch, at: places, dropout: recipe.dropout)
        switch recipe.objective {
        case .softmax, .lastSoftmax:
            return try model.scores(states).crossEntropy(
                targets: library.indices(targets, shape: [targets.count]),
                labelSmoothing: recipe.labelSmoothing)
        case .oneNegative:
            let pairs = targets.flatMap { target -> [Int] in
                let drawn = generator.below(data.itemCount - 1)
                return [target, drawn < target ? drawn : drawn + 1]
            }
            let scores = try model.scores(states).gathering(
                library.indices(pairs, shape: [batch.rows, 2]), dimension: 1)
            let wanted = [[Float]](repeating: [1, 0], count: batch.rows).flatMap { $0 }
            // The reference adds both terms; the mean over pairs is half of that.
            return try scores.binaryCrossEntropy(
                targets: library.tensor(wanted, shape: [batch.rows, 2])) * 2
        }
    }

    private func validate() throws -> Double {
        let hits = try ranks(data.validation).map { rank, rivals in
            // A catalog of fewer rivals has all of them as negatives.
            RankingMetrics.expectedHit(
                rank: rank, rivals: rivals, negatives: min(CandidateSets.listWiseNegatives, rivals))
        }
        return RankingMetrics.mean(hits)
    }

    /// Each target's rank among the items outside its row's history, and how many those are.
    ///
    /// - Throws: ``TrainingFailure`` when a score is not finite, which could outrank nothing.
    func ranks(_ rows: [TrainingData.Row]) throws -> [(rank: Int, rivals: Int)] {
        var result: [(rank: Int, rivals: Int)] = []
        let count = data.itemCount
        try library.withoutGradients {
            for start in stride(from: 0, to: rows.count, by: 256) {
                let part = rows[start..<min(start + 256, rows.count)]
                let scores = try self.scores(part.map(\.history))
                for (offset, row) in part.enumerated() {
                    let own = scores[offset * count..<(offset + 1) * count]
                    let bar = own[own.startIndex + row.target]
                    if let wrong = own.first(where: { !$0.isFinite }) {
                        try Self.require(Double(wrong), "a score after epoch \(nextEpoch)")
                    }
                    var above = 0
                    for (item, score) in own.enumerated()
                    where !(score < bar) && item != row.target && !row.seen.contains(item) {
                        // An equal score counts against the target: ties must not flatter.
                        above += 1
                    }
                    let excluded = row.seen.subtracting([row.target]).count
                    result.append((above + 1, count - 1 - excluded))
                }
            }
        }
        return result
    }

    /// Every item's score for each history, row after row.
    func scores(_ histories: [[Int]]) throws -> [Float] {
        let batch = SequenceBatch(histories: histories[...], window: recipe.window)
        return try model.scores(model.lastStates(batch)).floats()
    }
}

extension SequentialTraining {
    /// Runs `body` without recording for gradients.
    func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
        try library.withoutGradients(body)
    }
}
