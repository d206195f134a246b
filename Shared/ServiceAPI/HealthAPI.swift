public import RPC
public import Wire

/// The methods of llara.v1.Health.
public enum HealthMethods {
    /// The service's name on the wire.
    public static let service = "llara.v1.Health"

    /// The present status.
    public static let check = UnaryMethod<HealthCheckRequest, HealthCheckResponse>(
        service, "Check")
    /// The present status at once, then every change.
    public static let watch = ServerStreamingMethod<HealthCheckRequest, HealthCheckResponse>(
        service, "Watch")
}

/// Asks a replica for its health, by the semantics of grpc.health.v1.
public struct HealthClient: Sendable {
    private let caller: any RPCCaller

    /// A client over a connection pool or an in-process transport.
    public init(_ caller: any RPCCaller) { self.caller = caller }

    /// The present status.
    public func check(
        _ request: HealthCheckRequest, options: CallOptions = .defaults
    ) async throws -> HealthCheckResponse {
        try await caller.call(HealthMethods.check, request, options: options)
    }

    /// The present status at once, then every change; the call ends when `body` returns.
    public func watch<Result: Sendable>(
        _ request: HealthCheckRequest, options: CallOptions = .defaults,
        _ body: @Sendable (ResponseStream<HealthCheckResponse>) async throws -> Result
    ) async throws -> Result {
        try await caller.call(HealthMethods.watch, request, options: options, body)
    }
}

/// What a server of llara.v1.Health implements.
public protocol HealthHandler: Sendable {
    /// The present status.
    func check(_ request: HealthCheckRequest, context: CallContext) async throws
        -> HealthCheckResponse
    /// Writes the present status at once, then every change, until the call ends.
    func watch(
        _ request: HealthCheckRequest, context: CallContext,
        writer: TypedResponseWriter<HealthCheckResponse>
    ) async throws
}

extension RPCRouter {
    /// Routes every method of llara.v1.Health to `health`.
    public mutating func register(health: some HealthHandler) {
        answer(HealthMethods.check) { try await health.check($0, context: $1) }
        answer(HealthMethods.watch) {
            try await health.watch($0, context: $1, writer: $2)
        }
    }
}
