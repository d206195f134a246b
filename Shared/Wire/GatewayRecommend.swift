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

    /// Makes the message; every field has its proto default.
    public init(
        userID: String = "", sequence: ItemSequence? = nil, candidateItemIDs: [String] = [],
        count: Int = 0, candidateCount: Int = 0, excludedItemIDs: [String] = [],
        includeSeen: Bool = false, representation: Representation? = nil, release: String = "",
        context: RequestContext? = nil, minVersion: UInt64 = 0, explain: Bool = false
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
            explain: c.explain != 0)
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
    }
}

/// The parts of a fused score, as measured, before weights.
public struct ScoreParts: WireMessage {
    /// Log-likelihood in nats; says nothing unless ``hasLLM``.
    public var llm: Double
    /// The encoder's score; says nothing unless ``hasSRS``.
    public var srs: Double
    /// Whether the LLM scored it.
    public var hasLLM: Bool
    /// Whether the encoder scored it.
    public var hasSRS: Bool
    /// Tokens of the log-likelihood.
    public var llmTokenCount: Int

    /// Makes the message; every field has its proto default.
    public init(
        llm: Double = 0, srs: Double = 0, hasLLM: Bool = false, hasSRS: Bool = false,
        llmTokenCount: Int = 0
    ) {
        self.llm = llm
        self.srs = srs
        self.hasLLM = hasLLM
        self.hasSRS = hasSRS
        self.llmTokenCount = llmTokenCount
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ScoreParts> { .protobuf }
}

extension ScoreParts: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ScoreParts>?) -> Void {
        llara__v1__score_parts__init
    }

    init(_ c: Llara__V1__ScoreParts) throws(WireError) {
        self.init(
            llm: c.llm,
            srs: c.srs,
            hasLLM: c.has_llm != 0,
            hasSRS: c.has_srs != 0,
            llmTokenCount: Int(c.llm_token_count))
    }

    func fill(_ c: inout Llara__V1__ScoreParts, _ arena: EncodingArena) {
        c.llm = llm
        c.srs = srs
        c.has_llm = hasLLM ? 1 : 0
        c.has_srs = hasSRS ? 1 : 0
        c.llm_token_count = UInt32(clamping: llmTokenCount)
    }
}

/// One item of an answer.
public struct RecommendedItem: WireMessage {
    /// The item's id.
    public var id: String
    /// Its title in the catalog.
    public var title: String
    /// The fused score that ordered the answer.
    public var score: Double
    /// What the score is made of.
    public var parts: ScoreParts?
    /// The release has no row for it.
    public var notInRelease: Bool

    /// Makes the message; every field has its proto default.
    public init(
        id: String = "", title: String = "", score: Double = 0, parts: ScoreParts? = nil,
        notInRelease: Bool = false
    ) {
        self.id = id
        self.title = title
        self.score = score
        self.parts = parts
        self.notInRelease = notInRelease
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RecommendedItem> { .protobuf }
}

extension RecommendedItem: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RecommendedItem>?) -> Void {
        llara__v1__recommended_item__init
    }

    init(_ c: Llara__V1__RecommendedItem) throws(WireError) {
        self.init(
            id: try Checked.identifier("id", c.id),
            title: try Checked.title("title", c.title),
            score: c.score,
            parts: try Checked.optional("parts", c.parts),
            notInRelease: c.not_in_release != 0)
    }

    func fill(_ c: inout Llara__V1__RecommendedItem, _ arena: EncodingArena) {
        c.id = arena.string(id)
        c.title = arena.string(title)
        c.score = score
        c.parts = arena.optional(parts)
        c.not_in_release = notInRelease ? 1 : 0
    }
}

/// What stands behind an answer.
public struct Provenance: WireMessage {
    /// The release's name.
    public var release: String
    /// What items looked like in the prompt.
    public var representation: Representation?
    /// The catalog as of which the answer holds.
    public var catalogVersion: UInt64
    /// The LLM's name.
    public var llm: String
    /// SHA-256 of the release's manifest.
    public var manifestSHA256: [UInt8]
    /// SHA-256 of the LLM's file.
    public var llmSHA256: [UInt8]
    /// What ordered the items: "hybrid", "text", "srs" or "popularity".
    public var rankedBy: String
    /// The LoRA adapter, empty if none.
    public var adapter: String
    /// Weight of the LLM's part in the fused score.
    public var llmWeight: Double
    /// Weight of the encoder's part in the fused score.
    public var srsWeight: Double

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", representation: Representation? = nil, catalogVersion: UInt64 = 0,
        llm: String = "", manifestSHA256: [UInt8] = [], llmSHA256: [UInt8] = [],
        rankedBy: String = "", adapter: String = "", llmWeight: Double = 0, srsWeight: Double = 0
    ) {
        self.release = release
        self.representation = representation
        self.catalogVersion = catalogVersion
        self.llm = llm
        self.manifestSHA256 = manifestSHA256
        self.llmSHA256 = llmSHA256
        self.rankedBy = rankedBy
        self.adapter = adapter
        self.llmWeight = llmWeight
        self.srsWeight = srsWeight
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<Provenance> { .protobuf }
}

