import TrainingModels

/// How a sequential recommender is trained; every number ends up in the release's training record.
struct Recipe: Sendable, Hashable {
    /// What is minimised.
    enum Objective: String, Sendable {
        /// Cross-entropy over the whole catalog at every position.
        case softmax
        /// Binary cross-entropy of the last position's target against one random item.
        case oneNegative = "bce"
    }

    var name: String
    var objective: Objective
    var window: Int
    var dimension: Int
    var blocks: Int
    var heads: Int
    var feedForward: Int
    var variant: SASRecShape.Variant
    var activation: SASRecShape.Activation
    var tiedOutput: Bool
    var embeddingScale: Double
    var deviation: Double
    var dropout: Double
    var labelSmoothing: Double
    var learningRate: Double
    var weightDecay: Double
    var batch: Int
    var epochs: Int
    var patience: Int
    var shortening: Double

    /// What measured best on validation: full softmax at every position, tied output.
    static let standard = Recipe(
        name: "default", objective: .softmax, window: 50, dimension: 64, blocks: 2, heads: 2,
        feedForward: 256, variant: .preNorm, activation: .gelu, tiedOutput: true,
        embeddingScale: 1, deviation: 0.02, dropout: 0.3, labelSmoothing: 0,
        learningRate: 1e-3, weightDecay: 0, batch: 64, epochs: 200, patience: 20,
        shortening: 0.5)

    /// LLaRA's: DROS's SASRec, one block, one head, window 10, one negative (its issue 14).
    static let llara = Recipe(
        name: "llara", objective: .oneNegative, window: 10, dimension: 64, blocks: 1, heads: 1,
        feedForward: 64, variant: .original, activation: .relu, tiedOutput: false,
        embeddingScale: 1, deviation: 1, dropout: 0.1, labelSmoothing: 0, learningRate: 1e-3,
        weightDecay: 1e-5, batch: 256, epochs: 100, patience: 10, shortening: 0)

    /// The recipe as the training record keeps it.
    var record: [String: String] {
        [
            "name": name, "model": "sasrec", "objective": objective.rawValue,
            "window": "\(window)", "dimension": "\(dimension)", "blocks": "\(blocks)",
            "heads": "\(heads)", "feed_forward": "\(feedForward)", "variant": variant.rawValue,
            "activation": activation.rawValue, "tied_output": "\(tiedOutput)",
            "embedding_scale": "\(embeddingScale)", "deviation": "\(deviation)",
            "dropout": "\(dropout)", "label_smoothing": "\(labelSmoothing)",
            "learning_rate": "\(learningRate)", "weight_decay": "\(weightDecay)",
            "batch": "\(batch)", "epochs": "\(epochs)", "patience": "\(patience)",
            "shortening": "\(shortening)",
        ]
    }

    func configuration(itemCount: Int) -> SASRecShape {
        SASRecShape(
            itemCount: itemCount, dimension: dimension, window: window, blocks: blocks,
            heads: heads, feedForward: feedForward, variant: variant, activation: activation,
            epsilon: 1e-5, embeddingScale: embeddingScale, tiedOutput: tiedOutput)
    }
}
