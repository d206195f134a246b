/// A call that did not succeed: the status that the peer sent, or why none came.
public struct RPCError: Error, Sendable {
    /// Machine-readable data beside the message; the place for ids, which messages never hold.
    public struct Detail: Sendable, Equatable {
        /// What `value` is: the full name of a message, `llara.v1.Unknown`.
        public var type: String
        /// The encoded message.
        public var value: [UInt8]

        /// Makes a detail.
        public init(type: String, value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// What kind of failure; never `ok`.
    public var code: Code
    /// What went wrong and what to do next, for a person; without data of people.
    public var message: String
    /// Data for programs.
    public var details: [Detail]
    /// What lay behind it on this side; never sent to the peer.
    public var cause: (any Error)?

    /// Makes an error.
    public init(
        code: Code, message: String, details: [Detail] = [], cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.cause = cause
    }
}

extension RPCError: CustomStringConvertible {
    /// Code and message; details may hold ids and stay out.
    public var description: String { "\(code): \(message)" }
}

/// Lets any error type say which status it is, without importing the server.
public protocol RPCErrorConvertible: Error {
    /// The status that a caller is to see.
    var rpcError: RPCError { get }
}
