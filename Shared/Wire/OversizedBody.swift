import CMessages
import CProtobufC

/// A body that is too large to be read, and where most of its bytes are.
///
/// The way to the greatest field costs a look at each field beside it, never at their bytes: a
/// title of 10 MB is named, and no time is spent on what is refused anyway.
struct OversizedBody {
    let error: WireError

    init(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) {
        let text = Self.greatestText(in: bytes, descriptor, depth: 1)
        error =
            text.map { Self.tooLong($0.field, $0.count, WireLimits.maximumTextBytes) }
            ?? Self.tooLong("", bytes.count, WireLimits.maximumBodyBytes)
    }

    private static func tooLong(_ field: String, _ count: Int, _ limit: Int) -> WireError {
        WireError(field: field, message: "has \(count) bytes, more than \(limit)")
    }

    /// The text at the end of the way to the greatest fields, if it alone is beyond its limit.
    private static func greatestText(
        in bytes: UnsafeRawBufferPointer,
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int
    ) -> (field: String, count: Int)? {
        guard depth <= WireLimits.maximumNesting, let greatest = greatestField(of: bytes),
            let found = protobuf_c_message_descriptor_get_field(descriptor, greatest.number)
        else { return nil }
        let field = found.pointee
        var name = String(cString: field.name)
        if field.label == PROTOBUF_C_LABEL_REPEATED { name += "[\(greatest.index)]" }
        switch field.type {
        case PROTOBUF_C_TYPE_STRING:
            let count = greatest.payload.count
            return count > WireLimits.maximumTextBytes ? (name, count) : nil
        case PROTOBUF_C_TYPE_MESSAGE:
            return greatestText(
                in: greatest.payload,
                field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self),
                depth: depth + 1
            ).map { ("\(name).\($0.field)", $0.count) }
        default: return nil
        }
    }

    /// The field with the most bytes, and how many of its number stand before it.
    private static func greatestField(
        of bytes: UnsafeRawBufferPointer
    ) -> (number: UInt32, index: Int, payload: UnsafeRawBufferPointer)? {
        var greatest: (number: UInt32, index: Int, payload: UnsafeRawBufferPointer)?
        var counts: [UInt32: Int] = [:]
        var reader = RawFieldReader(bytes)
        while let raw = try? reader.next() {
            guard case .delimited(let payload) = raw.payload else { continue }
            if payload.count > greatest?.payload.count ?? 0 {
                greatest = (raw.number, counts[raw.number, default: 0], payload)
            }
            counts[raw.number, default: 0] += 1
        }
        return greatest
    }
}
