internal import GGML
public import Torch
public import TrainingCore

/// A sequential recommender for training; the served forward is GGML's `SequentialEncoder`.
public protocol SequentialModel: AnyObject {
    /// The network's shape.
    var shape: SequentialShape { get }
    /// Its weights, by the names of the GGUF file.
    var parameters: ParameterSet { get }

    /// The states at some places of a batch: [places, state width].
    ///
    /// A place is `row * columns + column` and must hold an item; its state has seen that item and
    /// those before it in the row. Dropout 0 is the served forward.
    func states(
        _ batch: SequenceBatch, at places: [Int], dropout: Double
    ) throws(TorchError) -> Tensor
}

extension SequentialShape {
    /// Makes a network with random weights from the library's generator.
    ///
    /// - Parameter deviation: standard deviation of the item table's and, unless tied, the output
    ///   table's first values; the networks say how their other weights begin.
    public func makeModel(
        library: TorchLibrary, deviation: Double
    ) throws(TorchError) -> any SequentialModel {
        switch network {
        case .sasrec(let sasrec):
            try SASRecModel(self, sasrec, library: library, deviation: deviation)
        case .gru4rec: try GRU4RecModel(self, library: library, deviation: deviation)
        case .caser(let caser):
            try CaserModel(self, caser, library: library, deviation: deviation)
        }
    }
}

extension SequentialModel {
    /// The state after the last column of each row: [rows, state width].
    public func lastStates(_ batch: SequenceBatch, dropout: Double = 0) throws(TorchError) -> Tensor
    {
        try states(
            batch, at: (1...batch.rows).map { $0 * batch.columns - 1 }, dropout: dropout)
    }

    /// The score of every item for states [n, state width]: [n, items].
    public func scores(_ states: Tensor) throws(TorchError) -> Tensor {
        shape.tiedOutput
            ? try states.linear(parameter("item_embd.weight"))
            : try states.linear(parameter("output.weight"), bias: parameter("output.bias"))
    }

    /// Writes `encoder.gguf`; in half precision only the item tables are, the rest is small.
    public func write(to path: String, halfPrecision: Bool) throws {
        var writer = GGUFWriter(architecture: shape.network.architecture.rawValue)
        shape.write(to: &writer)
        for named in parameters.all {
            let sizes = try named.tensor.shape()
            let isTable = named.name == "item_embd.weight" || named.name == "output.weight"
            try writer.add(
                tensor: named.name, dimensions: sizes.reversed(), values: named.tensor.floats(),
                as: halfPrecision && isTable ? .float16 : .float32)
        }
        try writer.write(to: path)
    }

    /// The parameter of that name.
    func parameter(_ name: String) throws(TorchError) -> Tensor {
        guard let found = parameters[name] else {
            throw TorchError(code: .badArgument, message: "no parameter \(name)")
        }
        return found
    }

    /// The linear layer of that name.
    func linear(_ name: String, _ tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.linear(parameter("\(name).weight"), bias: parameter("\(name).bias"))
    }
}

extension ParameterSet {
    /// Adds the output layer where it is not the item table: its weight from N(0, `deviation`²), its
    /// bias 0.
    mutating func addOutput(
        of shape: SequentialShape, library: TorchLibrary, deviation: Double
    ) throws(TorchError) {
        guard !shape.tiedOutput else { return }
        try add(
            "output.weight",
            library.normal(deviation: deviation, shape: [shape.itemCount, shape.stateDimension]))
        try add("output.bias", library.full(0, shape: [shape.itemCount]))
    }

    /// Adds weight and bias of a layer as torch begins them: uniform within ±1/√`inputs`.
    mutating func addLayer(
        _ name: String, weight: [Int], bias: Int, inputs: Int, library: TorchLibrary
    ) throws(TorchError) {
        let bound = 1 / Double(inputs).squareRoot()
        try add("\(name).weight", library.uniform(low: -bound, high: bound, shape: weight))
        try add("\(name).bias", library.uniform(low: -bound, high: bound, shape: [bias]))
    }
}