extension Provenance: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Provenance>?) -> Void {
        llara__v1__provenance__init
    }

    init(_ c: Llara__V1__Provenance) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            representation: try Checked.representation("representation", c.representation),
            catalogVersion: c.catalog_version,
            llm: try Checked.name("llm", c.llm),
            manifestSHA256: try Checked.hash("manifest_sha256", c.manifest_sha256),
            llmSHA256: try Checked.hash("llm_sha256", c.llm_sha256),
            rankedBy: try Checked.name("ranked_by", c.ranked_by),
            adapter: try Checked.name("adapter", c.adapter),
            llmWeight: c.llm_weight,
            srsWeight: c.srs_weight)
    }

    func fill(_ c: inout Llara__V1__Provenance, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.representation = .of(representation)
        c.catalog_version = catalogVersion
        c.llm = arena.string(llm)
        c.manifest_sha256 = arena.bytes(manifestSHA256)
        c.llm_sha256 = arena.bytes(llmSHA256)
        c.ranked_by = arena.string(rankedBy)
        c.adapter = arena.string(adapter)
        c.llm_weight = llmWeight
        c.srs_weight = srsWeight
    }
}

/// One rung down the fallback ladder.
public struct Degradation: WireMessage {
    /// Which stage failed: "encoder", "projector" or "ranker".
    public var stage: String
    /// Why, for machines: the status code's name in lower case, "deadline" or "release_mismatch".
    public var reason: String
    /// Why, for people.
    public var message: String

    /// Makes the message; every field has its proto default.
    public init(stage: String = "", reason: String = "", message: String = "") {
        self.stage = stage
        self.reason = reason
        self.message = message
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<Degradation> { .protobuf }
}

extension Degradation: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Degradation>?) -> Void {
        llara__v1__degradation__init
    }

    init(_ c: Llara__V1__Degradation) throws(WireError) {
        self.init(
            stage: try Checked.name("stage", c.stage),
            reason: try Checked.name("reason", c.reason),
            message: try Checked.title("message", c.message))
    }

    func fill(_ c: inout Llara__V1__Degradation, _ arena: EncodingArena) {
        c.stage = arena.string(stage)
        c.reason = arena.string(reason)
        c.message = arena.string(message)
    }
}

/// The time that one stage of an answer took.
public struct StageTime: WireMessage {
    /// The stage.
    public var stage: String
    /// Wall time.
    public var milliseconds: Double

    /// Makes the message; every field has its proto default.
    public init(stage: String = "", milliseconds: Double = 0) {
        self.stage = stage
        self.milliseconds = milliseconds
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<StageTime> { .protobuf }
}

extension StageTime: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__StageTime>?) -> Void {
        llara__v1__stage_time__init
    }

    init(_ c: Llara__V1__StageTime) throws(WireError) {
        self.init(
            stage: try Checked.name("stage", c.stage),
            milliseconds: c.milliseconds)
    }

    func fill(_ c: inout Llara__V1__StageTime, _ arena: EncodingArena) {
        c.stage = arena.string(stage)
        c.milliseconds = milliseconds
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

    /// Makes the message; every field has its proto default.
    public init(
        items: [RecommendedItem] = [], coverage: Double = 0, degraded: Bool = false,
        degradations: [Degradation] = [], provenance: Provenance? = nil, stages: [StageTime] = [],
        prompt: String = "", promptTokenCount: Int = 0
    ) {
        self.items = items
        self.coverage = coverage
        self.degraded = degraded
        self.degradations = degradations
        self.provenance = provenance
        self.stages = stages
        self.prompt = prompt
        self.promptTokenCount = promptTokenCount
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
            promptTokenCount: Int(c.prompt_token_count))
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
    }
}
