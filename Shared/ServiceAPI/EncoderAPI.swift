public import RPC
public import Wire

/// The methods of llara.v1.Encoder.
public enum EncoderMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Encoder"

    /// User states of sequences.
    public static let encode = UnaryMethod<EncodeRequest, EncodeResponse>(
        service, "Encode")
    /// The best of the vocabulary after a sequence, or the scores of given candidates.
    public static let retrieve = UnaryMethod<RetrieveRequest, RetrieveResponse>(
        service, "Retrieve")
    /// Item rows, the projector's input.
    public static let itemRows = UnaryMethod<ItemRowsRequest, ItemRowsResponse>(
        service, "ItemRows")
    /// What the replica serves.
    public static let describe = UnaryMethod<DescribeRequest, DescribeResponse>(
        service, "Describe")
}

/// Calls the sequential recommender: user states, candidates, item rows.
public struct EncoderClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// User states of sequences.
    public func encode(
        _ request: EncodeRequest, options: CallOptions = .defaults
    ) async throws -> EncodeResponse {
        try await caller.call(EncoderMethods.encode, request, options: options)
    }

    /// The best of the vocabulary after a sequence, or the scores of given candidates.
    public func retrieve(
        _ request: RetrieveRequest, options: CallOptions = .defaults
    ) async throws -> RetrieveResponse {
        try await caller.call(EncoderMethods.retrieve, request, options: options)
    }

    /// Item rows, the projector's input.
    public func itemRows(
        _ request: ItemRowsRequest, options: CallOptions = .defaults
    ) async throws -> ItemRowsResponse {
        try await caller.call(EncoderMethods.itemRows, request, options: options)
    }

    /// What the replica serves.
    public func describe(
        _ request: DescribeRequest, options: CallOptions = .defaults
    ) async throws -> DescribeResponse {
        try await caller.call(EncoderMethods.describe, request, options: options)
    }
}

/// What a server of llara.v1.Encoder implements.
public protocol EncoderHandler: Sendable {
    /// User states of sequences.
    func encode(_ request: EncodeRequest, context: CallContext) async throws
        -> EncodeResponse
    /// The best of the vocabulary after a sequence, or the scores of given candidates.
    func retrieve(_ request: RetrieveRequest, context: CallContext) async throws
        -> RetrieveResponse
    /// Item rows, the projector's input.
    func itemRows(_ request: ItemRowsRequest, context: CallContext) async throws
        -> ItemRowsResponse
    /// What the replica serves.
    func describe(_ request: DescribeRequest, context: CallContext) async throws
        -> DescribeResponse
}

extension RPCRouter {
    /// Routes every method of llara.v1.Encoder to `encoder`.
    public mutating func register(encoder: some EncoderHandler) {
        answer(EncoderMethods.encode) { try await encoder.encode($0, context: $1) }
        answer(EncoderMethods.retrieve) { try await encoder.retrieve($0, context: $1) }
        answer(EncoderMethods.itemRows) { try await encoder.itemRows($0, context: $1) }
        answer(EncoderMethods.describe) { try await encoder.describe($0, context: $1) }
    }
}
