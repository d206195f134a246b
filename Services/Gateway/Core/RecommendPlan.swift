public import Domain

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

/// What a request asks for, before it is checked; zero means the default.
public struct RecommendWishes: Sendable {
    /// Items in the answer.
    public var count = 0
    /// Candidates that the LLM ranks.
    public var candidateCount = 0
    /// Ids to rank; empty when they are to be retrieved.
    public var givenCandidateIDs: [String] = []
    /// Number of excluded ids.
    public var excludedCount = 0
    /// Ids of an inline sequence.
    public var inlineItemIDs: [String] = []
    /// Whether a user is named.
    public var hasUser = false
    /// Tests that every candidate must pass.
    public var filters: [AttributeFilter] = []
    /// Newest items unknown to the release that join the retrieved candidates.
    public var freshItemCount = 0
    /// Whether none of those shall join.
    public var withoutFreshItems = false

    /// The wishes of an empty request.
    public init() {}
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
    /// Tests that every candidate must pass.
    public let filters: [AttributeFilter]
    /// Items unknown to the release that may join the retrieved candidates.
    public let freshItemCount: Int

    /// Checks counts and lists, and fills in the defaults.
    public init(_ wishes: RecommendWishes) throws(RecommendRefusal) {
        try Self.checkCounts(wishes)
        try Self.check(wishes.filters)
        let given = wishes.givenCandidateIDs
        try Self.checkForm(wishes.inlineItemIDs) { "sequence.items[\($0)].item_id" }
        try Self.checkForm(given) { "candidate_item_ids[\($0)]" }
        guard Set(given).count == given.count else {
            throw RecommendRefusal(
                field: "candidate_item_ids", message: "an item stands there twice")
        }
        switch (wishes.hasUser, !wishes.inlineItemIDs.isEmpty) {
        case (true, true):
            throw RecommendRefusal(
                field: "sequence", message: "give a user id or a sequence, not both")
        case (false, false):
            throw RecommendRefusal(field: "user_id", message: "give a user id or a sequence")
        default: break
        }
        let answered = wishes.count == 0 ? RecommendLimits.defaultCount : wishes.count
        let ranked =
            wishes.candidateCount == 0 ? RecommendLimits.defaultCandidates : wishes.candidateCount
        let fresh =
            wishes.freshItemCount == 0 ? RecommendLimits.defaultFreshItems : wishes.freshItemCount
        count = answered
        llmCount = min(ranked, RecommendLimits.maximumRanked)
        candidateCount = given.isEmpty ? max(answered, ranked) : given.count
        givenCandidateIDs = given
        filters = wishes.filters
        freshItemCount = wishes.withoutFreshItems || !given.isEmpty ? 0 : fresh
    }

    private static func checkCounts(_ wishes: RecommendWishes) throws(RecommendRefusal) {
        try check(wishes.count, "count", atMost: RecommendLimits.maximumCount)
        try check(
            wishes.candidateCount, "candidate_count", atMost: RecommendLimits.maximumCandidates)
        try check(
            wishes.givenCandidateIDs.count, "candidate_item_ids",
            atMost: RecommendLimits.maximumCandidates)
        try check(
            wishes.excludedCount, "excluded_item_ids", atMost: RecommendLimits.maximumExclusions)
        try check(
            wishes.inlineItemIDs.count, "sequence", atMost: RecommendLimits.maximumInlineSequence)
        try check(
            wishes.freshItemCount, "fresh_items", atMost: RecommendLimits.maximumFreshItems)
        guard wishes.freshItemCount == 0 || !wishes.withoutFreshItems else {
            throw RecommendRefusal(
                field: "fresh_items", message: "contradicts without_fresh_items; set one of them")
        }
    }

    private static func check(_ filters: [AttributeFilter]) throws(RecommendRefusal) {
        try check(filters.count, "filters", atMost: RecommendLimits.maximumFilters)
        for (index, filter) in filters.enumerated() {
            let field = "filters[\(index)]"
            guard !filter.key.isEmpty else {
                throw RecommendRefusal(
                    field: "\(field).key", message: "is empty; name an attribute")
            }
            try check(
                filter.anyOf.count, "\(field).any_of",
                atMost: RecommendLimits.maximumFilterValues)
            guard let range = filter.range else { continue }
            let bounds = [range.minimum, range.maximum].compactMap { $0 }
            guard !bounds.isEmpty, bounds.allSatisfy(\.isFinite) else {
                throw RecommendRefusal(
                    field: "\(field).range", message: "needs a minimum or a maximum, finite")
            }
            guard bounds.first ?? 0 <= bounds.last ?? 0 else {
                throw RecommendRefusal(
                    field: "\(field).range", message: "has its minimum above its maximum")
            }
        }
    }

    /// No item has an id of another form, but one of the same look would be taken for it.
    private static func checkForm(
        _ ids: [String], _ field: (Int) -> String
    ) throws(RecommendRefusal) {
        if let index = ids.firstIndex(where: { !UnicodeForm.isComposed($0) }) {
            throw RecommendRefusal(field: field(index), message: UnicodeForm.problem)
        }
    }

    private static func check(
        _ value: Int, _ field: String, atMost limit: Int
    ) throws(RecommendRefusal) {
        guard value <= limit else {
            throw RecommendRefusal(field: field, message: "\(value) is over the limit of \(limit)")
        }
    }
}
