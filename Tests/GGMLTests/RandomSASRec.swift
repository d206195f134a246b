import Domain
import GGML

/// A SASRec network with seeded random weights, for the encoder and for the reference alike.
struct RandomSASRec {
    var variant = SASRecConfiguration.Variant.preNorm
    var activation = SASRecConfiguration.Activation.gelu
    var isTied = true
    var hasOutputBias = false
    var dimension = 8
    var window = 6
    var blocks = 2
    var heads = 2
    var feedForward = 12
    var items = 11
    var scale: Float = 1
    let epsilon: Float = 1e-5

    /// Shapes and values by name.
    private(set) var tensors: [String: (dimensions: [Int], values: [Float])] = [:]

    /// Draws the weights for the shape set before.
    mutating func draw(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func tensor(_ name: String, _ dimensions: [Int], spread: Float, around: Float = 0) {
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                around + Float.random(in: -spread...spread, using: &generator)
            }
            tensors[name] = (dimensions, values)
        }
        tensor("item_embd.weight", [dimension, items], spread: 0.5)
        tensor("position_embd.weight", [dimension, window], spread: 0.5)
        for block in 0..<blocks {
            for part in ["attn_norm", "ffn_norm"] {
                tensor("blk.\(block).\(part).weight", [dimension], spread: 0.3, around: 1)
                tensor("blk.\(block).\(part).bias", [dimension], spread: 0.3)
            }
            let spread = 1 / Float(dimension).squareRoot()
            for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
                tensor("blk.\(block).\(part).weight", [dimension, dimension], spread: spread)
                tensor("blk.\(block).\(part).bias", [dimension], spread: 0.2)
            }
            tensor("blk.\(block).ffn_up.weight", [dimension, feedForward], spread: spread)
            tensor("blk.\(block).ffn_up.bias", [feedForward], spread: 0.2)
            tensor("blk.\(block).ffn_down.weight", [feedForward, dimension], spread: spread)
            tensor("blk.\(block).ffn_down.bias", [dimension], spread: 0.2)
        }
        tensor("output_norm.weight", [dimension], spread: 0.3, around: 1)
        tensor("output_norm.bias", [dimension], spread: 0.3)
        guard !isTied else { return }
        tensor("output.weight", [dimension, items], spread: 0.5)
        if hasOutputBias { tensor("output.bias", [items], spread: 0.5) }
    }

    func values(_ name: String) -> [Double] { tensors[name]!.values.map(Double.init) }

    /// The file's contents; tests break one thing and write it.
    func writer(as element: GGUFWriter.Element = .float32) throws -> GGUFWriter {
        var writer = GGUFWriter(architecture: "sasrec")
        writer.set("sasrec.variant", .string(variant.rawValue))
        writer.set("sasrec.activation", .string(activation.rawValue))
        writer.set("sasrec.embedding_length", .uint32(UInt32(dimension)))
        writer.set("sasrec.context_length", .uint32(UInt32(window)))
        writer.set("sasrec.block_count", .uint32(UInt32(blocks)))
        writer.set("sasrec.attention.head_count", .uint32(UInt32(heads)))
        writer.set("sasrec.feed_forward_length", .uint32(UInt32(feedForward)))
        writer.set("sasrec.item_count", .uint32(UInt32(items)))
        writer.set("sasrec.layer_norm_epsilon", .float32(epsilon))
        writer.set("sasrec.embedding_scale", .float32(scale))
        writer.set("sasrec.tied_output", .bool(isTied))
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            try writer.add(
                tensor: name, dimensions: tensor.dimensions, values: tensor.values, as: element)
        }
        return writer
    }
}
