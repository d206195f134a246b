import CMessages

/// Asks which methods a server has.
public struct ListMethodsRequest: WireMessage {

    /// Makes the message; every field has its proto default.
    public init() {}

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListMethodsRequest> { .protobuf }
}

extension ListMethodsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListMethodsRequest>?) -> Void {
        llara__v1__list_methods_request__init
    }

    init(_ c: Llara__V1__ListMethodsRequest) throws(WireError) {
        self.init()
    }

    func fill(_ c: inout Llara__V1__ListMethodsRequest, _ arena: EncodingArena) {}
}

/// A method of a server.
public struct MethodDescription: WireMessage {
    /// `llara.v1.Encoder/Encode`.
    public var method: String
    /// Full name of what it takes; empty where this build does not know it.
    public var request: String
    /// Full name of what it answers; empty where this build does not know it.
    public var response: String

    /// Makes the message; every field has its proto default.
    public init(method: String = "", request: String = "", response: String = "") {
        self.method = method
        self.request = request
        self.response = response
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<MethodDescription> { .protobuf }
}

extension MethodDescription: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__MethodDescription>?) -> Void {
        llara__v1__method_description__init
    }

    init(_ c: Llara__V1__MethodDescription) throws(WireError) {
        self.init(
            method: try Checked.title("method", c.method),
            request: try Checked.name("request", c.request),
            response: try Checked.name("response", c.response))
    }

    func fill(_ c: inout Llara__V1__MethodDescription, _ arena: EncodingArena) {
        c.method = arena.string(method)
        c.request = arena.string(request)
        c.response = arena.string(response)
    }
}

/// A field of a message.
public struct FieldDescription: WireMessage {
    /// The proto name.
    public var name: String
    /// The number on the wire.
    public var number: Int
    /// A scalar type of proto3, or the full name of a message or an enum.
    public var type: String
    /// Whether it is a list.
    public var repeated: Bool

    /// Makes the message; every field has its proto default.
    public init(name: String = "", number: Int = 0, type: String = "", repeated: Bool = false) {
        self.name = name
        self.number = number
        self.type = type
        self.repeated = repeated
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<FieldDescription> { .protobuf }
}

extension FieldDescription: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__FieldDescription>?) -> Void {
        llara__v1__field_description__init
    }

    init(_ c: Llara__V1__FieldDescription) throws(WireError) {
        self.init(
            name: try Checked.name("name", c.name),
            number: Int(c.number),
            type: try Checked.name("type", c.type),
            repeated: c.repeated != 0)
    }

    func fill(_ c: inout Llara__V1__FieldDescription, _ arena: EncodingArena) {
        c.name = arena.string(name)
        c.number = UInt32(clamping: number)
        c.type = arena.string(type)
        c.repeated = repeated ? 1 : 0
    }
}

/// A message and its fields.
public struct MessageDescription: WireMessage {
    /// The full name.
    public var name: String
    /// In the order of their numbers.
    public var fields: [FieldDescription]

    /// Makes the message; every field has its proto default.
    public init(name: String = "", fields: [FieldDescription] = []) {
        self.name = name
        self.fields = fields
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<MessageDescription> { .protobuf }
}

extension MessageDescription: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__MessageDescription>?) -> Void {
        llara__v1__message_description__init
    }

    init(_ c: Llara__V1__MessageDescription) throws(WireError) {
        self.init(
            name: try Checked.name("name", c.name),
            fields: try Checked.list(
                "fields", c.fields, c.n_fields, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__MessageDescription, _ arena: EncodingArena) {
        c.name = arena.string(name)
        (c.n_fields, c.fields) = arena.list(fields)
    }
}

/// The methods of a server, with the messages that they use.
public struct ListMethodsResponse: WireMessage {
    /// By name.
    public var methods: [MethodDescription]
    /// All that the methods use, each once, by name.
    public var messages: [MessageDescription]

    /// Makes the message; every field has its proto default.
    public init(methods: [MethodDescription] = [], messages: [MessageDescription] = []) {
        self.methods = methods
        self.messages = messages
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListMethodsResponse> { .protobuf }
}

extension ListMethodsResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListMethodsResponse>?) -> Void {
        llara__v1__list_methods_response__init
    }

    init(_ c: Llara__V1__ListMethodsResponse) throws(WireError) {
        self.init(
            methods: try Checked.list(
                "methods", c.methods, c.n_methods, limit: WireLimits.maximumListCount),
            messages: try Checked.list(
                "messages", c.messages, c.n_messages, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__ListMethodsResponse, _ arena: EncodingArena) {
        (c.n_methods, c.methods) = arena.list(methods)
        (c.n_messages, c.messages) = arena.list(messages)
    }
}
