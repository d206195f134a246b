internal import Domain
public import TrainingCore

/// What is asked about one user: which of the candidates came next.
public struct EvaluationQuestion: Sendable, Hashable {
    /// Where the candidates come from, and what is done to the prompt.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The target among random negatives (LLaRA section 4.1: 1 of 20).
        case listWise = "list-wise"
        /// The target and one random negative.
        case pairWise = "pair-wise"
        /// The recommender's first ``firstCount`` of the catalog; the target may not be there.
        case full
        /// What an answer ranks: the recommender's first ``servedCount``, without all that the
        /// user saw before.
        case served
        /// As ``listWise``, the shown history in a random order.
        case shuffledHistory = "shuffled-history"
        /// As ``listWise``, each item with the behavioural token of another.
        case permutedTokens = "permuted-tokens"
    }

    /// Items that the LLM ranks anew in a full ranking.
    public static let firstCount = 50
    /// Candidates of an answer: the gateway's default.
    public static let servedCount = 20

    /// The kind.
    public let kind: Kind
    /// Which draw of negatives, from 0.
    public let draw: Int
    /// The user's external id.
    public let userID: String
    /// Everything before the target, oldest first.
    public let history: [String]
    /// What came next.
    public let target: String
    /// External ids of the candidates.
    public let candidates: [String]

    /// Makes a question.
    public init(
        _ kind: Kind, draw: Int = 0, of row: EvaluationCase, candidates: [String]
    ) {
        self.kind = kind
        self.draw = draw
        userID = row.userID
        history = row.history
        target = row.target
        self.candidates = candidates
    }

    /// What tells the questions of one evaluation apart.
    public struct Key: Sendable, Hashable {
        let kind: Kind
        let draw: Int
        let userID: String
        let target: String
    }

    /// Kind, draw and row.
    public var key: Key { Key(kind: kind, draw: draw, userID: userID, target: target) }
}

/// A question with what was answered.
public struct ScoredQuestion: Sendable, Equatable {
    /// The question.
    public let question: EvaluationQuestion
    /// The recommender's score of each candidate.
    public let srs: [Double]
    /// The LLM's log-likelihood of each candidate, nats; nil for one that did not fit the prompt,
    /// and as a whole where the LLM was not asked.
    public let llm: [Double?]?
    /// What the LLM generated freely; nil where it was not asked to.
    public let text: String?

    /// Makes a scored question; a score for each candidate.
    public init(
        _ question: EvaluationQuestion, srs: [Double], llm: [Double?]? = nil, text: String? = nil
    ) {
        self.question = question
        self.srs = srs
        self.llm = llm
        self.text = text
    }

    /// The candidates with the recommender's scores.
    var bySRS: [ScoredItem] {
        zip(question.candidates, srs).map { ScoredItem(itemID: $0, score: $1) }
    }
}
