public import RPC
public import Wire

/// A method with one request and one response, typed.
public struct UnaryMethod<Request: WireMessage, Response: WireMessage>: Sendable {
    /// The method's name on the wire.
    public let method: RPCMethod

    /// Names a method, such as `llara.v1.Encoder` and `Encode`.
    public init(_ service: String, _ name: String) {
        method = RPCMethod(service: service, name: name)
    }
}

/// A method with one request and a stream of responses, typed.
public struct ServerStreamingMethod<Request: WireMessage, Response: WireMessage>: Sendable {
    /// The method's name on the wire.
    public let method: RPCMethod

    /// Names a method.
    public init(_ service: String, _ name: String) {
        method = RPCMethod(service: service, name: name)
    }
}

extension RPCCaller {
    /// Calls a unary method.
    ///
    /// - Throws: `RPCError` as the peer answered it; INTERNAL if its response cannot be read.
    public func call<Request, Response>(
        _ method: UnaryMethod<Request, Response>, _ request: Request,
        options: CallOptions = .defaults
    ) async throws -> Response {
        let message = RPCMessage(request)
        return try await Response(response: unary(method.method, message, options: options))
    }

    /// Calls a streaming method; `body` reads the responses.
    ///
    /// - Throws: as ``call(_:_:options:)``, and whatever `body` throws.
    public func call<Request, Response, Result: Sendable>(
        _ method: ServerStreamingMethod<Request, Response>, _ request: Request,
        options: CallOptions = .defaults,
        _ body: @Sendable (ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        try await serverStreaming(method.method, RPCMessage(request), options: options) { stream in
            try await body(ResponseStream(stream))
        }
    }
}

extension RPCRouter {
    /// Answers a unary method; a request that cannot be read never reaches `handler`.
    public mutating func answer<Request, Response>(
        _ method: UnaryMethod<Request, Response>,
        with handler: @escaping @Sendable (Request, CallContext) async throws -> Response
    ) {
        unary(method.method) { message, context in
            RPCMessage(try await handler(Request(request: message), context))
        }
    }

    /// Answers a streaming method; `handler` writes the responses.
    public mutating func answer<Request, Response>(
        _ method: ServerStreamingMethod<Request, Response>,
        with handler:
            @escaping @Sendable (Request, CallContext, TypedResponseWriter<Response>) async throws
            -> Void
    ) {
        serverStreaming(method.method) { message, context, writer in
            try await handler(Request(request: message), context, TypedResponseWriter(writer))
        }
    }
}
