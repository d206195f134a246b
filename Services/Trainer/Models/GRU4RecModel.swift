public import Torch
public import TrainingCore

/// GRU4Rec (Hidasi et al., ICLR 2016) for training: one layer of gated recurrent units (Cho et al.,
/// EMNLP 2014, in the form of torch.nn.GRU) that starts at zero with the first item of a window.
public final class GRU4RecModel: SequentialModel {
    /// The network's shape.
    public let shape: SequentialShape
    /// Its weights, by the names of the GGUF file.
    public let parameters: ParameterSet
    private let library: TorchLibrary

    /// Makes a network whose gates begin as torch's do, the item table from N(0, `deviation`²).
    public init(
        _ shape: SequentialShape, library: TorchLibrary, deviation: Double
    ) throws(TorchError) {
        self.shape = shape
        self.library = library
        let width = shape.dimension
        var made = ParameterSet()
        try made.add(
            "item_embd.weight",
            library.normal(deviation: deviation, shape: [shape.itemCount, width]))
        for name in ["gru_input", "gru_hidden"] {
            try made.addLayer(
                name, weight: [3 * width, width], bias: 3 * width, inputs: width, library: library)
        }
        try made.addOutput(of: shape, library: library, deviation: deviation)
        parameters = made
    }

    /// The states at some places of a batch: [places, state width].
    public func states(
        _ batch: SequenceBatch, at places: [Int], dropout: Double
    ) throws(TorchError) -> Tensor {
        let (rows, columns, width) = (batch.rows, batch.columns, shape.dimension)
        let items = try library.indices(batch.inputs, shape: [rows, columns])
        let embedded = try parameter("item_embd.weight").rows(items).dropout(dropout)
        let gates = try linear("gru_input", embedded)
        var hidden = try library.full(0, shape: [rows, width])
        var steps: [Tensor] = []
        for column in 0..<columns {
            let input = try gates.slice(1, column..<column + 1).reshaped([rows, 3 * width])
            hidden = try step(hidden, input)
            if batch.padding.contains(where: { $0 > column }) {
                // A row that has not begun stays at zero.
                let begun: [Float] = batch.padding.map { $0 > column ? 0 : 1 }
                hidden = try hidden * library.tensor(begun, shape: [rows, 1])
            }
            steps.append(try hidden.reshaped([rows, 1, width]))
        }
        return try Tensor.concatenated(steps, dimension: 1).reshaped([rows * columns, width])
            .selecting(library.indices(places, shape: [places.count]), dimension: 0)
    }

    /// The hidden state after one more item, whose part of the gates is `input`: reset gate, update
    /// gate and new state side by side.
    private func step(_ hidden: Tensor, _ input: Tensor) throws(TorchError) -> Tensor {
        let width = shape.dimension
        let carried = try linear("gru_hidden", hidden)
        func part(_ tensor: Tensor, _ number: Int) throws(TorchError) -> Tensor {
            try tensor.slice(1, number * width..<(number + 1) * width)
        }
        let reset = try (part(input, 0) + part(carried, 0)).sigmoid()
        let update = try (part(input, 1) + part(carried, 1)).sigmoid()
        let proposed = try (part(input, 2) + reset * part(carried, 2)).tanh()
        // (1 - update) · proposed + update · hidden
        return try proposed + (hidden - proposed) * update
    }
}
