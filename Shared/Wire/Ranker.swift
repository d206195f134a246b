import CMessages
public import Domain

/// A continuation to be scored.
public struct RankCandidate: WireMessage {
    /// The item's id.
    public var id: String
    /// What is scored, with its leading blank and newline: " title\n".
    public var text: String

    /// Makes the message; every field has its proto default.
    public init(id: String = "", text: String = "") {
        self.id = id
        self.text = text
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RankCandidate> { .protobuf }
}

extension RankCandidate: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RankCandidate>?) -> Void {
        llara__v1__rank_candidate__init
    }

    init(_ c: Llara__V1__RankCandidate) throws(WireError) {
        self.init(
            id: try Checked.identifier("id", c.id),
            text: try Checked.title("text", c.text))
    }

    func fill(_ c: inout Llara__V1__RankCandidate, _ arena: EncodingArena) {
        c.id = arena.string(id)
        c.text = arena.string(text)
    }
}

/// Asks for the log-likelihood of each candidate after one prompt.
public struct RankRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// A LoRA adapter of the release; empty is the release's default, if it has one.
    public var adapter: String
    /// The prompt's pieces, in order.
    public var prompt: [PromptSegment]
    /// What to score.
    public var candidates: [RankCandidate]
    /// Rows that the prompt's vector segments refer to, n x H.
    public var vectors: FloatTensor?
    /// Also answer with the prompt's tokens.
    public var explain: Bool

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", adapter: String = "", prompt: [PromptSegment] = [],
        candidates: [RankCandidate] = [], vectors: FloatTensor? = nil, explain: Bool = false
    ) {
        self.release = release
        self.adapter = adapter
        self.prompt = prompt
        self.candidates = candidates
        self.vectors = vectors
        self.explain = explain
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RankRequest> { .protobuf }

    /// Attachment 0: ``vectors``.
    public var attachments: [FloatTensor] { vectors.map { [$0] } ?? [] }
}

extension RankRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RankRequest>?) -> Void {
        llara__v1__rank_request__init
    }

    init(_ c: Llara__V1__RankRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            adapter: try Checked.name("adapter", c.adapter),
            prompt: try Checked.list(
                "prompt", c.prompt, c.n_prompt, limit: WireLimits.maximumSegments),
            candidates: try Checked.list(
                "candidates", c.candidates, c.n_candidates, limit: WireLimits.maximumCandidates),
            explain: c.explain != 0)
    }

    func fill(_ c: inout Llara__V1__RankRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.adapter = arena.string(adapter)
        (c.n_prompt, c.prompt) = arena.list(prompt)
        (c.n_candidates, c.candidates) = arena.list(candidates)
        c.explain = explain ? 1 : 0
    }
}

/// A candidate's score.
public struct RankedCandidate: WireMessage {
    /// The item's id.
    public var id: String
    /// Sum over the candidate's tokens, in nats.
    public var logLikelihood: Double
    /// How many tokens that is.
    public var tokenCount: Int
    /// False: not reached before the deadline; the log-likelihood says nothing.
    public var scored: Bool
    /// Log-likelihood by token, in nats: the length-normalised score.
    public var meanLogLikelihood: Double

    /// Makes the message; every field has its proto default.
    public init(
        id: String = "", logLikelihood: Double = 0, tokenCount: Int = 0, scored: Bool = false,
        meanLogLikelihood: Double = 0
    ) {
        self.id = id
        self.logLikelihood = logLikelihood
        self.tokenCount = tokenCount
        self.scored = scored
        self.meanLogLikelihood = meanLogLikelihood
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RankedCandidate> { .protobuf }
}

extension RankedCandidate: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RankedCandidate>?) -> Void {
        llara__v1__ranked_candidate__init
    }

    init(_ c: Llara__V1__RankedCandidate) throws(WireError) {
        self.init(
            id: try Checked.identifier("id", c.id),
            logLikelihood: c.log_likelihood,
            tokenCount: Int(c.token_count),
            scored: c.scored != 0, meanLogLikelihood: c.mean_log_likelihood)
    }

    func fill(_ c: inout Llara__V1__RankedCandidate, _ arena: EncodingArena) {
        c.id = arena.string(id)
        c.log_likelihood = logLikelihood
        c.token_count = UInt32(clamping: tokenCount)
        c.scored = scored ? 1 : 0
        c.mean_log_likelihood = meanLogLikelihood
    }
}

/// Scores in the order asked.
public struct RankResponse: WireMessage {
    /// The release that ranked.
    public var release: String
    /// One for each candidate of the request.
    public var candidates: [RankedCandidate]
    /// Positions of the prompt, behavioural tokens included.
    public var promptTokenCount: Int
    /// Positions that the engine evaluated for this request, prompt and trie.
    public var evaluatedTokenCount: Int
    /// Time before the engine took the request.
    public var queueMilliseconds: Double
    /// Time on the engine.
    public var computeMilliseconds: Double
    /// Positions of the prompt that an earlier request left in the cache.
    public var reusedTokenCount: Int
    /// With `explain`: the positions of the prompt.
    public var promptTokens: [PromptToken]

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", candidates: [RankedCandidate] = [], promptTokenCount: Int = 0,
        evaluatedTokenCount: Int = 0, queueMilliseconds: Double = 0,
        computeMilliseconds: Double = 0, reusedTokenCount: Int = 0, promptTokens: [PromptToken] = []
    ) {
        self.release = release
        self.candidates = candidates
        self.promptTokenCount = promptTokenCount
        self.evaluatedTokenCount = evaluatedTokenCount
        self.queueMilliseconds = queueMilliseconds
        self.computeMilliseconds = computeMilliseconds
        self.reusedTokenCount = reusedTokenCount
        self.promptTokens = promptTokens
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RankResponse> { .protobuf }
}

extension RankResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RankResponse>?) -> Void {
        llara__v1__rank_response__init
    }

    init(_ c: Llara__V1__RankResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            candidates: try Checked.list(
                "candidates", c.candidates, c.n_candidates, limit: WireLimits.maximumCandidates),
            promptTokenCount: Int(c.prompt_token_count),
            evaluatedTokenCount: Int(c.evaluated_token_count),
            queueMilliseconds: c.queue_milliseconds,
            computeMilliseconds: c.compute_milliseconds,
            reusedTokenCount: Int(c.reused_token_count),
            promptTokens: try Checked.list(
                "prompt_tokens", c.prompt_tokens, c.n_prompt_tokens,
                limit: WireLimits.maximumPromptTokens))
    }

    func fill(_ c: inout Llara__V1__RankResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
        (c.n_candidates, c.candidates) = arena.list(candidates)
        c.prompt_token_count = UInt32(clamping: promptTokenCount)
        c.evaluated_token_count = UInt32(clamping: evaluatedTokenCount)
        c.queue_milliseconds = queueMilliseconds
        c.compute_milliseconds = computeMilliseconds
        c.reused_token_count = UInt32(clamping: reusedTokenCount)
        (c.n_prompt_tokens, c.prompt_tokens) = arena.list(promptTokens)
    }
}
