import GGML
import TrainingModels

/// How a sequential recommender is trained; every number ends up in the release's training record.
struct Recipe: Sendable, Hashable {
    /// What is minimised.
    enum Objective: String, Sendable {
        /// Cross-entropy over the whole catalog at every position.
        case softmax
        /// Cross-entropy over the whole catalog at the last position of every prefix.
        case lastSoftmax = "softmax_last"
        /// Binary cross-entropy of the last position's target against one random item.
        case oneNegative = "bce"
    }

    var name: String
    var objective: Objective
    var window: Int
    var dimension: Int
    var tiedOutput: Bool
    var network: SequentialShape.Network
    var deviation: Double
    var dropout: Double
    var labelSmoothing: Double
    var learningRate: Double
    var weightDecay: Double
    var batch: Int
    var epochs: Int
    var patience: Int
    var shortening: Double

    /// The full softmax: for SASRec, which measured best so, and GRU4Rec at every position, for
    /// Caser, whose states are each a window's own, at the last one of every prefix.
    static func standard(_ model: SequentialConfiguration.Architecture) -> Recipe {
        var recipe = Recipe(
            name: "default", objective: .softmax, window: 50, dimension: 64, tiedOutput: true,
            network: .gru4rec, deviation: 0.02, dropout: 0.3, labelSmoothing: 0,
            learningRate: 1e-3, weightDecay: 0, batch: 64, epochs: 200, patience: 20,
            shortening: 0.5)
        switch model {
        case .sasrec:
            recipe.network = .sasrec(
                SASRecShape(
                    blocks: 2, heads: 2, feedForward: 256, variant: .preNorm, activation: .gelu))
        case .gru4rec: break
        case .caser:
            recipe.network = .caser(
                CaserShape(heights: [2, 3, 4], filterCount: 16, hasLastLayer: true))
            recipe.objective = .lastSoftmax
            recipe.window = 10
            recipe.batch = 256
            recipe.shortening = 0
        }
        return recipe
    }

    /// LLaRA's: those of DROS, window 10, own output layer, one negative (its issue 14).
    static func llara(_ model: SequentialConfiguration.Architecture) -> Recipe {
        let network: SequentialShape.Network =
            switch model {
            case .sasrec:
                .sasrec(
                    SASRecShape(
                        blocks: 1, heads: 1, feedForward: 64, variant: .original,
                        activation: .relu))
            case .gru4rec: .gru4rec
            case .caser:
                .caser(CaserShape(heights: [2, 3, 4], filterCount: 16, hasLastLayer: false))
            }
        return Recipe(
            name: "llara", objective: .oneNegative, window: 10, dimension: 64, tiedOutput: false,
            network: network, deviation: model == .sasrec ? 1 : 0.01, dropout: 0.1,
            labelSmoothing: 0, learningRate: 1e-3, weightDecay: 1e-5, batch: 256, epochs: 100,
            patience: 10, shortening: 0)
    }

    /// The recipe as the training record keeps it.
    var record: [String: String] {
        var record = [
            "name": name, "model": network.architecture.rawValue,
            "objective": objective.rawValue, "window": "\(window)", "dimension": "\(dimension)",
            "tied_output": "\(tiedOutput)", "deviation": "\(deviation)", "dropout": "\(dropout)",
            "label_smoothing": "\(labelSmoothing)", "learning_rate": "\(learningRate)",
            "weight_decay": "\(weightDecay)", "batch": "\(batch)", "epochs": "\(epochs)",
            "patience": "\(patience)", "shortening": "\(shortening)",
        ]
        switch network {
        case .sasrec(let shape):
            record["blocks"] = "\(shape.blocks)"
            record["heads"] = "\(shape.heads)"
            record["feed_forward"] = "\(shape.feedForward)"
            record["variant"] = shape.variant.rawValue
            record["activation"] = shape.activation.rawValue
            record["embedding_scale"] = "\(shape.embeddingScale)"
        case .gru4rec: break
        case .caser(let shape):
            record["heights"] = shape.heights.map(String.init).joined(separator: " ")
            record["filter_count"] = "\(shape.filterCount)"
            record["last_layer"] = "\(shape.hasLastLayer)"
        }
        return record
    }

    /// The network's shape for a catalog of so many items.
    func shape(itemCount: Int) -> SequentialShape {
        SequentialShape(
            itemCount: itemCount, dimension: dimension, window: window, tiedOutput: tiedOutput,
            network: network)
    }
}
