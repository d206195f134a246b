internal import Foundation
internal import Torch

/// One pass over a batch: what its blocks share, made once.
struct LlamaPass {
    private let network: LlamaNetwork
    private let batch: PackedBatch
    /// [rows, 1, head width].
    private let cosine: Tensor
    /// As `cosine`, negative in the first half.
    private let sine: Tensor
    /// One an example, [1, 1, rows of branches, rows], 0 where seen; nil without such rows.
    private let masks: [Tensor?]
    private let dropout: Double

    init(_ network: LlamaNetwork, _ batch: PackedBatch, training: Bool) throws(TorchError) {
        self.network = network
        self.batch = batch
        dropout = training ? network.lora?.options.dropout ?? 0 : 0
        let library = network.library
        let pairs = network.shape.headWidth / 2
        let frequencies = (0..<pairs).map {
            pow(network.shape.ropeBase, -Double($0) / Double(pairs))
        }
        let angles = batch.positions.flatMap { position in
            frequencies.map { Float(Double(position) * $0) }
        }
        let table = try network.place(
            library.tensor(angles, shape: [batch.rowCount, 1, pairs]))
        let (half, turn) = (try table.cos(), try table.sin())
        cosine = try Tensor.concatenated([half, half], dimension: 2).converted(to: network.type)
        sine = try Tensor.concatenated([turn * -1, turn], dimension: 2)
            .converted(to: network.type)
        var masks: [Tensor?] = []
        for span in batch.spans {
            let count = span.rows.count
            let own = count - span.promptCount
            let additive = span.branchMask.map { $0 ? Float(0) : -.infinity }
            masks.append(
                own == 0
                    ? nil
                    : try library.tensor(additive, shape: [1, 1, own, count])
                        .converted(to: network.type, device: network.device))
        }
        self.masks = masks
    }

    /// x += attention(norm(x)); x += feedForward(norm(x)).
    func block(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let weights = network.weights.blocks[block]
        let epsilon = network.shape.epsilon
        let middle =
            try input
            + attention(block, input.rmsNorm(weights.attentionNorm, epsilon: epsilon))
        return try middle
            + feedForward(block, middle.rmsNorm(weights.feedForwardNorm, epsilon: epsilon))
    }

    /// x Wᵀ of a group's projections side by side, with the adapter's addition.
    private func linear(
        group: Int, _ block: Int, _ input: Tensor
    ) throws(TorchError) -> Tensor {
        let base = try input.linear(network.weights.blocks[block].groups[group])
        guard let lora = network.lora else { return base }
        let (low, high) = try lora.matrices(
            LlamaProjection.groups[group], block: block, type: network.type,
            device: network.device)
        // Projections of one input share its dropout.
        return try base + input.dropout(dropout).linear(low).linear(high)
    }

    private func feedForward(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let inner = network.shape.feedForward
        let both = try linear(group: 2, block, input)
        let gate = try both.slice(1, 0..<inner).silu()
        return try linear(group: 3, block, gate * both.slice(1, inner..<2 * inner))
    }

    private func attention(_ block: Int, _ input: Tensor) throws(TorchError) -> Tensor {
        let shape = network.shape
        let (heads, keyHeads) = (shape.heads, shape.keyHeads)
        let all = try linear(group: 0, block, input)
            .reshaped([batch.rowCount, heads + 2 * keyHeads, shape.headWidth])
        let turned = try rotated(all.slice(1, 0..<heads + keyHeads))
        let query = try turned.slice(1, 0..<heads)
        let key = try turned.slice(1, heads..<heads + keyHeads)
        let value = try all.slice(1, heads + keyHeads..<heads + 2 * keyHeads)
        var mixed: [Tensor] = []
        for (span, mask) in zip(batch.spans, masks) {
            let start = span.rows.lowerBound
            let prompt = start..<start + span.promptCount
            mixed.append(
                try byHead(query, prompt).attention(
                    keys: byHead(key, prompt), values: byHead(value, prompt), causal: true))
            guard let mask else { continue }
            mixed.append(
                try byHead(query, prompt.upperBound..<span.rows.upperBound).attention(
                    keys: byHead(key, span.rows), values: byHead(value, span.rows), mask: mask))
        }
        var joined: [Tensor] = []
        for part in mixed {
            joined.append(
                try part.transposed(1, 2).reshaped([-1, heads * shape.headWidth]))
        }
        return try linear(group: 1, block, .concatenated(joined, dimension: 0))
    }

    /// Rows of [rows, heads, width] as [1, heads, rows, width].
    private func byHead(_ tensor: Tensor, _ rows: Range<Int>) throws(TorchError) -> Tensor {
        try tensor.slice(0, rows).transposed(0, 1).reshaped([1, -1, rows.count, width])
    }

    private var width: Int { network.shape.headWidth }

    /// Turns each pair by its position's angle (Su et al., 2021): [rows, heads, width].
    private func rotated(_ tensor: Tensor) throws(TorchError) -> Tensor {
        let half = width / 2
        let swapped = try Tensor.concatenated(
            [tensor.slice(2, half..<width), tensor.slice(2, 0..<half)], dimension: 2)
        return try tensor * cosine + swapped * sine
    }
}
