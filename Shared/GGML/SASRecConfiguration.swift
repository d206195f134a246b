/// Shape and options of a SASRec network as its GGUF metadata tells them.
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

    /// Value of `general.architecture`.
    public static let architecture = "sasrec"
    /// Largest width.
    public static let maximumDimension = 4_096
    /// Longest window.
    public static let maximumWindow = 4_096
    /// Most blocks.
    public static let maximumBlocks = 64
    /// Largest feed-forward width.
    public static let maximumFeedForward = 65_536
    /// Most items.
    public static let maximumItems = Int(Int32.max)

    /// Where the layer normalisations stand.
    public let variant: Variant
    /// Width of an item row and of a state.
    public let dimension: Int
    /// How many of the newest items count.
    public let window: Int
    /// Number of blocks.
    public let blockCount: Int
    /// Attention heads; divides ``dimension``.
    public let headCount: Int
    /// Width between the two feed-forward layers.
    public let feedForward: Int
    /// Rows of the item table.
    public let itemCount: Int
    /// What stands between the two feed-forward layers.
    public let activation: Activation
    /// Added to the variance in layer normalisation.
    public let layerNormEpsilon: Float
    /// Factor on item rows before positions are added.
    public let embeddingScale: Float
    /// Whether scores use the item table; else `output.weight`.
    public let isOutputTied: Bool

    /// Reads and checks the metadata.
    init(file: GGUFFile) throws(GGUFError) {
        try file.requireArchitecture(Self.architecture)
        func size(_ key: String, atMost limit: Int) throws(GGUFError) -> Int {
            let value = try file.count("sasrec.\(key)", atMost: limit)
            guard value > 0 else { throw file.failure(.metadata, "sasrec.\(key) is 0") }
            return value
        }
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
        dimension = try size("embedding_length", atMost: Self.maximumDimension)
        window = try size("context_length", atMost: Self.maximumWindow)
        blockCount = try size("block_count", atMost: Self.maximumBlocks)
        headCount = try size("attention.head_count", atMost: dimension)
        feedForward = try size("feed_forward_length", atMost: Self.maximumFeedForward)
        itemCount = try size("item_count", atMost: Self.maximumItems)
        layerNormEpsilon = try file.number("sasrec.layer_norm_epsilon")
        embeddingScale = try file.number("sasrec.embedding_scale")
        isOutputTied = try file.flag("sasrec.tied_output")
        guard dimension.isMultiple(of: headCount) else {
            throw file.failure(
                .metadata, "\(headCount) heads do not divide the width \(dimension)")
        }
        guard layerNormEpsilon > 0 else {
            throw file.failure(.metadata, "sasrec.layer_norm_epsilon is not positive")
        }
    }
}
