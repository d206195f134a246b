public import RPC
public import Wire

/// The methods of llara.v1.Ranker.
public enum RankerMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Ranker"

    /// The log-likelihood of each candidate.
    public static let rank = UnaryMethod<RankRequest, RankResponse>(
        service, "Rank")
    /// Text after a prompt, a message a token.
    public static let generate = ServerStreamingMethod<GenerateRequest, GenerateResponse>(
        service, "Generate")
    /// What the replica serves.
    public static let describe = UnaryMethod<DescribeRequest, DescribeResponse>(
        service, "Describe")
}

/// Calls the LLM: log-likelihoods of candidates after a prompt.
public struct RankerClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// The log-likelihood of each candidate.
    public func rank(
        _ request: RankRequest, options: CallOptions = .defaults
    ) async throws -> RankResponse {
        try await caller.call(RankerMethods.rank, request, options: options)
    }

    /// Text after a prompt, a message a token.
    public func generate<Result: Sendable>(
        _ request: GenerateRequest, options: CallOptions = .defaults,
        _ body: @Sendable (ResponseStream<GenerateResponse>) async throws -> Result
    ) async throws -> Result {
        try await caller.call(RankerMethods.generate, request, options: options, body)
    }

    /// What the replica serves.
    public func describe(
        _ request: DescribeRequest, options: CallOptions = .defaults
    ) async throws -> DescribeResponse {
        try await caller.call(RankerMethods.describe, request, options: options)
    }
}

/// What a server of llara.v1.Ranker implements.
public protocol RankerHandler: Sendable {
    /// The log-likelihood of each candidate.
    func rank(_ request: RankRequest, context: CallContext) async throws
        -> RankResponse
    /// Writes text after a prompt, a message a token.
    func generate(
        _ request: GenerateRequest, context: CallContext,
        writer: TypedResponseWriter<GenerateResponse>
    ) async throws
    /// What the replica serves.
    func describe(_ request: DescribeRequest, context: CallContext) async throws
        -> DescribeResponse
}

extension RPCRouter {
    /// Routes every method of llara.v1.Ranker to `ranker`.
    public mutating func register(ranker: some RankerHandler) {
        answer(RankerMethods.rank) { try await ranker.rank($0, context: $1) }
        answer(RankerMethods.generate) {
            try await ranker.generate($0, context: $1, writer: $2)
        }
        answer(RankerMethods.describe) { try await ranker.describe($0, context: $1) }
    }
}
