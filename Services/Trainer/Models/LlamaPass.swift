internal import Foundation
internal import Torch

/// One pass over a batch: what its blocks share, made once.
struct LlamaPass {
    private let network: LlamaNetwork
    private let batch: PackedBatch
    /// [rows, 1, head width / 2].
    private let cosine: Tensor
    private let sine: Tensor
    /// One an example, [1, 1, rows, rows], 0 where seen.
    private let masks: [Tensor]
    private let dropout: Double

    init(_ network: LlamaNetwork, _ batch: PackedBatch, training: Bool) throws(TorchError) {
        self.network = network
        self.batch = batch
        dropout = training ? network.lora?.options.dropout ?? 0 : 0
        let shape = network.shape
        let pairs = shape.headWidth / 2
        let frequencies = (0..<pairs).map { pow(shape.ropeBase, -Double($0) / Double(pairs)) }
        let angles = batch.positions.flatMap { position in
            frequencies.map { Float(Double(position) * $0) }
        }
        let table = try network.place(
            network.library.tensor(angles, shape: [batch.rowCount, 1, pairs]))
        cosine = try table.cos().converted(to: network.type)
        sine = try table.sin().converted(to: network.type)
        var masks: [Tensor] = []
        for span in batch.spans {
            let count = span.rows.count
            let additive = span.mask.map { $0 ? Float(0) : -.infinity }
            masks.append(
                try network.library.tensor(additive, shape: [1, 1, count, count])
                    .converted(to: network.type, device: network.device))
        }
        self.masks = masks
    }

    /// x += attention(norm(x)); x += feedForward(norm(x)).
    func block(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let middle = try input + attention(block, norm("attn_norm", block, input))
        return try middle + feedForward(block, norm("ffn_norm", block, middle))
    }

    private func norm(
        _ part: String, _ block: Int, _ input: Tensor
    ) throws(TorchError) -> Tensor {
        try input.rmsNorm(
            network.weight(LlamaShape.weightName(part, block: block)),
            epsilon: network.shape.epsilon)
    }

    /// x Wᵀ, with the adapter's addition.
    private func linear(
        _ projection: LlamaProjection, _ block: Int, _ input: Tensor
    ) throws(TorchError) -> Tensor {
        let base = try input.linear(
            network.weight(LlamaShape.weightName(projection.rawValue, block: block)))
        guard let lora = network.lora else { return base }
        let (a, b) = lora.pair(projection, block: block)
        let low = try input.dropout(dropout)
            .linear(a.converted(to: network.type, device: network.device))
        let high = try low.linear(b.converted(to: network.type, device: network.device))
        return try base + high * lora.scale
    }

    private func feedForward(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let gate = try linear(.gate, block, input).silu()
        return try linear(.down, block, gate * linear(.up, block, input))
    }

    private func attention(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let shape = network.shape
        let query = try rotated(linear(.query, block, input), heads: shape.heads)
        let key = try rotated(linear(.key, block, input), heads: shape.keyHeads)
        let value = try linear(.value, block, input)
            .reshaped([batch.rowCount, shape.keyHeads, shape.headWidth])
        var mixed: [Tensor] = []
        for (span, mask) in zip(batch.spans, masks) {
            mixed.append(
                try heads(query, span).attention(
                    keys: heads(key, span), values: heads(value, span), mask: mask
                ).transposed(1, 2).reshaped([span.rows.count, shape.heads * shape.headWidth]))
        }
        let joined = try mixed.count == 1 ? mixed[0] : .concatenated(mixed, dimension: 0)
        return try linear(.output, block, joined)
    }

    /// [rows, heads, width] of all examples to [1, heads, rows, width] of one.
    private func heads(
        _ tensor: Tensor, _ span: PackedBatch.Span
    ) throws(TorchError) -> Tensor {
        let sizes = try tensor.shape()
        return try tensor.slice(0, span.rows)
            .reshaped([1, span.rows.count, sizes[1], sizes[2]]).transposed(1, 2)
    }

    /// Turns each pair of neighbours by its position's angle (Su et al., 2021): [rows, heads, width].
    private func rotated(_ tensor: Tensor, heads: Int) throws(TorchError) -> Tensor {
        let width = network.shape.headWidth
        let pairs = try tensor.reshaped([batch.rowCount, heads, width / 2, 2])
        let flat = [batch.rowCount, heads, width / 2]
        let even = try pairs.slice(3, 0..<1).reshaped(flat)
        let odd = try pairs.slice(3, 1..<2).reshaped(flat)
        let stacked = flat + [1]
        return try .concatenated(
            [
                (even * cosine - odd * sine).reshaped(stacked),
                (even * sine + odd * cosine).reshaped(stacked),
            ], dimension: 3
        ).reshaped([batch.rowCount, heads, width])
    }
}
