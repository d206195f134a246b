public import Domain

/// What one side says to the other: encoded bytes and the float tensors beside them.
///
/// Tensors travel raw, outside the encoding of `body`, which RPC does not look into.
public struct RPCMessage: Sendable, Equatable {
    /// The encoded message.
    public var body: [UInt8]
    /// Tensors, in the order in which the message's type declares them.
    public var attachments: [FloatTensor]
    /// Whether it is sent compressed, where the peer takes that and it makes fewer bytes; or, of a
    /// message that was received over a socket, whether it came so.
    public var isCompressed: Bool

    /// Makes a message.
    public init(body: [UInt8], attachments: [FloatTensor] = [], isCompressed: Bool = false) {
        self.body = body
        self.attachments = attachments
        self.isCompressed = isCompressed
    }
}
