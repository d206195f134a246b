import Domain
public import Llama
public import RPC
import RankerCore
import Releases
import ServiceAPI
import ServiceKit
import Wire

/// Answers llara.v1.Ranker for releases of one LLM by one engine; the first is the default.
struct RankerService: RankerHandler {
    /// Kept back of a call's time, so that what was scored in time also arrives in time: the
    /// longest operation that a passing deadline has to wait for, and the way back.
    static let answerReserve = Duration.milliseconds(30)

    /// Tokens of a generation that asks for no number.
    static let defaultTokenCount = 64

    private let releases: [RankedRelease]
    private let engine: LlamaEngine

    /// A ranker of `releases`, whose LLM `engine` runs with their adapters.
    init(releases: [Release], engine: LlamaEngine) {
        self.releases = releases.map(RankedRelease.init)
        self.engine = engine
    }

    /// Log-likelihoods of the candidates after the prompt, in the order asked.
    ///
    /// Those that were not reached ``answerReserve`` before the deadline are marked as not scored.
    ///
    /// - Throws: `RPCError`; INVALID_ARGUMENT names the field at fault.
    func rank(_ request: RankRequest, context: CallContext) async throws -> RankResponse {
        let served = try releases.serving(request.release)
        let adapter = try served.engineAdapter(named: request.adapter)
        try requireDistinct(request.candidates)
        let scores = try await engine.score(
            prompt: RankPrompt(request.prompt, vectors: request.vectors),
            candidates: request.candidates.map(\.text), adapter: adapter,
            deadline: Self.deadline(of: context), withPromptTokens: request.explain)
        return RankResponse(
            release: served.release.reference.description,
            candidates: zip(request.candidates, scores.candidates).map(RankedCandidate.init),
            promptTokenCount: scores.promptTokenCount,
            evaluatedTokenCount: scores.evaluatedTokenCount,
            queueMilliseconds: scores.queueTime / .milliseconds(1),
            computeMilliseconds: scores.computeTime / .milliseconds(1),
            reusedTokenCount: scores.reusedTokenCount,
            promptTokens: scores.promptTokens?.map(Wire.PromptToken.init) ?? [])
    }

    /// Text after the prompt, a message a token; the last one says why it is the last.
    ///
    /// A text that is not complete ``answerReserve`` before the deadline ends with what it has.
    /// A caller that goes away frees the engine.
    ///
    /// - Throws: `RPCError`; INVALID_ARGUMENT names the field at fault, DEADLINE_EXCEEDED says
    ///   that not even the prompt was read.
    func generate(
        _ request: GenerateRequest, context: CallContext,
        writer: TypedResponseWriter<GenerateResponse>
    ) async throws {
        let served = try releases.serving(request.release)
        let adapter = try served.engineAdapter(named: request.adapter)
        try requireDistinct(request.candidates)
        let tokens = try engine.generate(
            prompt: RankPrompt(request.prompt, vectors: request.vectors),
            candidates: request.candidates.map(\.text), adapter: adapter,
            maximumTokenCount: request.maximumTokenCount == 0
                ? Self.defaultTokenCount : request.maximumTokenCount,
            temperature: request.temperature, seed: request.seed,
            deadline: Self.deadline(of: context))
        for try await token in tokens {
            try await writer.write(
                GenerateResponse(
                    token, release: served.release.reference.description,
                    candidates: request.candidates))
        }
    }

    /// What this replica serves.
    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try releases.described(request.release)
    }

    /// When the engine has to be done with a call.
    private static func deadline(of context: CallContext) -> ContinuousClock.Instant? {
        context.deadline.map { $0 - answerReserve }
    }

    private func requireDistinct(_ candidates: [RankCandidate]) throws(RPCError) {
        guard Set(candidates.map(\.id)).count == candidates.count else {
            throw RPCError(
                code: .invalidArgument, message: "candidates: an id stands there twice",
                details: [.fieldViolation(field: "candidates", message: "an id twice")])
        }
    }
}

extension LlamaError: RPCErrorConvertible {
    /// The status of a failed ranking, with the field at fault in the details.
    public var rpcError: RPCError {
        RPCError(
            code: statusCode, message: field.map { "\($0): \(message)" } ?? message,
            details: field.map { [.fieldViolation(field: $0, message: message)] } ?? [],
            cause: self)
    }

    private var statusCode: RPCError.Code {
        switch code {
        case .invalidArgument: .invalidArgument
        case .notFound: .notFound
        case .resourceExhausted: .resourceExhausted
        case .deadlineExceeded: .deadlineExceeded
        case .unavailable: .unavailable
        case .incompatible, .unreadable: .failedPrecondition
        default: .internalError
        }
    }
}
