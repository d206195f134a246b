import CMessages
public import Domain

/// Asks for recommendations for one user.
public struct RecommendRequest: WireMessage {
    /// Whose stored sequence is used; empty when a sequence is given.
    public var userID: String
    /// Inline sequence of an anonymous user.
    public var sequence: ItemSequence?
    /// Rank these; empty is retrieved by the encoder.
    public var candidateItemIDs: [String]
    /// Items in the answer; 0 is 10.
    public var count: Int
    /// Candidates that the LLM ranks; 0 is 20.
    public var candidateCount: Int
    /// Items that the answer must not hold.
    public var excludedItemIDs: [String]
    /// Whether items of the history may be answered.
    public var includeSeen: Bool
    /// What items look like in the prompt; nil is the release's own.
    public var representation: Representation?
    /// A release's name; empty is the active one.
    public var release: String
    /// The situation: time and whatever the backend knows.
    public var context: RequestContext?
    /// The answer is at least as new as this catalog version, or the call fails.
    public var minVersion: UInt64
    /// Also answer with the prompt.
    public var explain: Bool
    /// All must hold; given candidates that fail are left out.
    public var filters: [AttributeFilter]
    /// Newest items unknown to the release that join the retrieved candidates; 0 is 2.
    public var freshItems: Int
    /// No fresh item joins.
    public var withoutFreshItems: Bool

    /// Makes the message; every field has its proto default.
    public init(
        userID: String = "", sequence: ItemSequence? = nil, candidateItemIDs: [String] = [],
        count: Int = 0, candidateCount: Int = 0, excludedItemIDs: [String] = [],
        includeSeen: Bool = false, representation: Representation? = nil, release: String = "",
        context: RequestContext? = nil, minVersion: UInt64 = 0, explain: Bool = false,
        filters: [AttributeFilter] = [], freshItems: Int = 0, withoutFreshItems: Bool = false
    ) {
        self.userID = userID
        self.sequence = sequence
        self.candidateItemIDs = candidateItemIDs
        self.count = count
        self.candidateCount = candidateCount
        self.excludedItemIDs = excludedItemIDs
        self.includeSeen = includeSeen
        self.representation = representation
        self.release = release
        self.context = context
        self.minVersion = minVersion
        self.explain = explain
        self.filters = filters
        self.freshItems = freshItems
        self.withoutFreshItems = withoutFreshItems
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RecommendRequest> { .protobuf }
}

extension RecommendRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RecommendRequest>?) -> Void {
        llara__v1__recommend_request__init
    }

    init(_ c: Llara__V1__RecommendRequest) throws(WireError) {
        self.init(
            userID: try Checked.name("user_id", c.user_id),
            sequence: try Checked.optional("sequence", c.sequence),
            candidateItemIDs: try Checked.identifiers(
                "candidate_item_ids", c.candidate_item_ids, c.n_candidate_item_ids,
                limit: WireLimits.maximumCandidates),
            count: Int(c.count),
            candidateCount: Int(c.candidate_count),
            excludedItemIDs: try Checked.identifiers(
                "excluded_item_ids", c.excluded_item_ids, c.n_excluded_item_ids,
                limit: WireLimits.maximumListCount),
            includeSeen: c.include_seen != 0,
            representation: try Checked.representation("representation", c.representation),
            release: try Checked.name("release", c.release),
            context: try Checked.optional("context", c.context),
            minVersion: c.min_version,
            explain: c.explain != 0,
            filters: try Checked.list(
                "filters", c.filters, c.n_filters, limit: WireLimits.maximumFilters),
            freshItems: Int(c.fresh_items), withoutFreshItems: c.without_fresh_items != 0)
    }

    func fill(_ c: inout Llara__V1__RecommendRequest, _ arena: EncodingArena) {
        c.user_id = arena.string(userID)
        c.sequence = arena.optional(sequence)
        (c.n_candidate_item_ids, c.candidate_item_ids) = arena.strings(candidateItemIDs)
        c.count = UInt32(clamping: count)
        c.candidate_count = UInt32(clamping: candidateCount)
        (c.n_excluded_item_ids, c.excluded_item_ids) = arena.strings(excludedItemIDs)
        c.include_seen = includeSeen ? 1 : 0
        c.representation = .of(representation)
        c.release = arena.string(release)
        c.context = arena.optional(context)
        c.min_version = minVersion
        c.explain = explain ? 1 : 0
        (c.n_filters, c.filters) = arena.list(filters)
        c.fresh_items = UInt32(clamping: freshItems)
        c.without_fresh_items = withoutFreshItems ? 1 : 0
    }
}

