internal import GGML

/// What a SASRec network has beside the sizes of every sequential recommender.
public struct SASRecShape: Sendable, Hashable {
    /// The order of normalisation in a block.
    public enum Variant: String, Sendable {
        /// x += attn(LN(x)); x += ffn(LN(x)).
        case preNorm = "pre_norm"
        /// The paper's code: only the queries are normalised, and they are what is added to.
        case original
    }

    /// The feed-forward network's activation.
    public enum Activation: String, Sendable {
        /// With erf, not the tanh form.
        case gelu
        /// max(x, 0).
        case relu
    }

    /// Added to the variance by the norms.
    static let epsilon = 1e-5

    /// Transformer blocks.
    public var blocks: Int
    /// Attention heads; divides the width of an item row.
    public var heads: Int
    /// Inner width of the feed-forward network.
    public var feedForward: Int
    /// Where a block normalises.
    public var variant: Variant
    /// Activation of the feed-forward network.
    public var activation: Activation
    /// Factor of item rows at the input.
    public var embeddingScale: Double

    /// Makes a shape.
    public init(
        blocks: Int, heads: Int, feedForward: Int, variant: Variant, activation: Activation,
        embeddingScale: Double = 1
    ) {
        self.blocks = blocks
        self.heads = heads
        self.feedForward = feedForward
        self.variant = variant
        self.activation = activation
        self.embeddingScale = embeddingScale
    }

    /// The file's metadata under `sasrec.`, beside that of every sequential recommender.
    func write(to writer: inout GGUFWriter) {
        writer.set("sasrec.variant", .string(variant.rawValue))
        writer.set("sasrec.block_count", .uint32(UInt32(blocks)))
        writer.set("sasrec.attention.head_count", .uint32(UInt32(heads)))
        writer.set("sasrec.feed_forward_length", .uint32(UInt32(feedForward)))
        writer.set("sasrec.activation", .string(activation.rawValue))
        writer.set("sasrec.layer_norm_epsilon", .float32(Float(Self.epsilon)))
        writer.set("sasrec.embedding_scale", .float32(Float(embeddingScale)))
    }
}
