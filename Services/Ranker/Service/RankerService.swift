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
        guard Set(request.candidates.map(\.id)).count == request.candidates.count else {
            throw RPCError(
                code: .invalidArgument, message: "candidates: an id stands there twice",
                details: [.fieldViolation(field: "candidates", message: "an id twice")])
        }
        let prompt = RankPrompt(
            segments: request.prompt.map { segment in
                switch segment {
                case .text(let text): .text(text)
                case .vectors(_, let first, let count): .vectors(rows: first..<first + count)
                }
            }, vectors: request.vectors)
        let scores = try await engine.score(
            prompt: prompt, candidates: request.candidates.map(\.text), adapter: adapter,
            deadline: context.deadline.map { $0 - Self.answerReserve })
        return RankResponse(
            release: served.release.reference.description,
            candidates: zip(request.candidates, scores.candidates).map { candidate, score in
                RankedCandidate(
                    id: candidate.id, logLikelihood: score.logLikelihood ?? 0,
                    tokenCount: score.tokenCount, scored: score.logLikelihood != nil)
            }, promptTokenCount: scores.promptTokenCount,
            evaluatedTokenCount: scores.evaluatedTokenCount,
            queueMilliseconds: scores.queueTime / .milliseconds(1),
            computeMilliseconds: scores.computeTime / .milliseconds(1))
    }

    /// What this replica serves.
    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try releases.described(request.release)
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
