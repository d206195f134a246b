internal import GGML
public import Torch
public import TrainingCore

/// SASRec (Kang and McAuley, ICDM 2018) for training; the served forward is GGML's `SequentialEncoder`.
///
/// The newest item always has the last position of the window, so a history shorter than the window
/// takes the last positions; columns without an item are never attended.
public final class SASRecModel {
    /// The network's shape.
    public let configuration: SASRecShape
    /// Its weights, by the names of the GGUF file.
    public let parameters: ParameterSet
    private let library: TorchLibrary

    /// Makes a network with random weights from the library's generator.
    ///
    /// Tables and matrices are drawn from N(0, `deviation`²), biases are 0, norms 1.
    public init(
        _ configuration: SASRecShape, library: TorchLibrary, deviation: Double
    ) throws(TorchError) {
        self.configuration = configuration
        self.library = library
        let width = configuration.dimension
        var made = ParameterSet()
        for (name, shape) in Self.shapes(configuration) {
            let start: Tensor
            if name.hasSuffix("norm.weight") {
                start = try library.full(1, shape: shape)
            } else if name.hasSuffix(".bias") {
                start = try library.full(0, shape: shape)
            } else {
                // The paper's code draws item rows from N(0, 1) and leaves layers at their default.
                let scale =
                    configuration.variant == .original && !name.contains("item_embd")
                    ? min(deviation, 1 / Double(width).squareRoot()) : deviation
                start = try library.normal(deviation: scale, shape: shape)
            }
            try made.add(name, start)
        }
        parameters = made
    }

    /// Every parameter's name and (torch) shape, in the file's order.
    static func shapes(_ configuration: SASRecShape) -> [(String, [Int])] {
        let width = configuration.dimension
        let inner = configuration.feedForward
        var list: [(String, [Int])] = [
            ("item_embd.weight", [configuration.itemCount, width]),
            ("position_embd.weight", [configuration.window, width]),
        ]
        for block in 0..<configuration.blocks {
            let prefix = "blk.\(block)"
            for part in ["attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm"] {
                let isNorm = part.hasSuffix("norm")
                list.append(("\(prefix).\(part).weight", isNorm ? [width] : [width, width]))
                list.append(("\(prefix).\(part).bias", [width]))
            }
            list.append(("\(prefix).ffn_up.weight", [inner, width]))
            list.append(("\(prefix).ffn_up.bias", [inner]))
            list.append(("\(prefix).ffn_down.weight", [width, inner]))
            list.append(("\(prefix).ffn_down.bias", [width]))
        }
        list.append(("output_norm.weight", [width]))
        list.append(("output_norm.bias", [width]))
        if !configuration.tiedOutput {
            list.append(("output.weight", [configuration.itemCount, width]))
            list.append(("output.bias", [configuration.itemCount]))
        }
        return list
    }

    private func parameter(_ name: String) throws(TorchError) -> Tensor {
        guard let found = parameters[name] else {
            throw TorchError(code: .badArgument, message: "no parameter \(name)")
        }
        return found
    }

    /// The state at every column.
    ///
    /// The shape is [rows, columns, width]; dropout 0 is the served forward.
    public func states(_ batch: SequenceBatch, dropout: Double) throws(TorchError) -> Tensor {
        let (rows, columns) = (batch.rows, batch.columns)
        let window = configuration.window
        let items = try library.indices(batch.inputs, shape: [rows, columns])
        let positions = try parameter("position_embd.weight")
            .slice(0, (window - columns)..<window)
        let embedded = try parameter("item_embd.weight").rows(items)
        let scaled = try embedded * configuration.embeddingScale
        var state = try (scaled + positions).dropout(dropout)
        let mask = try library.mask(batch.attended, shape: [rows, 1, columns, columns])
        for block in 0..<configuration.blocks {
            state = try self.block(block, state, mask: mask, dropout: dropout)
        }
        return try norm("output_norm", state)
    }

