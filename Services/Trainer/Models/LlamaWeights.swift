internal import GGML
internal import Torch

/// A model's frozen weights as the forward pass takes them.
struct LlamaWeights {
    /// One block's.
    struct Block {
        let attentionNorm: Tensor
        let feedForwardNorm: Tensor
        /// One matrix for each of ``LlamaProjection/groups``.
        let groups: [Tensor]
    }

    let embeddings: Tensor
    let blocks: [Block]
    let outputNorm: Tensor
    /// The output layer, [vocabulary, H]: the embeddings where it is tied to them.
    let output: Tensor

    /// Reads every tensor of a file of that shape.
    init(
        _ file: GGUFFile, _ shape: LlamaShape, library: TorchLibrary, type: Tensor.ElementType,
        device: Tensor.Device
    ) throws {
        func read(_ name: String, _ dimensions: [Int]) throws -> Tensor {
            try library.tensor(
                file.values(of: name, dimensions: dimensions), shape: dimensions.reversed()
            ).converted(to: type, device: device)
        }
        embeddings = try read(TokenEmbeddingTable.tensorName, [shape.width, shape.vocabulary])
        blocks = try (0..<shape.blocks).map { block in
            func norm(_ part: String) throws -> Tensor {
                try read(LlamaShape.weightName(part, block: block), [shape.width])
            }
            let groups = try LlamaProjection.groups.map { group in
                let matrices = try group.map { projection in
                    let (input, output) = shape.size(of: projection)
                    let name = LlamaShape.weightName(projection.rawValue, block: block)
                    return try shape.halved(read(name, [input, output]), projection)
                }
                return try Tensor.concatenated(matrices, dimension: 0)
            }
            return Block(
                attentionNorm: try norm("attn_norm"), feedForwardNorm: try norm("ffn_norm"),
                groups: groups)
        }
        outputNorm = try read("output_norm.weight", [shape.width])
        output =
            shape.tiedOutput
            ? embeddings : try read("output.weight", [shape.width, shape.vocabulary])
    }
}

extension LlamaProjection {
    /// Projections of the same input, computed as one matrix whose rows lie below each other.
    static let groups: [[LlamaProjection]] = [
        [.query, .key, .value], [.output], [.gate, .up], [.down],
    ]
}

extension LlamaShape {
    /// Rows [out, n] of a query or key with the two of each rotated pair half a head apart.
    ///
    /// A GGUF file has them side by side. A head's products of queries and keys do not change
    /// when both are reordered alike, and whole halves are turned faster than neighbours.
    func halved(_ rows: Tensor, _ projection: LlamaProjection) throws(TorchError) -> Tensor {
        guard projection == .query || projection == .key else { return rows }
        let count = projection == .query ? heads : keyHeads
        return try rows.reshaped([count, headWidth / 2, 2, -1]).transposed(1, 2)
            .reshaped([count * headWidth, -1])
    }
}
