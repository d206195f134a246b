import RPC
import ServiceAPI
import Wire

/// Waits until the call is cancelled or its deadline has passed, as a service that hangs does.
func hang() async throws -> Never {
    let (never, continuation) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
}

extension RPCRouter {
    /// The same methods, but calls of `method` hang.
    func hanging<Request, Response>(_ method: UnaryMethod<Request, Response>) -> RPCRouter {
        var router = self
        router.unary(method.method) { _, _ in try await hang() }
        return router
    }

    /// The same methods, but every answer of `method` is changed on its way.
    func changing<Request, Response>(
        _ method: UnaryMethod<Request, Response>,
        _ change: @escaping @Sendable (inout Response) -> Void
    ) -> RPCRouter {
        let original = InProcessTransport(router: self)
        var router = self
        router.answer(method) { (request: Request, _) in
            var response = try await original.call(method, request)
            change(&response)
            return response
        }
        return router
    }
}
