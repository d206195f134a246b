/// The requests of one call on the serving side, to be read once, by one task at a time.
///
/// Ends after the last request and throws ``RPCError`` when the call ends before. What is not read
/// makes the caller wait: a window's worth of bytes is kept for the reader.
public struct RPCRequestStream: AsyncSequence, Sendable {
    /// What is read.
    public typealias Element = RPCMessage

    let queue: MessageQueue
    /// Takes down what is read, where the call is recorded.
    var recording: CallRecording?

    /// An iterator; all of them read the same messages.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(requests: self) }

    /// Reads one request after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let requests: RPCRequestStream

        /// The next request, nil after the last.
        public mutating func next() async throws -> RPCMessage? { try await requests.next() }
    }

    /// The next request, nil after the last; throws the status that ended the call.
    func next() async throws -> RPCMessage? {
        switch await queue.next() {
        case .message(let message):
            recording?.add(message)
            return message
        case .end(let status):
            if let error = status.error { throw error }
            return nil
        case .refused(let error): throw error
        }
    }

    /// The request of a method that takes exactly one.
    func single(of method: RPCMethod) async throws -> RPCMessage {
        guard let message = try await next() else {
            throw RPCError(
                code: .invalidArgument, message: "\(method) was called without a message")
        }
        guard try await next() == nil else {
            throw RPCError(code: .invalidArgument, message: "\(method) takes one message")
        }
        return message
    }
}