    /// The state at the last column of each row: [rows, width].
    public func lastStates(_ batch: SequenceBatch, dropout: Double = 0) throws(TorchError) -> Tensor
    {
        let all = try states(batch, dropout: dropout)
        return try all.slice(1, (batch.columns - 1)..<batch.columns)
            .reshaped([batch.rows, configuration.dimension])
    }

    /// The score of every item for states [n, width]: [n, items].
    public func scores(_ states: Tensor) throws(TorchError) -> Tensor {
        configuration.tiedOutput
            ? try states.linear(parameter("item_embd.weight"))
            : try states.linear(parameter("output.weight"), bias: parameter("output.bias"))
    }

    private func norm(_ name: String, _ tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.layerNorm(
            parameter("\(name).weight"), bias: parameter("\(name).bias"),
            epsilon: configuration.epsilon)
    }

    private func linear(_ name: String, _ tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.linear(parameter("\(name).weight"), bias: parameter("\(name).bias"))
    }

    private func block(
        _ index: Int, _ input: Tensor, mask: Tensor, dropout: Double
    ) throws(TorchError) -> Tensor {
        let prefix = "blk.\(index)"
        let queries = try norm("\(prefix).attn_norm", input)
        switch configuration.variant {
        case .preNorm:
            let attended = try attention(prefix, queries, queries, mask: mask, dropout: dropout)
            let middle = try input + attended.dropout(dropout)
            let inner = try norm("\(prefix).ffn_norm", middle)
            return try middle + feedForward(prefix, inner, dropout: dropout)
        case .original:
            let attended = try attention(prefix, queries, input, mask: mask, dropout: dropout)
            let middle = try queries + attended.dropout(dropout)
            let inner = try norm("\(prefix).ffn_norm", middle)
            return try inner + feedForward(prefix, inner, dropout: dropout)
        }
    }

    private func attention(
        _ prefix: String, _ queries: Tensor, _ source: Tensor, mask: Tensor, dropout: Double
    ) throws(TorchError) -> Tensor {
        let query = try heads(linear("\(prefix).attn_q", queries))
        let key = try heads(linear("\(prefix).attn_k", source))
        let value = try heads(linear("\(prefix).attn_v", source))
        let mixed = try query.attention(keys: key, values: value, mask: mask, dropout: dropout)
        let shape = try mixed.shape()
        let joined = try mixed.transposed(1, 2)
            .reshaped([shape[0], shape[2], configuration.dimension])
        return try linear("\(prefix).attn_output", joined)
    }

    /// [rows, columns, width] to [rows, heads, columns, width / heads].
    private func heads(_ tensor: Tensor) throws(TorchError) -> Tensor {
        let shape = try tensor.shape()
        let count = configuration.heads
        return try tensor.reshaped([shape[0], shape[1], count, shape[2] / count])
            .transposed(1, 2)
    }

    private func feedForward(
        _ prefix: String, _ input: Tensor, dropout: Double
    ) throws(TorchError) -> Tensor {
        let up = try linear("\(prefix).ffn_up", input)
        let active = try configuration.activation == .gelu ? up.gelu() : up.relu()
        return try linear("\(prefix).ffn_down", active.dropout(dropout)).dropout(dropout)
    }
}

extension SASRecModel {
    /// Writes `encoder.gguf`; in half precision only the item tables are, the rest is small.
    public func write(to path: String, halfPrecision: Bool) throws {
        var writer = GGUFWriter(architecture: "sasrec")
        configuration.write(to: &writer)
        for named in parameters.all {
            let shape = try named.tensor.shape()
            let isTable = named.name == "item_embd.weight" || named.name == "output.weight"
            try writer.add(
                tensor: named.name, dimensions: shape.reversed(),
                values: named.tensor.floats(),
                as: halfPrecision && isTable ? .float16 : .float32)
        }
        try writer.write(to: path)
    }
}
