/// Sends responses of a streaming call.
public struct ResponseWriter: Sendable {
    let responder: any Responder

    /// Sends one response; waits while the connection, or the reader, is behind.
    ///
    /// - Throws: ``RPCError``: RESOURCE_EXHAUSTED if the message is larger than either side
    ///   allows, otherwise how the call ended while the handler still wrote.
    public func write(_ message: RPCMessage) async throws {
        _ = try await responder.write(message)
    }
}

/// The sending half of a call on the serving side; each transport has its own.
protocol Responder: Sendable {
    /// Sends a message; waits while the reader is behind.
    ///
    /// Returns its bytes on the wire.
    func write(_ message: RPCMessage) async throws -> Int

    /// Sends metadata, whose form has been checked, before the first message.
    func send(_ metadata: Metadata) async throws

    /// The handler has returned: ends the call, unless it is over. Called once, last.
    ///
    /// - Parameter last: the one response of a method that has one, which goes with the status; where
    ///   it is larger than allowed, the status says so instead.
    @discardableResult
    func finish(_ last: RPCMessage?, _ status: RPCStatus) -> SentEnd
}

/// What a responder has sent at the end of a call.
struct SentEnd {
    /// Of the one response, on the wire; 0 where there is none.
    var messageBytes = 0
    var code: RPCError.Code
}
