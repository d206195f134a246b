public import RPC
public import Wire

/// The methods of llara.v1.Projector.
public enum ProjectorMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Projector"

    /// Behavioural tokens of vectors.
    public static let project = UnaryMethod<ProjectRequest, ProjectResponse>(
        service, "Project")
    /// What the replica serves.
    public static let describe = UnaryMethod<DescribeRequest, DescribeResponse>(
        service, "Describe")
}

/// Calls the projector: from item rows to behavioural tokens.
public struct ProjectorClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// Behavioural tokens of vectors.
    public func project(
        _ request: ProjectRequest, options: CallOptions = .defaults
    ) async throws -> ProjectResponse {
        try await caller.call(ProjectorMethods.project, request, options: options)
    }

    /// What the replica serves.
    public func describe(
        _ request: DescribeRequest, options: CallOptions = .defaults
    ) async throws -> DescribeResponse {
        try await caller.call(ProjectorMethods.describe, request, options: options)
    }
}

/// What a server of llara.v1.Projector implements.
public protocol ProjectorHandler: Sendable {
    /// Behavioural tokens of vectors.
    func project(_ request: ProjectRequest, context: CallContext) async throws
        -> ProjectResponse
    /// What the replica serves.
    func describe(_ request: DescribeRequest, context: CallContext) async throws
        -> DescribeResponse
}

extension RPCRouter {
    /// Routes every method of llara.v1.Projector to `projector`.
    public mutating func register(projector: some ProjectorHandler) {
        answer(ProjectorMethods.project) { try await projector.project($0, context: $1) }
        answer(ProjectorMethods.describe) { try await projector.describe($0, context: $1) }
    }
}
