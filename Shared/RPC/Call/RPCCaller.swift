/// Whoever can make calls: a client over sockets, or the in-process transport.
///
/// One requirement serves all four kinds of calls; ``unary(_:_:options:)`` and its siblings are
/// made of it.
public protocol RPCCaller: Sendable {
    /// Makes a call and hands it to `body`.
    ///
    /// With `request` that is the only request, and the call may be made again where no harm is
    /// done; without it `body` writes the requests. The call is over when `body` returns: what it
    /// has not read by then is dropped and the server's handler cancelled.
    ///
    /// - Throws: ``RPCError`` if the call cannot be started, and what `body` throws.
    func call<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage?, options: CallOptions,
        _ body: @Sendable (RPCCall) async throws -> Result
    ) async throws -> Result
}

/// A call under way, as its caller sees it.
public struct RPCCall: Sendable {
    /// Where requests are written.
    public let requests: RPCRequestWriter
    /// What the server answers.
    public let responses: RPCResponseStream

    init(_ transport: any CallTransport) {
        requests = RPCRequestWriter(transport: transport)
        responses = RPCResponseStream(reader: transport)
    }
}

extension RPCCaller {
    /// Sends one request and returns the one response.
    ///
    /// - Throws: ``RPCError``, at the latest when the deadline has passed.
    public func unary(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions = .defaults
    ) async throws -> RPCMessage {
        try await call(method, request, options: options) { call in
            try await call.responses.single(of: method)
        }
    }

    /// Sends one request and hands the responses to `body` as they arrive.
    ///
    /// - Throws: as ``call(_:_:options:_:)``.
    public func serverStreaming<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions = .defaults,
        _ body: @Sendable (RPCResponseStream) async throws -> Result
    ) async throws -> Result {
        try await call(method, request, options: options) { call in
            try await body(call.responses)
        }
    }

    /// Sends the requests that `body` writes, ends them, and returns the one response.
    ///
    /// - Throws: ``RPCError``; where the server has ended the call while `body` still wrote, that
    ///   is the server's status.
    public func clientStreaming(
        _ method: RPCMethod, options: CallOptions = .defaults,
        _ body: @Sendable (RPCRequestWriter) async throws -> Void
    ) async throws -> RPCMessage {
        try await call(method, nil, options: options) { call in
            do {
                try await body(call.requests)
                try await call.requests.finish()
            } catch {
                throw call.responses.reader.failure ?? error
            }
            return try await call.responses.single(of: method)
        }
    }

    /// Makes a call in which both sides write when they like; `body` writes and reads.
    ///
    /// - Throws: as ``call(_:_:options:_:)``.
    public func bidirectionalStreaming<Result: Sendable>(
        _ method: RPCMethod, options: CallOptions = .defaults,
        _ body: @Sendable (RPCCall) async throws -> Result
    ) async throws -> Result {
        try await call(method, nil, options: options, body)
    }
}

/// What a transport's call is to whoever holds it.
protocol CallTransport: ResponseReader {
    /// Sends a request; nil with `isLast` only ends them.
    func write(_ request: RPCMessage?, isLast: Bool) async throws
}

/// Sends the requests of a streaming call; used by one task at a time.
public struct RPCRequestWriter: Sendable {
    let transport: any CallTransport

    /// Sends one request; waits while the server, or the connection, is behind.
    ///
    /// - Throws: ``RPCError``: RESOURCE_EXHAUSTED if the message is larger than either side
    ///   allows, FAILED_PRECONDITION after the last one, CANCELLED if the call is over: reading
    ///   the responses then tells how it ended.
    public func write(_ request: RPCMessage) async throws {
        try await transport.write(request, isLast: false)
    }

    /// Says that no further request comes; the server may still answer.
    ///
    /// - Throws: as ``write(_:)``.
    public func finish() async throws { try await transport.write(nil, isLast: true) }
}
