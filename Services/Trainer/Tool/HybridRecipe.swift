import Domain
import TrainingCore
import TrainingModels

/// How projector and adapter are trained; every number ends up in the release's training record.
struct HybridRecipe: Sendable, Hashable {
    /// What is minimised.
    enum Objective: String, Sendable, CaseIterable, Codable {
        /// Cross-entropy of the target's title and newline, a mean over their tokens (LLaRA).
        case answer
        /// Cross-entropy over the candidates' log-likelihoods: the served score.
        case list
    }

    var name: String
    var schedule: PromptSchedule
    var objective: Objective
    /// How much `list` also wants freely written text to be one of the candidates; 0 to 1.
    var validityWeight: Double
    /// The share of the list's goal that the recommender's own softmax over the candidates has; the
    /// rest is on the item that followed (Hinton et al., 2015, with temperature 1).
    var distillationWeight: Double
    var representation: Representation
    /// Examples of the whole run, rounded down to whole steps.
    var examples: Int
    /// Examples of a batch, which share a template and are text or hybrid together.
    var batch: Int
    /// Batches of an optimizer step.
    var accumulation: Int
    var learningRate: Double
    var projectorLearningRate: Double
    var projectorWeightDecay: Double
    var warmUpShare: Double
    /// Bound of the gradients' norm, of adapter and projector each; nil clips nothing.
    ///
    /// Only hybrid batches move the projector: a joint bound would hold back the adapter just there.
    var gradientNorm: Double?
    var candidates: Int
    /// The share of negatives that the encoder retrieves.
    var hardShare: Double
    var hasUserState: Bool
    /// Whether the projector starts calibrated to item rows, states and token embeddings; otherwise
    /// as drawn.
    var calibratesProjector: Bool
    /// How examples are drawn from users and their prefixes.
    var sampling: ExampleSampling
    /// Whether a template is drawn for every batch; otherwise the one that is served.
    var drawsTemplate: Bool
    /// Whether candidates are shown in random order; otherwise in the order of serving.
    var shufflesCandidates: Bool
    /// Whether the step that validates best is released; otherwise the last.
    var keepsBest: Bool

    /// Beyond the paper: the served score is what is trained, half of its goal are the recommender's
    /// own scores, every prompt is of the served kind, and users count alike.
    static let standard = HybridRecipe(
        name: "default", schedule: .direct, objective: .list, validityWeight: 0.5,
        distillationWeight: 0.5,
        representation: .hybrid,
        examples: 6_000, batch: 8, accumulation: 1, learningRate: 1e-3,
        projectorLearningRate: 1e-3, projectorWeightDecay: 0,
        warmUpShare: LearningRateSchedule.defaultWarmUpShare, gradientNorm: 1, candidates: 20,
        hardShare: 0, hasUserState: true, calibratesProjector: true, sampling: .users,
        drawsTemplate: false,
        shufflesCandidates: false,
        keepsBest: true)

    /// LLaRA's (section 4.1.4 and its code), for a domain: the learning rate is each data set's own.
    static func llara(domain: String) -> HybridRecipe {
        let rate =
            switch domain {
            case "game": 5e-4
            case "artist": 7e-4
            default: 8e-4
            }
        return HybridRecipe(
            name: "llara", schedule: .curriculum, objective: .answer, validityWeight: 0,
            distillationWeight: 0,
            representation: .hybrid,
            examples: 6_000, batch: 8, accumulation: 16, learningRate: rate,
            projectorLearningRate: rate, projectorWeightDecay: 1e-5,
            warmUpShare: LearningRateSchedule.defaultWarmUpShare, gradientNorm: nil,
            candidates: 20, hardShare: 0, hasUserState: false, calibratesProjector: false,
            sampling: .prefixes,
            drawsTemplate: true, shufflesCandidates: true, keepsBest: false)
    }

    /// Examples of an optimizer step.
    var examplesPerStep: Int { batch * accumulation }
    /// Optimizer steps of the whole run.
    var steps: Int { examples / examplesPerStep }
    /// Batches of the whole run: the clock of the schedule.
    var batches: Int { steps * accumulation }
    /// Whether there is anything to project.
    var hasProjector: Bool {
        schedule != .text && representation.hasBehaviouralTokens
    }
    /// What its projector projects.
    var projectorRoles: [ProjectorNetwork.Role] { hasUserState ? [.item, .user] : [.item] }
    /// What a served prompt of the release shows.
    var servedRepresentation: Representation { schedule == .text ? .text : representation }

    /// The recipe as the training record keeps it.
    var record: [String: String] {
        [
            "name": name, "schedule": schedule.rawValue, "objective": objective.rawValue,
            "representation": servedRepresentation.rawValue,
            "examples": "\(steps * examplesPerStep)", "batch": "\(batch)",
            "accumulation": "\(accumulation)", "steps": "\(steps)",
            "learning_rate": "\(learningRate)",
            "projector_learning_rate": "\(projectorLearningRate)",
            "projector_weight_decay": "\(projectorWeightDecay)", "warm_up": "\(warmUpShare)",
            "gradient_norm": gradientNorm.map { "\($0)" } ?? "unbounded",
            "candidates": "\(candidates)", "hard_negatives": "\(hardShare)",
            "user_state": "\(hasUserState && hasProjector)",
            "validity_weight": "\(objective == .list ? validityWeight : 1)",
            "distillation_weight": "\(objective == .list ? distillationWeight : 0)",
            "sampling": sampling.rawValue,
            "projector_start": calibratesProjector ? "calibrated" : "drawn",
            "template": drawsTemplate ? "drawn for every batch" : "served",
            "candidate_order": shufflesCandidates ? "random" : "served",
            "released_step": keepsBest ? "best validation" : "last",
        ]
    }
}
