import CMessages
public import Domain

/// Asks for text after a prompt, token by token.
public struct GenerateRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// A LoRA adapter of the release; empty is the default, if it has one.
    public var adapter: String
    /// The prompt's pieces, in order.
    public var prompt: [PromptSegment]
    /// Only these texts can come out; empty is free text.
    public var candidates: [RankCandidate]
    /// Tokens that come at most; 0 is 64.
    public var maximumTokenCount: Int
    /// 0 is the most likely token each time.
    public var temperature: Float
    /// Of the draws at a temperature above 0.
    public var seed: UInt64
    /// Rows that the prompt's vector segments refer to, n x H.
    public var vectors: FloatTensor?

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", adapter: String = "", prompt: [PromptSegment] = [],
        candidates: [RankCandidate] = [], maximumTokenCount: Int = 0, temperature: Float = 0,
        seed: UInt64 = 0, vectors: FloatTensor? = nil
    ) {
        self.release = release
        self.adapter = adapter
        self.prompt = prompt
        self.candidates = candidates
        self.maximumTokenCount = maximumTokenCount
        self.temperature = temperature
        self.seed = seed
        self.vectors = vectors
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<GenerateRequest> { .protobuf }

    /// Attachment 0: ``vectors``.
    public var attachments: [FloatTensor] { vectors.map { [$0] } ?? [] }
}

extension GenerateRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__GenerateRequest>?) -> Void {
        llara__v1__generate_request__init
    }

    init(_ c: Llara__V1__GenerateRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            adapter: try Checked.name("adapter", c.adapter),
            prompt: try Checked.list(
                "prompt", c.prompt, c.n_prompt, limit: WireLimits.maximumSegments),
            candidates: try Checked.list(
                "candidates", c.candidates, c.n_candidates, limit: WireLimits.maximumCandidates),
            maximumTokenCount: try Checked.count(
                "maximum_token_count", c.maximum_token_count,
                limit: WireLimits.maximumGeneratedTokens),
            temperature: try Checked.temperature("temperature", c.temperature),
            seed: c.seed)
    }

    func fill(_ c: inout Llara__V1__GenerateRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.adapter = arena.string(adapter)
        (c.n_prompt, c.prompt) = arena.list(prompt)
        (c.n_candidates, c.candidates) = arena.list(candidates)
        c.maximum_token_count = UInt32(clamping: maximumTokenCount)
        c.temperature = temperature
        c.seed = seed
    }
}

/// One token of a generated text; the last message has a finish reason and may have no token.
public struct GenerateResponse: WireMessage {
    /// The release that generates.
    public var release: String
    /// Whole characters only: an incomplete one waits for its next token.
    public var text: String
    /// Number in the LLM's vocabulary.
    public var tokenID: Int
    /// Of this token given all before it, among what was allowed, in nats.
    public var logProbability: Double
    /// Why it ends here; nil is that more is to come.
    public var finishReason: FinishReason?
    /// The candidate that was generated.
    public var candidateID: String
    /// Tokens so far.
    public var tokenCount: Int
    /// Positions of the prompt.
    public var promptTokenCount: Int
    /// Positions of the prompt that an earlier request left in the cache.
    public var reusedTokenCount: Int

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", text: String = "", tokenID: Int = 0, logProbability: Double = 0,
        finishReason: FinishReason? = nil, candidateID: String = "", tokenCount: Int = 0,
        promptTokenCount: Int = 0, reusedTokenCount: Int = 0
    ) {
        self.release = release
        self.text = text
        self.tokenID = tokenID
        self.logProbability = logProbability
        self.finishReason = finishReason
        self.candidateID = candidateID
        self.tokenCount = tokenCount
        self.promptTokenCount = promptTokenCount
        self.reusedTokenCount = reusedTokenCount
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<GenerateResponse> { .protobuf }
}

extension GenerateResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__GenerateResponse>?) -> Void {
        llara__v1__generate_response__init
    }

    init(_ c: Llara__V1__GenerateResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            text: try Checked.title("text", c.text),
            tokenID: Int(c.token_id),
            logProbability: c.log_probability,
            finishReason: try Checked.finishReason("finish_reason", c.finish_reason),
            candidateID: try Checked.name("candidate_id", c.candidate_id),
            tokenCount: Int(c.token_count),
            promptTokenCount: Int(c.prompt_token_count),
            reusedTokenCount: Int(c.reused_token_count))
    }

    func fill(_ c: inout Llara__V1__GenerateResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.text = arena.string(text)
        c.token_id = UInt32(clamping: tokenID)
        c.log_probability = logProbability
        c.finish_reason = .of(finishReason)
        c.candidate_id = arena.string(candidateID)
        c.token_count = UInt32(clamping: tokenCount)
        c.prompt_token_count = UInt32(clamping: promptTokenCount)
        c.reused_token_count = UInt32(clamping: reusedTokenCount)
    }
}
