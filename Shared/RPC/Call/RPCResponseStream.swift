/// The responses of one call, to be read once, by one task at a time.
///
/// Ends when the server's status is OK and throws ``RPCError`` when it is not. Cancelling the
/// reading task cancels the call.
public struct RPCResponseStream: AsyncSequence, Sendable {
    /// What is read.
    public typealias Element = RPCMessage

    let reader: any ResponseReader

    /// An iterator; all of them read the same messages.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }

    /// Reads one response after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: any ResponseReader

        /// The next response, nil after the last.
        public mutating func next() async throws -> RPCMessage? { try await reader.next() }
    }

    /// The response of a call that has exactly one.
    func single(of method: RPCMethod) async throws -> RPCMessage {
        guard let message = try await reader.next() else {
            throw RPCError(code: .internalError, message: "\(method) answered OK without a message")
        }
        guard try await reader.next() == nil else {
            throw RPCError(
                code: .internalError, message: "\(method) answered more than one message")
        }
        return message
    }
}

/// Where a transport's responses come from.
protocol ResponseReader: Sendable {
    /// The next response, nil after the last; throws ``RPCError``.
    func next() async throws -> RPCMessage?

    /// How the call failed; nil while it goes on, and after OK.
    var failure: RPCError? { get }
}
