import CMessages
import CProtobufC
import Domain
public import Wire

/// Draws bodies of a message from its descriptor, fields in the order of their numbers.
public struct BodyGenerator {
    var random: SeededGenerator

    /// The same seed draws the same bodies.
    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A body of any message, with every kind of field that it has.
    public mutating func body(of schema: MessageSchema) -> [UInt8] {
        body(of: schema.descriptor)
    }

    private mutating func body(of descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [UInt8]
    {
        var builder = BodyBuilder()
        let fields = UnsafeBufferPointer(
            start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
        let isOneOf = fields.contains { $0.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0 }
        let arm = isOneOf ? fields.indices.randomElement(using: &random) : nil
        let name = String(cString: descriptor.pointee.short_name)
        var idCount = 0
        for (index, field) in fields.enumerated() where arm == nil || arm == index {
            let isRepeated = field.label == PROTOBUF_C_LABEL_REPEATED
            let isOptionalMessage = field.type == PROTOBUF_C_TYPE_MESSAGE && !isOneOf
            let count =
                isRepeated
                ? Int.random(in: 0...3, using: &random)
                : isOptionalMessage ? Int.random(in: 0...1, using: &random) : 1
            if field.flags & PROTOBUF_C_FIELD_FLAG_PACKED.rawValue != 0 {
                // The one packed list has an element for each of the ids before it.
                addPacked(field, count: idCount, to: &builder)
            } else {
                for _ in 0..<count { add(field, of: name, to: &builder) }
                idCount = String(cString: field.name) == "item_ids" ? count : idCount
            }
        }
        return builder.bytes
    }

    private mutating func addPacked(
        _ field: ProtobufCFieldDescriptor, count: Int, to builder: inout BodyBuilder
    ) {
        guard count > 0 else { return }
        var list = BodyBuilder()
        for _ in 0..<count { list.varint(UInt64.random(in: 0...UInt64.max, using: &random)) }
        builder.field(field.id, list.bytes)
    }

    private mutating func add(
        _ field: ProtobufCFieldDescriptor, of message: String, to builder: inout BodyBuilder
    ) {
        let fieldName = String(cString: field.name)
        switch field.type {
        case PROTOBUF_C_TYPE_STRING:
            let text =
                fieldName == "idempotency_key"
                ? "key-\(UInt8.random(in: 0...9, using: &random))" : text()
            builder.field(field.id, Array(text.utf8))
        case PROTOBUF_C_TYPE_BYTES:
            builder.field(field.id, (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
        case PROTOBUF_C_TYPE_MESSAGE:
            let inner = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
            builder.field(field.id, body(of: inner))
        case PROTOBUF_C_TYPE_ENUM:
            let values = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
                .pointee
            let index = Int.random(in: 1..<Int(values.n_values), using: &random)
            builder.field(field.id, varint: UInt64(values.values[index].value))
        case PROTOBUF_C_TYPE_BOOL: builder.field(field.id, varint: 1)
        case PROTOBUF_C_TYPE_UINT32:
            // Rows of a segment must stand in the attachment of 9 rows.
            let greatest: UInt64 =
                switch (message, fieldName) {
                case ("VectorSegment", _): 4
                case (_, "maximum_token_count"): UInt64(WireLimits.maximumGeneratedTokens)
                default: UInt64(UInt32.max)
                }
            builder.field(field.id, varint: UInt64.random(in: 1...greatest, using: &random))
        case PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_INT64:
            builder.field(field.id, varint: UInt64.random(in: 1...UInt64.max, using: &random))
        case PROTOBUF_C_TYPE_FLOAT:
            builder.field(
                field.id,
                littleEndian: Float.random(in: 0.5...9, using: &random).bitPattern)
        case PROTOBUF_C_TYPE_DOUBLE:
            let size = Double.random(in: 0.5...9, using: &random)
            builder.field(
                field.id, littleEndian: (fieldName == "maximum" ? size : -size).bitPattern)
        default: preconditionFailure("no message has a field of type \(field.type)")
        }
    }

    private mutating func text() -> String {
        let alphabet: [Character] = ["a", "Z", "7", " ", "é", "中", "🎬", "\n", "\"", "\u{1}"]
        return String(
            (0..<Int.random(in: 1...20, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            })
    }
}
