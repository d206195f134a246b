public import RPC
public import Wire

/// The methods of llara.v1.Gateway.
public enum GatewayMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Gateway"

    /// Ranked items for a user.
    public static let recommend = UnaryMethod<RecommendRequest, RecommendResponse>(
        service, "Recommend")
    /// The recommender's order at once, the LLM's when it is ready.
    public static let recommendStream = ServerStreamingMethod<RecommendRequest, RecommendResponse>(
        service, "RecommendStream")
    /// Adds or replaces items of the catalog.
    public static let upsertItems = UnaryMethod<UpsertItemsRequest, WriteResponse>(
        service, "UpsertItems")
    /// Changes parts of items of the catalog.
    public static let patchItems = UnaryMethod<PatchItemsRequest, WriteResponse>(
        service, "PatchItems")
    /// Deletes items from the catalog.
    public static let deleteItems = UnaryMethod<DeleteItemsRequest, WriteResponse>(
        service, "DeleteItems")
    /// Items by their ids.
    public static let getItems = UnaryMethod<GetItemsRequest, ItemsResponse>(
        service, "GetItems")
    /// A page of the catalog.
    public static let listItems = UnaryMethod<ListItemsRequest, ItemsResponse>(
        service, "ListItems")
    /// A page of the change log.
    public static let listChanges = UnaryMethod<ListChangesRequest, ListChangesResponse>(
        service, "ListChanges")
    /// Appends to a user's sequence.
    public static let appendInteractions = UnaryMethod<AppendInteractionsRequest, WriteResponse>(
        service, "AppendInteractions")
    /// A user's stored sequence.
    public static let getUser = UnaryMethod<GetUserRequest, GetUserResponse>(
        service, "GetUser")
    /// Forgets a user.
    public static let deleteUser = UnaryMethod<DeleteUserRequest, WriteResponse>(
        service, "DeleteUser")
    /// The releases that the database knows.
    public static let listReleases = UnaryMethod<ListReleasesRequest, ListReleasesResponse>(
        service, "ListReleases")
    /// Makes a release the active one.
    public static let activateRelease = UnaryMethod<ActivateReleaseRequest, ReleaseChangeResponse>(
        service, "ActivateRelease")
    /// Back to the release that was active before.
    public static let rollbackRelease = UnaryMethod<RollbackReleaseRequest, ReleaseChangeResponse>(
        service, "RollbackRelease")
    /// What the gateway serves.
    public static let describe = UnaryMethod<DescribeRequest, DescribeResponse>(
        service, "Describe")
}

/// Calls the gateway, the one door for backends, catalog owners and operators.
public struct GatewayClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// Ranked items for a user.
    public func recommend(
        _ request: RecommendRequest, options: CallOptions = .defaults
    ) async throws -> RecommendResponse {
        try await caller.call(GatewayMethods.recommend, request, options: options)
    }

    /// The recommender's order at once, the LLM's when it is ready.
    public func recommendStream<Result: Sendable>(
        _ request: RecommendRequest, options: CallOptions = .defaults,
        _ body: @Sendable (ResponseStream<RecommendResponse>) async throws -> Result
    ) async throws -> Result {
        try await caller.call(GatewayMethods.recommendStream, request, options: options, body)
    }

    /// Adds or replaces items of the catalog.
    public func upsertItems(
        _ request: UpsertItemsRequest, options: CallOptions = .defaults
    ) async throws -> WriteResponse {
        try await caller.call(GatewayMethods.upsertItems, request, options: options)
    }

    /// Changes parts of items of the catalog.
    public func patchItems(
        _ request: PatchItemsRequest, options: CallOptions = .defaults
    ) async throws -> WriteResponse {
        try await caller.call(GatewayMethods.patchItems, request, options: options)
    }

    /// Deletes items from the catalog.
    public func deleteItems(
        _ request: DeleteItemsRequest, options: CallOptions = .defaults
    ) async throws -> WriteResponse {
        try await caller.call(GatewayMethods.deleteItems, request, options: options)
    }

    /// Items by their ids.
    public func getItems(
        _ request: GetItemsRequest, options: CallOptions = .defaults
    ) async throws -> ItemsResponse {
        try await caller.call(GatewayMethods.getItems, request, options: options)
    }

    /// A page of the catalog.
    public func listItems(
        _ request: ListItemsRequest, options: CallOptions = .defaults
    ) async throws -> ItemsResponse {
        try await caller.call(GatewayMethods.listItems, request, options: options)
    }

    /// A page of the change log.
    public func listChanges(
        _ request: ListChangesRequest, options: CallOptions = .defaults
    ) async throws -> ListChangesResponse {
        try await caller.call(GatewayMethods.listChanges, request, options: options)
    }

    /// Appends to a user's sequence.
    public func appendInteractions(
        _ request: AppendInteractionsRequest, options: CallOptions = .defaults
    ) async throws -> WriteResponse {
        try await caller.call(GatewayMethods.appendInteractions, request, options: options)
    }

    /// A user's stored sequence.
    public func getUser(
        _ request: GetUserRequest, options: CallOptions = .defaults
    ) async throws -> GetUserResponse {
        try await caller.call(GatewayMethods.getUser, request, options: options)
    }

    /// Forgets a user.
    public func deleteUser(
        _ request: DeleteUserRequest, options: CallOptions = .defaults
    ) async throws -> WriteResponse {
        try await caller.call(GatewayMethods.deleteUser, request, options: options)
    }

    /// The releases that the database knows.
    public func listReleases(
        _ request: ListReleasesRequest, options: CallOptions = .defaults
    ) async throws -> ListReleasesResponse {
        try await caller.call(GatewayMethods.listReleases, request, options: options)
    }

    /// Makes a release the active one.
    public func activateRelease(
        _ request: ActivateReleaseRequest, options: CallOptions = .defaults
    ) async throws -> ReleaseChangeResponse {
        try await caller.call(GatewayMethods.activateRelease, request, options: options)
    }

    /// Back to the release that was active before.
    public func rollbackRelease(
        _ request: RollbackReleaseRequest, options: CallOptions = .defaults
    ) async throws -> ReleaseChangeResponse {
        try await caller.call(GatewayMethods.rollbackRelease, request, options: options)
    }

    /// What the gateway serves.
    public func describe(
        _ request: DescribeRequest, options: CallOptions = .defaults
    ) async throws -> DescribeResponse {
        try await caller.call(GatewayMethods.describe, request, options: options)
    }
}

