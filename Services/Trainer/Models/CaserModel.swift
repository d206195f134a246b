public import Torch
public import TrainingCore

/// Caser (Tang and Wang, WSDM 2018) for training, without its user embedding, as LLaRA uses it.
///
/// A window has its items first and zeros after them. Convolutions are matrix products over the
/// runs of successive items.
public final class CaserModel: SequentialModel {
    /// The network's shape.
    public let shape: SequentialShape
    /// Its weights, by the names of the GGUF file.
    public let parameters: ParameterSet
    private let caser: CaserShape
    private let library: TorchLibrary

    /// Makes a network whose filters begin as torch's do, the item table from N(0, `deviation`²).
    public init(
        _ shape: SequentialShape, _ caser: CaserShape, library: TorchLibrary, deviation: Double
    ) throws(TorchError) {
        self.shape = shape
        self.caser = caser
        self.library = library
        let width = shape.dimension
        var made = ParameterSet()
        try made.add(
            "item_embd.weight",
            library.normal(deviation: deviation, shape: [shape.itemCount, width]))
        for (number, height) in caser.heights.enumerated() {
            try made.addLayer(
                "horizontal.\(number)", weight: [caser.filterCount, height, width],
                bias: caser.filterCount, inputs: height * width, library: library)
        }
        try made.addLayer(
            "vertical", weight: [shape.window], bias: 1, inputs: shape.window, library: library)
        if caser.hasLastLayer {
            let outputs = caser.outputs(dimension: width)
            try made.addLayer(
                "last", weight: [width, outputs], bias: width, inputs: outputs, library: library)
        }
        try made.addOutput(of: shape, library: library, deviation: deviation)
        parameters = made
    }

    /// The states at some places of a batch: [places, state width].
    public func states(
        _ batch: SequenceBatch, at places: [Int], dropout: Double
    ) throws(TorchError) -> Tensor {
        let windows = try windows(batch, at: places)
        var outputs: [Tensor] = []
        for number in caser.heights.indices {
            outputs.append(try horizontal(number, windows))
        }
        outputs.append(try vertical(windows))
        let all = try Tensor.concatenated(outputs, dimension: 1).dropout(dropout)
        return caser.hasLastLayer ? try linear("last", all).relu() : all
    }

    /// The item rows up to each place, then zeros: [places, window, width].
    private func windows(
        _ batch: SequenceBatch, at places: [Int]
    ) throws(TorchError) -> Tensor {
        let window = shape.window
        var inputs = [Int](repeating: 0, count: places.count * window)
        var present = [Float](repeating: 0, count: places.count * window)
        for (number, place) in places.enumerated() {
            let (row, column) = place.quotientAndRemainder(dividingBy: batch.columns)
            let first = max(batch.padding[row], column + 1 - window)
            for (offset, source) in (first..<column + 1).enumerated() {
                inputs[number * window + offset] = batch.inputs[row * batch.columns + source]
                present[number * window + offset] = 1
            }
        }
        let sizes = [places.count, window]
        let rows = try parameter("item_embd.weight").rows(library.indices(inputs, shape: sizes))
        return try rows * library.tensor(present, shape: sizes + [1])
    }

    /// Each filter's greatest output over all runs of so many successive items: [places, filters].
    private func horizontal(_ number: Int, _ windows: Tensor) throws(TorchError) -> Tensor {
        let height = caser.heights[number]
        let runs = shape.window - height + 1
        var items: [Tensor] = []
        for place in 0..<height { items.append(try windows.slice(1, place..<place + runs)) }
        let filters = try parameter("horizontal.\(number).weight")
            .reshaped([caser.filterCount, height * shape.dimension])
        return try Tensor.concatenated(items, dimension: 2)
            .linear(filters, bias: parameter("horizontal.\(number).bias"))
            .relu().reduced(.maximum, dimension: 1)
    }

    /// The items weighed by their places and summed: [places, width].
    private func vertical(_ windows: Tensor) throws(TorchError) -> Tensor {
        let weights = try parameter("vertical.weight").reshaped([1, shape.window])
        let sizes = try windows.shape()
        return try windows.transposed(1, 2).linear(weights, bias: parameter("vertical.bias"))
            .relu().reshaped([sizes[0], shape.dimension])
    }
}
