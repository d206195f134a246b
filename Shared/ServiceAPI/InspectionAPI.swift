public import RPC
public import Wire

/// The methods of llara.v1.Inspection.
public enum InspectionMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Inspection"

    /// Connections, open calls and slow calls at this moment.
    public static let inspect = UnaryMethod<InspectRequest, InspectResponse>(service, "Inspect")
    /// The server's methods and the messages that they use.
    public static let listMethods = UnaryMethod<ListMethodsRequest, ListMethodsResponse>(
        service, "ListMethods")

    /// All of them.
    public static let all = [inspect.method, listMethods.method]
}

/// Asks a server what it does and what it can.
public struct InspectionClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// Connections, open calls and slow calls at this moment.
    public func inspect(
        _ request: InspectRequest, options: CallOptions = .defaults
    ) async throws -> InspectResponse {
        try await caller.call(InspectionMethods.inspect, request, options: options)
    }

    /// The server's methods and the messages that they use.
    public func listMethods(
        _ request: ListMethodsRequest, options: CallOptions = .defaults
    ) async throws -> ListMethodsResponse {
        try await caller.call(InspectionMethods.listMethods, request, options: options)
    }
}

/// What a server of llara.v1.Inspection implements.
public protocol InspectionHandler: Sendable {
    /// Connections, open calls and slow calls at this moment.
    func inspect(_ request: InspectRequest, context: CallContext) async throws -> InspectResponse
    /// The server's methods and the messages that they use.
    func listMethods(
        _ request: ListMethodsRequest, context: CallContext
    ) async throws -> ListMethodsResponse
}

extension RPCRouter {
    /// Routes every method of llara.v1.Inspection to `inspection`.
    public mutating func register(inspection: some InspectionHandler) {
        answer(InspectionMethods.inspect) { try await inspection.inspect($0, context: $1) }
        answer(InspectionMethods.listMethods) {
            try await inspection.listMethods($0, context: $1)
        }
    }
}