/// What a server of llara.v1.Gateway implements.
public protocol GatewayHandler: Sendable {
    /// Ranked items for a user.
    func recommend(_ request: RecommendRequest, context: CallContext) async throws
        -> RecommendResponse
    /// Writes the recommender's order at once, the LLM's when it is ready.
    func recommendStream(
        _ request: RecommendRequest, context: CallContext,
        writer: TypedResponseWriter<RecommendResponse>
    ) async throws
    /// Adds or replaces items of the catalog.
    func upsertItems(_ request: UpsertItemsRequest, context: CallContext) async throws
        -> WriteResponse
    /// Changes parts of items of the catalog.
    func patchItems(_ request: PatchItemsRequest, context: CallContext) async throws
        -> WriteResponse
    /// Deletes items from the catalog.
    func deleteItems(_ request: DeleteItemsRequest, context: CallContext) async throws
        -> WriteResponse
    /// Items by their ids.
    func getItems(_ request: GetItemsRequest, context: CallContext) async throws
        -> ItemsResponse
    /// A page of the catalog.
    func listItems(_ request: ListItemsRequest, context: CallContext) async throws
        -> ItemsResponse
    /// A page of the change log.
    func listChanges(_ request: ListChangesRequest, context: CallContext) async throws
        -> ListChangesResponse
    /// Appends to a user's sequence.
    func appendInteractions(_ request: AppendInteractionsRequest, context: CallContext) async throws
        -> WriteResponse
    /// A user's stored sequence.
    func getUser(_ request: GetUserRequest, context: CallContext) async throws
        -> GetUserResponse
    /// Forgets a user.
    func deleteUser(_ request: DeleteUserRequest, context: CallContext) async throws
        -> WriteResponse
    /// The releases that the database knows.
    func listReleases(_ request: ListReleasesRequest, context: CallContext) async throws
        -> ListReleasesResponse
    /// Makes a release the active one.
    func activateRelease(_ request: ActivateReleaseRequest, context: CallContext) async throws
        -> ReleaseChangeResponse
    /// Back to the release that was active before.
    func rollbackRelease(_ request: RollbackReleaseRequest, context: CallContext) async throws
        -> ReleaseChangeResponse
    /// What the gateway serves.
    func describe(_ request: DescribeRequest, context: CallContext) async throws
        -> DescribeResponse
}

extension RPCRouter {
    /// Routes every method of llara.v1.Gateway to `gateway`.
    public mutating func register(gateway: some GatewayHandler) {
        answer(GatewayMethods.recommend) { try await gateway.recommend($0, context: $1) }
        answer(GatewayMethods.recommendStream) {
            try await gateway.recommendStream($0, context: $1, writer: $2)
        }
        answer(GatewayMethods.upsertItems) { try await gateway.upsertItems($0, context: $1) }
        answer(GatewayMethods.patchItems) { try await gateway.patchItems($0, context: $1) }
        answer(GatewayMethods.deleteItems) { try await gateway.deleteItems($0, context: $1) }
        answer(GatewayMethods.getItems) { try await gateway.getItems($0, context: $1) }
        answer(GatewayMethods.listItems) { try await gateway.listItems($0, context: $1) }
        answer(GatewayMethods.listChanges) { try await gateway.listChanges($0, context: $1) }
        answer(GatewayMethods.appendInteractions) {
            try await gateway.appendInteractions($0, context: $1)
        }
        answer(GatewayMethods.getUser) { try await gateway.getUser($0, context: $1) }
        answer(GatewayMethods.deleteUser) { try await gateway.deleteUser($0, context: $1) }
        answer(GatewayMethods.listReleases) { try await gateway.listReleases($0, context: $1) }
        answer(GatewayMethods.activateRelease) {
            try await gateway.activateRelease($0, context: $1)
        }
        answer(GatewayMethods.rollbackRelease) {
            try await gateway.rollbackRelease($0, context: $1)
        }
        answer(GatewayMethods.describe) { try await gateway.describe($0, context: $1) }
    }
}
