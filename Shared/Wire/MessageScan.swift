import CMessages
import CProtobufC

/// Checks a body against its descriptor before protobuf-c sees it.
///
/// protobuf-c 1.4.1 accepts invalid UTF-8, cuts strings at NUL, truncates integers, nests without
/// a limit and keeps every unknown field. One walk driven by its own descriptors refuses all of
/// that, so that the unpacked tree holds what the bytes say.
struct MessageScan {
    /// Fields of one message type; the walk counts them on the stack.
    static let maximumFieldsOfMessage = 32

    let maximumNesting: Int
    private var unknownFields = 0

    init(maximumNesting: Int = WireLimits.maximumNesting) { self.maximumNesting = maximumNesting }

    /// Throws unless `bytes` is a body of the message that `descriptor` describes.
    mutating func check(
        _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(WireError) {
        guard bytes.count <= WireLimits.maximumBodyBytes else {
            throw OversizedBody(bytes, descriptor).error
        }
        try walk(bytes, as: descriptor, depth: 1)
    }

    private mutating func walk(
        _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        depth: Int
    ) throws(WireError) {
        guard depth <= maximumNesting else {
            throw WireError(field: "", message: "is nested deeper than \(maximumNesting) messages")
        }
        precondition(descriptor.pointee.n_fields <= UInt32(Self.maximumFieldsOfMessage))
        var counts = InlineArray<32, Int>(repeating: 0)
        var reader = RawFieldReader(bytes)
        while let field = try reader.next() {
            let found = protobuf_c_message_descriptor_get_field(descriptor, field.number)
            guard let found else {
                try countUnknown()
                continue
            }
            let position = found - descriptor.pointee.fields
            let place = FieldPlace(found, index: counts[position])
            counts[position] += try place.elementCount(of: field.payload)
            do {
                try checkPayload(field.payload, as: found.pointee, depth: depth)
            } catch {
                throw error.inside(place.name)
            }
        }
    }

    private mutating func countUnknown() throws(WireError) {
        unknownFields += 1
        guard unknownFields <= WireLimits.maximumUnknownFields else {
            throw WireError(
                field: "",
                message: "has more than \(WireLimits.maximumUnknownFields) unknown fields")
        }
    }

    private mutating func checkPayload(
        _ payload: RawField.Payload, as field: ProtobufCFieldDescriptor, depth: Int
    ) throws(WireError) {
        switch (field.type, payload) {
        case (PROTOBUF_C_TYPE_STRING, .delimited(let bytes)):
            try checkText(bytes)
        case (PROTOBUF_C_TYPE_MESSAGE, .delimited(let bytes)):
            try walk(
                bytes,
                as: field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self),
                depth: depth + 1)
        case (PROTOBUF_C_TYPE_UINT32, .varint(let value)):
            guard value <= UInt64(UInt32.max) else {
                throw WireError(field: "", message: "is beyond 32 bits")
            }
        case (PROTOBUF_C_TYPE_FLOAT, .fixed32(let bits)):
            try checkFinite(Float(bitPattern: bits).isFinite)
        case (PROTOBUF_C_TYPE_DOUBLE, .fixed64(let bits)):
            try checkFinite(Double(bitPattern: bits).isFinite)
        case (PROTOBUF_C_TYPE_UINT64, .delimited) where field.isPacked:
            // Read already, by elementCount.
            return
        case (PROTOBUF_C_TYPE_BYTES, .delimited), (PROTOBUF_C_TYPE_INT32, .varint),
            (PROTOBUF_C_TYPE_SINT32, .varint), (PROTOBUF_C_TYPE_INT64, .varint),
            (PROTOBUF_C_TYPE_SINT64, .varint), (PROTOBUF_C_TYPE_UINT64, .varint),
            (PROTOBUF_C_TYPE_BOOL, .varint), (PROTOBUF_C_TYPE_ENUM, .varint),
            (PROTOBUF_C_TYPE_FIXED32, .fixed32), (PROTOBUF_C_TYPE_SFIXED32, .fixed32),
            (PROTOBUF_C_TYPE_FIXED64, .fixed64), (PROTOBUF_C_TYPE_SFIXED64, .fixed64):
            return
        default:
            throw WireError(field: "", message: "has the wire type of another type")
        }
    }

    private func checkText(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard bytes.count <= WireLimits.maximumTextBytes else {
            throw WireError(
                field: "",
                message: "has \(bytes.count) bytes, more than \(WireLimits.maximumTextBytes)")
        }
        guard !bytes.contains(0) else { throw WireError(field: "", message: "holds a NUL") }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw WireError(field: "", message: "is not UTF-8")
        }
    }

    private func checkFinite(_ isFinite: Bool) throws(WireError) {
        guard isFinite else { throw WireError(field: "", message: "is not a finite number") }
    }
}

/// Where in its message a field stands: its descriptor and which occurrence it is.
private struct FieldPlace {
    private let descriptor: UnsafePointer<ProtobufCFieldDescriptor>
    private let index: Int

    init(_ descriptor: UnsafePointer<ProtobufCFieldDescriptor>, index: Int) {
        self.descriptor = descriptor
        self.index = index
    }

    var name: String {
        let name = String(cString: descriptor.pointee.name)
        return isRepeated ? "\(name)[\(index)]" : name
    }

    private var isRepeated: Bool { descriptor.pointee.label == PROTOBUF_C_LABEL_REPEATED }

    /// How many elements the payload adds to its field: one, or those of a packed list.
    ///
    /// Refuses a second occurrence of a singular field and a list beyond the limit. Merging two
    /// messages is a path of protobuf-c that no honest encoder takes.
    func elementCount(of payload: RawField.Payload) throws(WireError) -> Int {
        let name = String(cString: descriptor.pointee.name)
        guard isRepeated || index == 0 else {
            throw WireError(field: name, message: "stands twice")
        }
        var count = 1
        if descriptor.pointee.isPacked, case .delimited(let bytes) = payload {
            do {
                count = try RawFieldReader.packedVarints(bytes).count
            } catch {
                throw error.inside(name)
            }
        }
        guard index + count <= WireLimits.maximumListCount else {
            throw WireError(
                field: name, message: "has more than \(WireLimits.maximumListCount) elements")
        }
        return count
    }
}

extension ProtobufCFieldDescriptor {
    /// Whether several numbers may stand in one payload; ``RawFieldReader`` reads both forms.
    var isPacked: Bool { flags & PROTOBUF_C_FIELD_FLAG_PACKED.rawValue != 0 }
}
