import CMessages
import CProtobufC

/// Owns a tree that protobuf-c unpacked, and frees it.
struct UnpackedMessage<C>: ~Copyable {
    private let root: UnsafeMutablePointer<ProtobufCMessage>

    /// Scans and unpacks `body`.
    init(
        _ body: [UInt8], descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(WireError) {
        root = try Self.unpack(body, descriptor)
    }

    private static func unpack(
        _ body: [UInt8], _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(WireError) -> UnsafeMutablePointer<ProtobufCMessage> {
        let unpacked = try body.span.withUnsafeBytes { bytes throws(WireError) in
            var scan = MessageScan()
            try scan.check(bytes, as: descriptor)
            return protobuf_c_message_unpack(
                descriptor, nil, bytes.count,
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        guard let unpacked else {
            throw WireError(field: "", message: "was refused by protobuf-c")
        }
        return unpacked
    }

    /// Lends the struct; no pointer in it may outlive the call.
    func withMessage<Result>(
        _ body: (C) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        try body(UnsafeRawPointer(root).assumingMemoryBound(to: C.self).pointee)
    }

    deinit { protobuf_c_message_free_unpacked(root, nil) }
}
