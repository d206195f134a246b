import Domain
import GGML
import TestSupport
import Testing
import Torch
import TrainingCore

@testable import TrainingModels

@Suite("SASRec for training")
struct SASRecModelTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    /// A network with every part in use: norms and biases too are moved away from 1 and 0.
    private func model(
        _ variant: SASRecShape.Variant, tied: Bool, heads: Int = 2, scale: Double = 1
    ) throws -> SASRecModel {
        try TorchSerial.run {
            try library.setSeed(3)
            let model = try SASRecModel(
                SASRecShape(
                    itemCount: 40, dimension: 16, window: 8, blocks: 2, heads: heads,
                    feedForward: 24, variant: variant,
                    activation: variant == .preNorm ? .gelu : .relu, epsilon: 1e-5,
                    embeddingScale: scale, tiedOutput: tied),
                library: library, deviation: 0.3)
            for named in model.parameters.all {
                let shape = try named.tensor.shape()
                try named.tensor.assign(
                    named.tensor + library.normal(deviation: 0.1, shape: shape))
            }
            return model
        }
    }

    private let histories = [[5], [1, 2, 3], [7, 7, 8, 9, 1, 0, 39, 12], Array(10..<25)]

    @Test(
        "the trained forward equals the served one within 1e-4",
        arguments: [
            (SASRecShape.Variant.preNorm, true, 2, 1.0), (.preNorm, false, 1, 4.0),
            (.original, true, 1, 1.0), (.original, false, 2, 4.0),
        ])
    func served(
        _ variant: SASRecShape.Variant, _ tied: Bool, _ heads: Int, _ scale: Double
    ) throws {
        let model = try model(variant, tied: tied, heads: heads, scale: scale)
        let folder = try ScratchFolder()
        let path = "\(folder.path)/encoder.gguf"
        try model.write(to: path, halfPrecision: false)
        let encoder = try SequentialEncoder(path: path)
        #expect(encoder.itemCount == 40 && encoder.dimension == 16 && encoder.window == 8)
        let batch = SequenceBatch(histories: histories[...], window: 8)
        let states = try model.lastStates(batch)
        let trainedScores = try model.scores(states).floats()
        let trained = try states.floats()
        let served = try encoder.encode(sequences: histories)
        let worst = zip(trained, served.values).map { abs($0 - $1) }.max() ?? .infinity
        #expect(trained.count == served.values.count)
        #expect(worst < 1e-4)
        for row in histories.indices {
            let scores = try encoder.scores(state: served.row(row), items: Array(0..<40))
            let own = trainedScores[row * 40..<(row + 1) * 40]
            #expect((zip(own, scores).map { abs($0 - $1) }.max() ?? .infinity) < 1e-3)
        }
    }

    @Test("a history's state does not depend on what stands beside it in the batch")
    func padding() throws {
        for variant in [SASRecShape.Variant.preNorm, .original] {
            let model = try model(variant, tied: true)
            let together = try model.lastStates(
                SequenceBatch(histories: histories[...], window: 8)
            ).floats()
            for (row, history) in histories.enumerated() {
                let alone = try model.lastStates(
                    SequenceBatch(histories: [history][...], window: 8)
                ).floats()
                let worst = zip(alone, together[row * 16..<(row + 1) * 16])
                    .map { abs($0 - $1) }.max()
                #expect((worst ?? 1) < 1e-5)
            }
        }
    }

    @Test("gradients agree with finite differences in every parameter")
    func gradients() throws {
        for variant in [SASRecShape.Variant.preNorm, .original] {
            let model = try model(variant, tied: false)
            let windows = [
                TrainingWindow(sequence: 0, start: 0, end: 4),
                TrainingWindow(sequence: 1, start: 0, end: 2),
            ]
            let batch = SequenceBatch(
                windows[...], of: [[1, 2, 3, 4, 5], [6, 7, 8]], lastOnly: false)
            func loss() throws -> Tensor {
                let states = try model.states(batch, dropout: 0)
                    .reshaped([batch.rows * batch.columns, 16])
                return try model.scores(states).crossEntropy(
                    targets: library.indices(
                        batch.targets, shape: [batch.rows * batch.columns]))
            }
            try loss().backward()
            for named in model.parameters.all {
                let gradient = try #require(try named.tensor.gradient()).floats()
                // The element with the greatest gradient tells most above float32's noise.
                let place = try #require(
                    gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
                let values = try named.tensor.floats()
                let shape = try named.tensor.shape()
                func moved(_ by: Float) throws -> Double {
                    var changed = values
                    changed[place] += by
                    try named.tensor.assign(library.tensor(changed, shape: shape))
                    return Double(try loss().item())
                }
                let step: Float = 5e-3
                let difference = try (moved(step) - moved(-step)) / Double(2 * step)
                try named.tensor.assign(library.tensor(values, shape: shape))
                #expect(
                    abs(difference - Double(gradient[place]))
                        < 2e-3 + 0.03 * abs(difference), "\(named.name)")
            }
        }
    }
}
