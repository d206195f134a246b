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
    /// The same methods, but calls of `method` hang where `isHanging` says so.
    func hanging<Request, Response>(
        _ method: UnaryMethod<Request, Response>,
        where isHanging: @escaping @Sendable (Request) -> Bool = { _ in true }
    ) -> RPCRouter {
        let original = InProcessTransport(router: self)
        var router = self
        router.answer(method) { (request: Request, _) in
            if isHanging(request) { try await hang() }
            return try await original.call(method, request)
        }
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
