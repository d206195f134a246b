public import Torch
public import TrainingCore

/// SASRec (Kang and McAuley, ICDM 2018) for training; the served forward is GGML's `SequentialEncoder`.
///
/// The newest item always has the last position of the window, so a history shorter than the window
/// takes the last positions; columns without an item are never attended.
public final class SASRecModel: SequentialModel {
    /// The network's shape.
    public let shape: SequentialShape
    /// Its weights, by the names of the GGUF file.
    public let parameters: ParameterSet
    private let sasrec: SASRecShape
    private let library: TorchLibrary

    /// Makes a network with random weights from the library's generator.
    ///
    /// Tables and matrices are drawn from N(0, `deviation`²), biases are 0, norms 1.
    public init(
        _ shape: SequentialShape, _ sasrec: SASRecShape, library: TorchLibrary, deviation: Double
    ) throws(TorchError) {
        self.shape = shape
        self.sasrec = sasrec
        self.library = library
        let width = shape.dimension
        var made = ParameterSet()
        for (name, sizes) in Self.layers(shape, sasrec) {
            let start: Tensor
            if name.hasSuffix("norm.weight") {
                start = try library.full(1, shape: sizes)
            } else if name.hasSuffix(".bias") {
                start = try library.full(0, shape: sizes)
            } else {
                // The paper's code draws item rows from N(0, 1) and leaves layers at their default.
                let scale =
                    sasrec.variant == .original && !name.contains("item_embd")
                    ? min(deviation, 1 / Double(width).squareRoot()) : deviation
                start = try library.normal(deviation: scale, shape: sizes)
            }
            try made.add(name, start)
        }
        try made.addOutput(
            of: shape, library: library,
            deviation: sasrec.variant == .original
                ? min(deviation, 1 / Double(width).squareRoot()) : deviation)
        parameters = made
    }

    /// Every parameter's name and (torch) shape before the output layer, in the file's order.
    private static func layers(
        _ shape: SequentialShape, _ sasrec: SASRecShape
    ) -> [(String, [Int])] {
        let width = shape.dimension
        let inner = sasrec.feedForward
        var list: [(String, [Int])] = [
            ("item_embd.weight", [shape.itemCount, width]),
            ("position_embd.weight", [shape.window, width]),
        ]
        for block in 0..<sasrec.blocks {
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
        return list
    }

    /// The states at some places of a batch: [places, state width].
    public func states(
        _ batch: SequenceBatch, at places: [Int], dropout: Double
    ) throws(TorchError) -> Tensor {
        let (rows, columns) = (batch.rows, batch.columns)
        let items = try library.indices(batch.inputs, shape: [rows, columns])
        let positions = try parameter("position_embd.weight")
            .slice(0, (shape.window - columns)..<shape.window)
        let embedded = try parameter("item_embd.weight").rows(items)
        let scaled = try embedded * sasrec.embeddingScale
        var state = try (scaled + positions).dropout(dropout)
        let mask = try library.mask(batch.attended, shape: [rows, 1, columns, columns])
        for block in 0..<sasrec.blocks {
            state = try self.block(block, state, mask: mask, dropout: dropout)
        }
        return try norm("output_norm", state).reshaped([rows * columns, shape.dimension])
            .selecting(library.indices(places, shape: [places.count]), dimension: 0)
    }

    private func norm(_ name: String, _ tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.layerNorm(
            parameter("\(name).weight"), bias: parameter("\(name).bias"),
            epsilon: SASRecShape.epsilon)
    }

    private func block(
        _ index: Int, _ input: Tensor, mask: Tensor, dropout: Double
    ) throws(TorchError) -> Tensor {
        let prefix = "blk.\(index)"
        let queries = try norm("\(prefix).attn_norm", input)
        switch sasrec.variant {
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
        let sizes = try mixed.shape()
        let joined = try mixed.transposed(1, 2)
            .reshaped([sizes[0], sizes[2], shape.dimension])
        return try linear("\(prefix).attn_output", joined)
    }

    /// [rows, columns, width] to [rows, heads, columns, width / heads].
    private func heads(_ tensor: Tensor) throws(TorchError) -> Tensor {
        let sizes = try tensor.shape()
        let count = sasrec.heads
        return try tensor.reshaped([sizes[0], sizes[1], count, sizes[2] / count])
            .transposed(1, 2)
    }

    private func feedForward(
        _ prefix: String, _ input: Tensor, dropout: Double
    ) throws(TorchError) -> Tensor {
        let up = try linear("\(prefix).ffn_up", input)
        let active = try sasrec.activation == .gelu ? up.gelu() : up.relu()
        return try linear("\(prefix).ffn_down", active.dropout(dropout)).dropout(dropout)
    }
}