/// A ranked answer.
public struct RecommendResponse: WireMessage {
    /// Best first.
    public var items: [RecommendedItem]
    /// Share of the candidates that the LLM really scored, 0...1.
    public var coverage: Double
    /// Whether the answer stands lower on the fallback ladder than asked.
    public var degraded: Bool
    /// Why it is degraded.
    public var degradations: [Degradation]
    /// What stands behind the answer.
    public var provenance: Provenance?
    /// The time of each stage, in their order.
    public var stages: [StageTime]
    /// With `explain`: the prompt; a behavioural token is written `<item:ID>`.
    public var prompt: String
    /// Positions of the prompt.
    public var promptTokenCount: Int
    /// Of a stream: a better ordered answer follows.
    public var isPreliminary: Bool
    /// With `explain`: the positions of the prompt.
    public var promptTokens: [PromptToken]
    /// Positions that the ranker evaluated.
    public var evaluatedTokenCount: Int
    /// Positions that the ranker had in its cache.
    public var reusedTokenCount: Int

    /// Makes the message; every field has its proto default.
    public init(
        items: [RecommendedItem] = [], coverage: Double = 0, degraded: Bool = false,
        degradations: [Degradation] = [], provenance: Provenance? = nil, stages: [StageTime] = [],
        prompt: String = "", promptTokenCount: Int = 0, isPreliminary: Bool = false,
        promptTokens: [PromptToken] = [], evaluatedTokenCount: Int = 0, reusedTokenCount: Int = 0
    ) {
        self.items = items
        self.coverage = coverage
        self.degraded = degraded
        self.degradations = degradations
        self.provenance = provenance
        self.stages = stages
        self.prompt = prompt
        self.promptTokenCount = promptTokenCount
        self.isPreliminary = isPreliminary
        self.promptTokens = promptTokens
        self.evaluatedTokenCount = evaluatedTokenCount
        self.reusedTokenCount = reusedTokenCount
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RecommendResponse> { .protobuf }
}

extension RecommendResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RecommendResponse>?) -> Void {
        llara__v1__recommend_response__init
    }

    init(_ c: Llara__V1__RecommendResponse) throws(WireError) {
        self.init(
            items: try Checked.list(
                "items", c.items, c.n_items, limit: WireLimits.maximumCandidates),
            coverage: c.coverage,
            degraded: c.degraded != 0,
            degradations: try Checked.list(
                "degradations", c.degradations, c.n_degradations,
                limit: WireLimits.maximumDescriptions),
            provenance: try Checked.optional("provenance", c.provenance),
            stages: try Checked.list(
                "stages", c.stages, c.n_stages, limit: WireLimits.maximumDescriptions),
            prompt: Checked.text(c.prompt),
            promptTokenCount: Int(c.prompt_token_count), isPreliminary: c.is_preliminary != 0,
            promptTokens: try Checked.list(
                "prompt_tokens", c.prompt_tokens, c.n_prompt_tokens,
                limit: WireLimits.maximumPromptTokens),
            evaluatedTokenCount: Int(c.evaluated_token_count),
            reusedTokenCount: Int(c.reused_token_count))
    }

    func fill(_ c: inout Llara__V1__RecommendResponse, _ arena: EncodingArena) {
        (c.n_items, c.items) = arena.list(items)
        c.coverage = coverage
        c.degraded = degraded ? 1 : 0
        (c.n_degradations, c.degradations) = arena.list(degradations)
        c.provenance = arena.optional(provenance)
        (c.n_stages, c.stages) = arena.list(stages)
        c.prompt = arena.string(prompt)
        c.prompt_token_count = UInt32(clamping: promptTokenCount)
        c.is_preliminary = isPreliminary ? 1 : 0
        (c.n_prompt_tokens, c.prompt_tokens) = arena.list(promptTokens)
        c.evaluated_token_count = UInt32(clamping: evaluatedTokenCount)
        c.reused_token_count = UInt32(clamping: reusedTokenCount)
    }
}
