import RPC
public import Wire

/// The responses of a streaming call, typed.
public struct ResponseStream<Response: WireMessage>: AsyncSequence {
    /// One response.
    public typealias Element = Response

    private let base: RPCResponseStream

    init(_ base: RPCResponseStream) { self.base = base }

    /// Reads the stream once, from its beginning.
    public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    /// The stream's reader.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: RPCResponseStream.AsyncIterator

        /// The next response, nil after the last.
        ///
        /// - Throws: `RPCError` as the peer answered it; INTERNAL if a response cannot be read.
        public mutating func next() async throws -> Response? {
            guard let message = try await base.next() else { return nil }
            return try Response(response: message)
        }
    }
}

/// Writes the responses of a streaming call, typed.
public struct TypedResponseWriter<Response: WireMessage>: Sendable {
    private let base: ResponseWriter

    init(_ base: ResponseWriter) { self.base = base }

    /// Writes one response; waits while the peer is slow.
    public func write(_ response: Response) async throws {
        try await base.write(RPCMessage(response))
    }
}
