/// A request that is refused before anything is asked of anybody.
public struct RecommendRefusal: Error, Sendable, Equatable {
    /// Name of the field at fault.
    public let field: String
    /// What is wrong and what is allowed.
    public let message: String

    /// Makes a refusal.
    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

/// Named limits of a Recommend call.
public enum RecommendLimits {
    /// Items in an answer, and its default.
    public static let maximumCount = 100
    /// Default of `count`.
    public static let defaultCount = 10
    /// Candidates that one call may give or ask for.
    public static let maximumCandidates = 1_000
    /// Default of `candidate_count`; LLaRA ranks 20.
    public static let defaultCandidates = 20
    /// Items in an inline sequence.
    public static let maximumInlineSequence = 1_000
    /// Excluded ids.
    public static let maximumExclusions = 10_000
    /// Deadline of a call that brings none.
    public static let defaultDeadline = Duration.seconds(2)
    /// Candidates asked of the encoder beyond those needed, for the ones the catalog refuses.
    public static let retrievalMargin = 20
}

/// What a checked request asks for.
public struct RecommendPlan: Sendable, Equatable {
    /// Items in the answer.
    public let count: Int
    /// Candidates altogether; those beyond ``llmCount`` keep the recommender's order.
    public let candidateCount: Int
    /// Candidates that the LLM ranks, the recommender's best first.
    public let llmCount: Int
    /// Ids to rank; empty when they are to be retrieved.
    public let givenCandidateIDs: [String]

    /// Checks counts and lists; zero means the default.
    public init(
        count: Int, candidateCount: Int, givenCandidateIDs: [String], excludedCount: Int,
        inlineSequenceCount: Int, hasUser: Bool
    ) throws(RecommendRefusal) {
        try Self.check(count, "count", atMost: RecommendLimits.maximumCount)
        try Self.check(
            candidateCount, "candidate_count", atMost: RecommendLimits.maximumCandidates)
        try Self.check(
            givenCandidateIDs.count, "candidate_item_ids",
            atMost: RecommendLimits.maximumCandidates)
        try Self.check(
            excludedCount, "excluded_item_ids", atMost: RecommendLimits.maximumExclusions)
        try Self.check(
            inlineSequenceCount, "sequence", atMost: RecommendLimits.maximumInlineSequence)
        guard Set(givenCandidateIDs).count == givenCandidateIDs.count else {
            throw RecommendRefusal(
                field: "candidate_item_ids", message: "an item stands there twice")
        }
        guard !(hasUser && inlineSequenceCount > 0) else {
            throw RecommendRefusal(
                field: "sequence", message: "give a user id or a sequence, not both")
        }
        let answered = count == 0 ? RecommendLimits.defaultCount : count
        let ranked = candidateCount == 0 ? RecommendLimits.defaultCandidates : candidateCount
        self.count = answered
        self.llmCount = ranked
        self.candidateCount =
            givenCandidateIDs.isEmpty ? max(answered, ranked) : givenCandidateIDs.count
        self.givenCandidateIDs = givenCandidateIDs
    }

    private static func check(
        _ value: Int, _ field: String, atMost limit: Int
    ) throws(RecommendRefusal) {
        guard value <= limit else {
            throw RecommendRefusal(field: field, message: "\(value) is over the limit of \(limit)")
        }
    }
}
