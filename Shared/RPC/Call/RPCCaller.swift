/// Whoever can make calls: a client over sockets, or the in-process transport.
public protocol RPCCaller: Sendable {
    /// Sends one request and returns the one response.
    ///
    /// - Throws: ``RPCError``, at the latest when the deadline has passed.
    func unary(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions
    ) async throws -> RPCMessage

    /// Sends one request and hands the responses to `body` as they arrive.
    ///
    /// The call is over when `body` returns: what it has not read by then is dropped and the
    /// server's handler cancelled.
    ///
    /// - Throws: ``RPCError`` if the call cannot be started, and what `body` throws.
    func serverStreaming<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage, options: CallOptions,
        _ body: @Sendable (RPCResponseStream) async throws -> Result
    ) async throws -> Result
}
