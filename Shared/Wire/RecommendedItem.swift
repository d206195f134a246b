import CMessages

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
    /// Log-likelihood by token, in nats.
    public var llmMean: Double
    /// The LLM's log-softmax over the candidates, before weights: what is added up.
    public var llmLogProbability: Double
    /// The encoder's.
    public var srsLogProbability: Double

    /// Makes the message; every field has its proto default.
    public init(
        llm: Double = 0, srs: Double = 0, hasLLM: Bool = false, hasSRS: Bool = false,
        llmTokenCount: Int = 0, llmMean: Double = 0, llmLogProbability: Double = 0,
        srsLogProbability: Double = 0
    ) {
        self.llm = llm
        self.srs = srs
        self.hasLLM = hasLLM
        self.hasSRS = hasSRS
        self.llmTokenCount = llmTokenCount
        self.llmMean = llmMean
        self.llmLogProbability = llmLogProbability
        self.srsLogProbability = srsLogProbability
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
            llmTokenCount: Int(c.llm_token_count), llmMean: c.llm_mean,
            llmLogProbability: c.llm_log_probability, srsLogProbability: c.srs_log_probability)
    }

    func fill(_ c: inout Llara__V1__ScoreParts, _ arena: EncodingArena) {
        c.llm = llm
        c.srs = srs
        c.has_llm = hasLLM ? 1 : 0
        c.has_srs = hasSRS ? 1 : 0
        c.llm_token_count = UInt32(clamping: llmTokenCount)
        c.llm_mean = llmMean
        c.llm_log_probability = llmLogProbability
        c.srs_log_probability = srsLogProbability
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
