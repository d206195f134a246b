package import CMessages
import CProtobufC

/// A message type as its descriptor knows it, for tools that work by field names.
public struct MessageSchema: Sendable {
    // Points into protoc-c's constant tables, which live as long as the process and never change.
    package nonisolated(unsafe) let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

    init(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) { self.descriptor = descriptor }

    /// The schema of a message type of this module, as every ``WireMessage`` is.
    package init(of kind: any WireMessage.Type) {
        guard let kind = kind as? any ProtobufConvertible.Type else {
            preconditionFailure("\(kind) is no message of a .proto file")
        }
        self.init(kind.descriptor)
    }

    /// The full name, such as `llara.v1.RecommendRequest`.
    public var name: String { String(cString: descriptor.pointee.name) }

    /// The fields in the order of their numbers.
    public var fields: [FieldSchema] {
        UnsafeBufferPointer(
            start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields)
        )
        .map(FieldSchema.init)
    }

    /// The field of that proto name.
    public func field(named name: String) -> FieldSchema? { fields.first { $0.name == name } }
}

/// A field of a message.
public struct FieldSchema: Sendable {
    /// What a field holds.
    public enum Kind: Sendable {
        /// UTF-8 text.
        case text
        /// Opaque bytes; hexadecimal digits in JSON.
        case bytes
        /// A 32-bit count.
        case uint32
        /// A 64-bit number without sign.
        case uint64
        /// A 64-bit number with sign.
        case int64
        /// True or false.
        case bool
        /// A 32-bit float.
        case float
        /// A 64-bit float.
        case double
        /// An enum, with its values' names and numbers.
        case enumeration([(name: String, number: Int)])
        /// A message.
        case message(MessageSchema)
    }

    /// The proto name.
    public let name: String
    /// The number on the wire.
    public let number: UInt32
    /// Whether it is a list.
    public let isRepeated: Bool
    /// Whether it is one arm of a oneof, of which at most one is there.
    public let isArm: Bool
    /// Whether it is a list of numbers that stand in one payload.
    let isPacked: Bool
    /// What it holds.
    public let kind: Kind
    /// A scalar type of proto3, or the full name of a message or an enum.
    public let typeName: String

    init(_ field: ProtobufCFieldDescriptor) {
        name = String(cString: field.name)
        number = field.id
        isRepeated = field.label == PROTOBUF_C_LABEL_REPEATED
        isArm = field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
        isPacked = field.isPacked
        kind = Self.kind(of: field)
        typeName = Self.typeName(of: field, kind)
    }

    private static func typeName(of field: ProtobufCFieldDescriptor, _ kind: Kind) -> String {
        switch kind {
        case .text: return "string"
        case .bytes: return "bytes"
        case .uint32: return "uint32"
        case .uint64: return "uint64"
        case .int64: return "int64"
        case .bool: return "bool"
        case .float: return "float"
        case .double: return "double"
        case .enumeration:
            let descriptor = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
            return String(cString: descriptor.pointee.name)
        case .message(let schema): return schema.name
        }
    }

    /// Every type that `Proto/README.md` allows; a test walks all messages.
    private static func kind(of field: ProtobufCFieldDescriptor) -> Kind {
        switch field.type {
        case PROTOBUF_C_TYPE_STRING: return .text
        case PROTOBUF_C_TYPE_BYTES: return .bytes
        case PROTOBUF_C_TYPE_UINT32: return .uint32
        case PROTOBUF_C_TYPE_UINT64: return .uint64
        case PROTOBUF_C_TYPE_INT64: return .int64
        case PROTOBUF_C_TYPE_BOOL: return .bool
        case PROTOBUF_C_TYPE_FLOAT: return .float
        case PROTOBUF_C_TYPE_DOUBLE: return .double
        case PROTOBUF_C_TYPE_ENUM:
            let values = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
            return .enumeration(
                UnsafeBufferPointer(
                    start: values.pointee.values, count: Int(values.pointee.n_values)
                ).map { (String(cString: $0.name), Int($0.value)) })
        case PROTOBUF_C_TYPE_MESSAGE:
            return .message(
                MessageSchema(
                    field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)))
        default:
            preconditionFailure("field \(String(cString: field.name)) has a type not in use")
        }
    }
}

/// A service as its descriptor knows it.
public struct ServiceSchema: Sendable {
    /// A method of a service.
    public struct Method: Sendable {
        /// The name, such as `Recommend`.
        public let name: String
        /// What it takes.
        public let request: MessageSchema
        /// What it answers, once or as a stream.
        public let response: MessageSchema
    }

    /// The full name, such as `llara.v1.Gateway`.
    public let name: String
    /// The methods in the order of the `.proto` file.
    public let methods: [Method]

    /// All services, the gateway first.
    public static let all = [
        ServiceSchema(llara__v1__gateway__descriptor),
        ServiceSchema(llara__v1__encoder__descriptor),
        ServiceSchema(llara__v1__projector__descriptor),
        ServiceSchema(llara__v1__ranker__descriptor),
        ServiceSchema(llara__v1__health__descriptor),
        ServiceSchema(llara__v1__inspection__descriptor),
    ]

    private init(_ descriptor: ProtobufCServiceDescriptor) {
        name = String(cString: descriptor.name)
        methods = UnsafeBufferPointer(
            start: descriptor.methods, count: Int(descriptor.n_methods)
        ).map {
            Method(
                name: String(cString: $0.name), request: MessageSchema($0.input),
                response: MessageSchema($0.output))
        }
    }
}
