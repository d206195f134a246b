import Domain
import GGML
import TestSupport
import Testing
import Torch
import TrainingCore

@testable import TrainingModels

@Suite("Sequential recommenders for training")
struct SequentialModelTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    /// Every design in the forms that its file knows.
    static let networks: [(SequentialShape.Network, tied: Bool)] = [
        (sasrec(.preNorm, heads: 2, scale: 1), true),
        (sasrec(.preNorm, heads: 1, scale: 4), false),
        (sasrec(.original, heads: 1, scale: 1), true),
        (sasrec(.original, heads: 2, scale: 4), false),
        (.gru4rec, true), (.gru4rec, false),
        (.caser(CaserShape(heights: [2, 3, 4], filterCount: 5, hasLastLayer: true)), true),
        (.caser(CaserShape(heights: [1, 8], filterCount: 3, hasLastLayer: false)), false),
    ]

    private static func sasrec(
        _ variant: SASRecShape.Variant, heads: Int, scale: Double
    ) -> SequentialShape.Network {
        .sasrec(
            SASRecShape(
                blocks: 2, heads: heads, feedForward: 24, variant: variant,
                activation: variant == .preNorm ? .gelu : .relu, embeddingScale: scale))
    }

    /// A network with every part in use: norms and biases too are moved away from 1 and 0.
    private func model(
        _ network: SequentialShape.Network, tied: Bool
    ) throws -> any SequentialModel {
        try TorchSerial.run {
            try library.setSeed(3)
            let shape = SequentialShape(
                itemCount: 40, dimension: 16, window: 8, tiedOutput: tied, network: network)
            let model = try shape.makeModel(library: library, deviation: 0.3)
            for named in model.parameters.all {
                try named.tensor.assign(
                    named.tensor
                        + library.normal(deviation: 0.1, shape: named.tensor.shape()))
            }
            return model
        }
    }

    private let histories = [[5], [1, 2, 3], [7, 7, 8, 9, 1, 0, 39, 12], Array(10..<25)]

    @Test("the trained forward equals the served one within 1e-4", arguments: networks)
    func served(_ network: SequentialShape.Network, _ tied: Bool) throws {
        let model = try model(network, tied: tied)
        let folder = try ScratchFolder()
        let path = "\(folder.path)/encoder.gguf"
        try model.write(to: path, halfPrecision: false)
        let encoder = try SequentialEncoder(path: path)
        #expect(encoder.itemCount == 40 && encoder.dimension == 16 && encoder.window == 8)
        #expect(encoder.stateDimension == model.shape.stateDimension)
        let states = try model.lastStates(SequenceBatch(histories: histories[...], window: 8))
        let trainedScores = try model.scores(states).floats()
        let trained = try states.floats()
        let served = try encoder.encode(sequences: histories)
        #expect(trained.count == served.values.count)
        #expect((zip(trained, served.values).map { abs($0 - $1) }.max() ?? .infinity) < 1e-4)
        for row in histories.indices {
            let scores = try encoder.scores(state: served.row(row), items: Array(0..<40))
            let own = trainedScores[row * 40..<(row + 1) * 40]
            #expect((zip(own, scores).map { abs($0 - $1) }.max() ?? .infinity) < 1e-3)
        }
    }

    @Test("a history's state does not depend on what stands beside it", arguments: networks)
    func padding(_ network: SequentialShape.Network, _ tied: Bool) throws {
        let model = try model(network, tied: tied)
        let width = model.shape.stateDimension
        let together = try model.lastStates(
            SequenceBatch(histories: histories[...], window: 8)
        ).floats()
        for (row, history) in histories.enumerated() {
            let alone = try model.lastStates(SequenceBatch(histories: [history][...], window: 8))
                .floats()
            let worst = zip(alone, together[row * width..<(row + 1) * width])
                .map { abs($0 - $1) }.max()
            #expect((worst ?? 1) < 1e-5)
        }
    }

    @Test("the state at a place is that of the items up to there", arguments: networks)
    func places(_ network: SequentialShape.Network, _ tied: Bool) throws {
        // SASRec's positions count from the window's end, so that it is asked about one at a time.
        guard case .sasrec = network else {
            let model = try model(network, tied: tied)
            let batch = SequenceBatch(histories: [[4, 9], [1, 2, 3, 5]][...], window: 8)
            let states = try model.states(batch, at: [5, 2, 7], dropout: 0).floats()
            let alone = try [[1, 2], [4], [1, 2, 3, 5]].flatMap { history in
                try model.lastStates(SequenceBatch(histories: [history][...], window: 8)).floats()
            }
            #expect(states.count == alone.count)
            #expect((zip(states, alone).map { abs($0 - $1) }.max() ?? 1) < 1e-5)
            return
        }
        let model = try model(network, tied: tied)
        let batches = [[1, 2, 3, 5], [1, 2, 6, 7]].map {
            SequenceBatch(histories: [$0][...], window: 8)
        }
        // What comes later changes nothing.
        let states = try batches.map { try model.states($0, at: [0, 1, 2], dropout: 0).floats() }
        #expect(states[0][..<32] == states[1][..<32])
        #expect(states[0][32...] != states[1][32...])
    }

    @Test("gradients agree with finite differences in every parameter", arguments: networks)
    func gradients(_ network: SequentialShape.Network, _ tied: Bool) throws {
        let model = try model(network, tied: tied)
        let windows = [
            TrainingWindow(sequence: 0, start: 0, end: 4),
            TrainingWindow(sequence: 1, start: 0, end: 2),
        ]
        let batch = SequenceBatch(
            windows[...], of: [[1, 2, 3, 4, 5], [6, 7, 8]], lastOnly: false)
        func loss() throws -> Tensor {
            try model.scores(model.states(batch, at: batch.targetPlaces, dropout: 0))
                .crossEntropy(
                    targets: library.indices(
                        batch.targetPlaces.map { batch.targets[$0] },
                        shape: [batch.targetPlaces.count]))
        }
        try loss().backward()
        for named in model.parameters.all {
            let gradient = try #require(try named.tensor.gradient()).floats()
            // The element with the greatest gradient tells most above float32's noise.
            let place = try #require(
                gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
            let values = try named.tensor.floats()
            let sizes = try named.tensor.shape()
            func moved(_ by: Float) throws -> Double {
                var changed = values
                changed[place] += by
                try named.tensor.assign(library.tensor(changed, shape: sizes))
                return Double(try loss().item())
            }
            let step: Float = 1e-3
            let middle = Double(try loss().item())
            // Maxima and rectifiers have kinks: the slope then is that of one side or between both.
            let sides = try [
                (moved(step) - middle) / Double(step), (middle - moved(-step)) / Double(step),
            ]
            try named.tensor.assign(library.tensor(values, shape: sizes))
            let slope = Double(gradient[place])
            let tolerance = 2e-3 + 0.03 * abs(slope)
            #expect(
                slope > sides.min()! - tolerance && slope < sides.max()! + tolerance,
                "\(named.name): \(slope), \(sides)")
        }
    }
}
