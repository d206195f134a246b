/// Options of a SASRec network as its GGUF metadata under `sasrec.` tells them, beside those of
/// ``SequentialConfiguration``.
public struct SASRecConfiguration: Sendable, Equatable {
    /// Where the layer normalisations stand.
    public enum Variant: String, Sendable {
        /// Before each part, as later transformers have it.
        case preNorm = "pre_norm"
        /// As published: the query and the residual are normalised, keys and values are not.
        case original
    }

    /// What stands between the two feed-forward layers.
    public enum Activation: String, Sendable {
        /// The exact GELU.
        case gelu
        /// The rectifier, as published.
        case relu
    }

    /// Most blocks.
    public static let maximumBlocks = 64
    /// Largest feed-forward width.
    public static let maximumFeedForward = 65_536

    /// Where the layer normalisations stand.
    public let variant: Variant
    /// Number of blocks.
    public let blockCount: Int
    /// Attention heads; divides the width of an item row.
    public let headCount: Int
    /// Width between the two feed-forward layers.
    public let feedForward: Int
    /// What stands between the two feed-forward layers.
    public let activation: Activation
    /// Added to the variance in layer normalisation.
    public let layerNormEpsilon: Float
    /// Factor on item rows before positions are added.
    public let embeddingScale: Float

    /// Reads and checks the metadata of a network whose item rows are `dimension` wide.
    init(file: GGUFFile, dimension: Int) throws(GGUFError) {
        let variantName = try file.text("sasrec.variant")
        guard let variant = Variant(rawValue: variantName) else {
            throw file.failure(.unsupported, "sasrec.variant \(variantName) is not known")
        }
        let activationName = try file.text("sasrec.activation")
        guard let activation = Activation(rawValue: activationName) else {
            throw file.failure(.unsupported, "sasrec.activation \(activationName) is not known")
        }
        self.variant = variant
        self.activation = activation
        blockCount = try file.size("sasrec.block_count", atMost: Self.maximumBlocks)
        headCount = try file.size("sasrec.attention.head_count", atMost: dimension)
        feedForward = try file.size(
            "sasrec.feed_forward_length", atMost: Self.maximumFeedForward)
        layerNormEpsilon = try file.number("sasrec.layer_norm_epsilon")
        embeddingScale = try file.number("sasrec.embedding_scale")
        guard dimension.isMultiple(of: headCount) else {
            throw file.failure(
                .metadata, "\(headCount) heads do not divide the width \(dimension)")
        }
        guard layerNormEpsilon > 0 else {
            throw file.failure(.metadata, "sasrec.layer_norm_epsilon is not positive")
        }
    }
}
