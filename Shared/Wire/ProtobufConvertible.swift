import CMessages
import CProtobufC
import Domain

/// A Swift value with a protobuf-c struct behind it; the C side never leaves this module.
protocol ProtobufConvertible {
    /// The struct that protoc-c generated.
    associatedtype C

    /// protoc-c's function that sets a struct to the message's defaults, descriptor included.
    static var initialise: (UnsafeMutablePointer<C>?) -> Void { get }

    /// Reads the struct; its pointers are valid during the call only.
    init(_ c: C) throws(WireError)

    /// Writes every field into an initialised struct; pointers come from `arena`.
    func fill(_ c: inout C, _ arena: EncodingArena)

    /// Takes over the attachments that came beside the body, or refuses them.
    mutating func attach(_ attachments: [FloatTensor]) throws(WireError)
}

extension ProtobufConvertible {
    /// Most messages have no attachments.
    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        guard attachments.isEmpty else {
            throw WireError(
                field: "attachments", message: "has \(attachments.count) tensors, none expected")
        }
    }

    /// The message's descriptor, as protobuf-c's own initialiser knows it.
    ///
    /// The address of the imported constant may be that of a copy that ends with the call.
    static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
        withUnsafeTemporaryAllocation(of: C.self, capacity: 1) { buffer in
            initialise(buffer.baseAddress)
            return UnsafeRawPointer(buffer.baseAddress!).load(as: ProtobufCMessage.self).descriptor
        }
    }

    /// Scans, unpacks and converts a body.
    static func decoded(
        _ body: [UInt8], _ attachments: [FloatTensor]
    ) throws(WireError) -> Self {
        let tree = try UnpackedMessage<C>(body, descriptor: descriptor)
        var message = try tree.withMessage { c throws(WireError) in try Self(c) }
        try message.attach(attachments)
        return message
    }

    /// Packs the message.
    func encoded() -> [UInt8] {
        let arena = EncodingArena()
        return withExtendedLifetime(arena) {
            let root = UnsafeRawPointer(arena.message(self))
                .assumingMemoryBound(to: ProtobufCMessage.self)
            let size = protobuf_c_message_get_packed_size(root)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                guard let start = buffer.baseAddress, size > 0 else { return }
                count = protobuf_c_message_pack(root, start)
            }
        }
    }
}

extension WireCodec where Message: ProtobufConvertible {
    /// The conversion through protobuf-c.
    static var protobuf: WireCodec {
        WireCodec(
            decode: { body, attachments throws(WireError) in
                try Message.decoded(body, attachments)
            },
            encode: { message in message.encoded() })
    }
}
