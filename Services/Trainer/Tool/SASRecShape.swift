import GGML

/// The shape of a SASRec network, as its GGUF file records it.
struct SASRecShape: Sendable, Hashable {
    /// The order of normalisation in a block.
    enum Variant: String, Sendable {
        /// x += attn(LN(x)); x += ffn(LN(x)).
        case preNorm = "pre_norm"
        /// The paper's code: only the queries are normalised, and they are what is added to.
        case original
    }

    /// The feed-forward network's activation.
    enum Activation: String, Sendable {
        /// With erf, not the tanh form.
        case gelu
        /// max(x, 0).
        case relu
    }

    var itemCount: Int
    var dimension: Int
    var window: Int
    var blocks: Int
    var heads: Int
    var feedForward: Int
    var variant: Variant
    var activation: Activation
    var epsilon: Double
    var embeddingScale: Double
    var tiedOutput: Bool
}

extension SASRecShape {
    /// The file's metadata under `sasrec.`.
    func write(to writer: inout GGUFWriter) {
        writer.set("sasrec.variant", .string(variant.rawValue))
        writer.set("sasrec.embedding_length", .uint32(UInt32(dimension)))
        writer.set("sasrec.context_length", .uint32(UInt32(window)))
        writer.set("sasrec.block_count", .uint32(UInt32(blocks)))
        writer.set("sasrec.attention.head_count", .uint32(UInt32(heads)))
        writer.set("sasrec.feed_forward_length", .uint32(UInt32(feedForward)))
        writer.set("sasrec.item_count", .uint32(UInt32(itemCount)))
        writer.set("sasrec.activation", .string(activation.rawValue))
        writer.set("sasrec.layer_norm_epsilon", .float32(Float(epsilon)))
        writer.set("sasrec.embedding_scale", .float32(Float(embeddingScale)))
        writer.set("sasrec.tied_output", .bool(tiedOutput))
    }
}
