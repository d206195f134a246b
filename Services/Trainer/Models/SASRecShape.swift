internal import GGML

/// The shape of a SASRec network, as its GGUF file records it.
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

    /// Rows of the item table.
    public var itemCount: Int
    /// Width of a row and a state.
    public var dimension: Int
    /// Newest items that count.
    public var window: Int
    /// Transformer blocks.
    public var blocks: Int
    /// Attention heads; divides `dimension`.
    public var heads: Int
    /// Inner width of the feed-forward network.
    public var feedForward: Int
    /// Where a block normalises.
    public var variant: Variant
    /// Activation of the feed-forward network.
    public var activation: Activation
    /// Added to the variance by the norms.
    public var epsilon: Double
    /// Factor of item rows at the input.
    public var embeddingScale: Double
    /// Whether the item table is the output layer, too.
    public var tiedOutput: Bool

    /// Makes a shape.
    public init(
        itemCount: Int, dimension: Int, window: Int, blocks: Int, heads: Int, feedForward: Int,
        variant: Variant, activation: Activation, epsilon: Double, embeddingScale: Double,
        tiedOutput: Bool
    ) {
        self.itemCount = itemCount
        self.dimension = dimension
        self.window = window
        self.blocks = blocks
        self.heads = heads
        self.feedForward = feedForward
        self.variant = variant
        self.activation = activation
        self.epsilon = epsilon
        self.embeddingScale = embeddingScale
        self.tiedOutput = tiedOutput
    }
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
