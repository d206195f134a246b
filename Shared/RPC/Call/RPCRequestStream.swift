/// The requests of one call on the serving side.
struct RPCRequestStream: Sendable {
    let queue: MessageQueue

    /// The next request, nil after the last; throws the status that ended the call.
    func next() async throws -> RPCMessage? {
        switch await queue.next() {
        case .message(let message): message
        case .end(let status):
            if let error = status.error { throw error } else { nil }
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
