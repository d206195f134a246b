import RPC
import Wire

extension RPCMessage {
    init(_ message: some WireMessage) {
        self.init(body: message.encodedBody(), attachments: message.attachments)
    }
}

/// What ``WireError`` becomes: the caller's fault in a request, the peer's in a response.
extension WireMessage {
    init(request: RPCMessage) throws {
        do {
            try self.init(body: request.body, attachments: request.attachments)
        } catch {
            throw RPCError(
                code: .invalidArgument, message: "the request cannot be used: \(error)",
                details: [.fieldViolation(error)], cause: error)
        }
    }

    init(response: RPCMessage) throws {
        do {
            try self.init(body: response.body, attachments: response.attachments)
        } catch {
            throw RPCError(
                code: .internalError,
                message: "the peer's response cannot be read: \(error); check that both sides run "
                    + "versions that know each other",
                details: [.fieldViolation(error)], cause: error)
        }
    }
}
