import Wire

/// A generated text, token by token, for people and for programs.
struct GenerationRendering: Sendable {
    private(set) var text = ""
    private var tokens: [GenerateResponse] = []
    private var last = GenerateResponse()

    /// Takes the stream's next message.
    mutating func add(_ response: GenerateResponse) {
        text += response.text
        if response.tokenCount > last.tokenCount { tokens.append(response) }
        last = response
    }

    /// Of all tokens together, in nats.
    private var logProbability: Double { tokens.reduce(0) { $0 + $1.logProbability } }

    /// `{text, candidate_id, finish_reason, log_probability, tokens: [{id, text,
    /// log_probability}], prompt_token_count, reused_token_count, release}`.
    var json: JSONValue {
        .object([
            .init("text", .string(text)),
            .init("candidate_id", last.candidateID.isEmpty ? .null : .string(last.candidateID)),
            .init("finish_reason", last.finishReason.map { .string($0.rawValue) } ?? .null),
            .init("log_probability", .number(logProbability)),
            .init(
                "tokens",
                .array(
                    tokens.map { token in
                        .object([
                            .init("id", .integer(Int64(token.tokenID))),
                            .init("text", .string(token.text)),
                            .init("log_probability", .number(token.logProbability)),
                        ])
                    })),
            .init("prompt_token_count", .integer(Int64(last.promptTokenCount))),
            .init("reused_token_count", .integer(Int64(last.reusedTokenCount))),
            .init("release", .string(last.release)),
        ])
    }

    /// What stands behind the text.
    func facts(in terminal: Terminal = .none) -> String {
        FactList([
            ("Candidate", last.candidateID), ("Ended by", Self.words(last.finishReason)),
            (
                "Tokens",
                "\(tokens.count) generated, \(last.promptTokenCount) of the prompt, "
                    + "\(last.reusedTokenCount) of them reused"
            ), ("Log prob.", "\(Figures.decimal(logProbability, 3)) nats"),
            ("Release", last.release),
        ]).text(in: terminal)
    }

    private static func words(_ reason: FinishReason?) -> String {
        switch reason {
        case .stop: "a newline or the LLM's end of text"
        case .maximumTokenCount: "--tokens"
        case .candidate: "a complete title"
        case .deadline: "the deadline; --timeout gives it more"
        case nil: "nothing: the stream is incomplete"
        }
    }
}
