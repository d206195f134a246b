public import Domain

/// A message of the services as a Swift value: a protobuf part and raw float attachments beside it.
///
/// `Self(body: m.encodedBody(), attachments: m.attachments) == m` for every message whose counts
/// fit their fields' widths (a count outside of 0...4,294,967,295 is written as the nearest).
public protocol WireMessage: Sendable, Equatable {
    /// How the message becomes bytes and back.
    static var codec: WireCodec<Self> { get }
    /// The float tensors that travel beside the protobuf part; most messages have none.
    var attachments: [FloatTensor] { get }
}

extension WireMessage {
    /// Reads a message that came from a peer, and checks all of it against ``WireLimits``.
    ///
    /// - Throws: ``WireError`` naming the first field that is malformed or beyond a limit.
    public init(body: [UInt8], attachments: [FloatTensor] = []) throws(WireError) {
        self = try Self.codec.decode(body, attachments)
    }

    /// The protobuf part, fields in the order of their numbers.
    ///
    /// A NUL inside a string is written as C0 80, which is not UTF-8: the receiver then refuses the
    /// field by name, where protobuf-c's NUL-terminated strings would cut it short in silence.
    public func encodedBody() -> [UInt8] { Self.codec.encode(self) }

    /// No attachments.
    public var attachments: [FloatTensor] { [] }
}

/// The two directions of a message's conversion, closed over what this module keeps to itself.
public struct WireCodec<Message: Sendable>: Sendable {
    let decode: @Sendable ([UInt8], [FloatTensor]) throws(WireError) -> Message
    let encode: @Sendable (Message) -> [UInt8]
}
