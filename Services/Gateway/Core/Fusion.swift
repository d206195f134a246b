internal import Domain

/// The scores of one candidate before fusion; nil where a part is missing.
public struct CandidateScores: Sendable, Hashable {
    /// The item's external id.
    public let itemID: String
    /// Log-likelihood of its title and newline, nats.
    public let llm: Double?
    /// Score of the sequential recommender.
    public let srs: Double?

    /// Makes the scores of an item.
    public init(itemID: String, llm: Double?, srs: Double?) {
        self.itemID = itemID
        self.llm = llm
        self.srs = srs
    }
}

/// How much each part weighs; a release stores its own.
public struct FusionWeights: Sendable, Hashable {
    /// Weight of the LLM's log-probability among the candidates.
    public let llm: Double
    /// Weight of the recommender's log-probability among the candidates.
    public let srs: Double

    /// Makes weights; both at least 0.
    public init(llm: Double, srs: Double) {
        self.llm = llm
        self.srs = srs
    }
}

/// An item's place in the answer and how it came about.
public struct FusedScore: Sendable, Hashable {
    /// The item's external id.
    public let itemID: String
    /// What orders the items: the weighted sum of the log-probabilities.
    public let score: Double
    /// Log-probability among the candidates by the LLM; nil unless the LLM scored it.
    public let llmLogProbability: Double?
    /// Log-probability among the same candidates by the recommender; nil when it gave no score.
    public let srsLogProbability: Double?

    /// Makes a score.
    public init(
        itemID: String, score: Double, llmLogProbability: Double? = nil,
        srsLogProbability: Double? = nil
    ) {
        self.itemID = itemID
        self.score = score
        self.llmLogProbability = llmLogProbability
        self.srsLogProbability = srsLogProbability
    }
}

/// Weighted sum of log-softmaxes over the candidates, which puts both parts on one scale.
public enum Fusion {
    /// The candidates best first.
    ///
    /// Candidates that the LLM scored stand before those it did not reach: a missing part cannot
    /// be compared with a present one. Within each group the order is by fused score, ties by id,
    /// and the log-probabilities are those among the group.
    public static func rank(
        _ candidates: [CandidateScores], weights: FusionWeights
    ) -> [FusedScore] {
        let scored = candidates.filter { $0.llm != nil }
        let unscored = candidates.filter { $0.llm == nil }
        return fuse(scored, weights: weights)
            + fuse(unscored, weights: FusionWeights(llm: 0, srs: 1))
    }

    private static func fuse(
        _ group: [CandidateScores], weights: FusionWeights
    ) -> [FusedScore] {
        let llm = logSoftmax(group.map(\.llm))
        let srs = logSoftmax(group.map(\.srs))
        return group.indices.map { index in
            FusedScore(
                itemID: group[index].itemID,
                score: weights.llm * llm[index] + weights.srs * srs[index],
                llmLogProbability: group[index].llm.map { _ in llm[index] },
                srsLogProbability: group[index].srs.map { _ in srs[index] })
        }.sorted { $0.score != $1.score ? $0.score > $1.score : $0.itemID < $1.itemID }
    }

    /// Log-probabilities among the present values; 0 where the part is missing for all, and the
    /// median of the present where it is missing for one.
    static func logSoftmax(_ values: [Double?]) -> [Double] {
        let present = values.compactMap { $0 }.sorted()
        guard let largest = present.last else { return values.map { _ in 0 } }
        let median = present[present.count / 2]
        let filled = values.map { $0 ?? median }
        var sum = 0.0
        for value in filled { sum += exponential(value - largest) }
        let logSum = largest + logarithm(sum)
        return filled.map { $0 - logSum }
    }
}
