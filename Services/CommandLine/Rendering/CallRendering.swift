import Domain
import RPC
import ServiceAPI
import Wire

/// Methods by name, and messages as JSON, for `llara call`.
enum CallRendering {
    /// A method and its full name.
    struct Target {
        let service: ServiceSchema
        let method: ServiceSchema.Method

        var rpcMethod: RPCMethod { RPCMethod(service: service.name, name: method.name) }

        /// Whether it answers with a stream.
        var isStreaming: Bool { CallRendering.streamingMethods.contains(rpcMethod) }
    }

    /// protobuf-c's descriptors do not tell; a test compares them with the `.proto` files.
    private static let streamingMethods: Set<RPCMethod> = [
        GatewayMethods.recommendStream.method, RankerMethods.generate.method,
        HealthMethods.watch.method,
    ]

    /// `Gateway/Recommend` and so on.
    static var methodNames: [String] {
        ServiceSchema.all.flatMap { service in
            service.methods.map { "\(shortName(service.name))/\($0.name)" }
        }
    }

    /// Finds `Gateway/Recommend` or `llara.v1.Gateway/Recommend`.
    static func target(_ name: String) throws -> Target {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let found = ServiceSchema.all.flatMap { service in
            service.methods.map { Target(service: service, method: $0) }
        }.filter { target in
            let service = target.service.name
            return parts.count == 2 && parts[1] == target.method.name
                && (parts[0] == service || service.hasSuffix(".\(parts[0])"))
        }
        guard let target = found.first else {
            throw CommandError(
                .badData, "no method '\(name)'", advice: "llara call lists the methods")
        }
        return target
    }

    /// All methods, what they take and what they answer.
    static var methodList: String {
        var table = TextTable([.left("Method"), .left("Request"), .left("Response")])
        for service in ServiceSchema.all {
            for method in service.methods {
                let target = Target(service: service, method: method)
                table.add([
                    "\(shortName(service.name))/\(method.name)", shortName(method.request.name),
                    (target.isStreaming ? "stream of " : "") + shortName(method.response.name),
                ])
            }
        }
        return table.text
    }

    /// The fields of a message and of the messages in it, each once.
    static func fieldList(of schema: MessageSchema) -> String {
        var texts: [String] = []
        var waiting = [schema]
        var seen: Set<String> = [schema.name]
        while !waiting.isEmpty {
            let message = waiting.removeFirst()
            var table = TextTable([.left("Field"), .left("Type")])
            for field in message.fields {
                table.add([field.name, (field.isRepeated ? "list of " : "") + type(of: field)])
                if case .message(let inner) = field.kind, seen.insert(inner.name).inserted {
                    waiting.append(inner)
                }
            }
            texts.append("\(shortName(message.name))\n\(table.text)")
        }
        return texts.joined(separator: "\n\n")
    }

    private static func type(of field: FieldSchema) -> String {
        switch field.kind {
        case .text: "text"
        case .bytes: "hexadecimal digits"
        case .uint32, .uint64: "whole number >= 0"
        case .int64: "whole number"
        case .bool: "true or false"
        case .float, .double: "number"
        case .enumeration(let values):
            values.map { FieldSchema.shortName(of: $0.name, among: values.map(\.name)) }
                .joined(separator: " | ")
        case .message(let schema): shortName(schema.name)
        }
    }

    private static func shortName(_ name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }

    /// `key=value` arguments as an object: lists are split at commas, `{` and `[` begin JSON.
    static func object(
        of pairs: [PairArgument], schema: MessageSchema
    ) throws -> JSONValue {
        .object(
            try pairs.map { pair in
                if pair.value.hasPrefix("{") || pair.value.hasPrefix("[") {
                    return .init(pair.key, try JSONValue(parsing: pair.value))
                }
                guard schema.field(named: pair.key)?.isRepeated == true else {
                    return .init(pair.key, .string(pair.value))
                }
                let elements = pair.value.split(separator: ",").map { JSONValue.string(String($0)) }
                return .init(pair.key, .array(elements))
            })
    }

    /// A request: the message's fields, and `attachments` as `[{rows, columns, values}]`.
    static func request(_ json: JSONValue, schema: MessageSchema) throws -> RPCMessage {
        guard case .object(let members) = json else {
            throw CommandError(
                .badData, "the request is no JSON object", advice: "write {\"field\": value, …}")
        }
        let fields = members.filter { $0.name != "attachments" }
        return RPCMessage(
            body: try schema.body(ofJSON: .object(fields)),
            attachments: try tensors(json["attachments"]))
    }

    /// A message of this build as JSON.
    static func json<Message: WireMessage>(_ message: Message) throws -> JSONValue {
        try MessageSchema(of: Message.self).json(ofBody: message.encodedBody())
    }

    /// A response, with its attachments if it has any.
    static func response(_ message: RPCMessage, schema: MessageSchema) throws -> JSONValue {
        let json = try schema.json(ofBody: message.body)
        guard case .object(let members) = json, !message.attachments.isEmpty else { return json }
        let tensors = message.attachments.map { tensor in
            JSONValue.object([
                .init("rows", .integer(Int64(tensor.rows))),
                .init("columns", .integer(Int64(tensor.columns))),
                .init("values", .array(tensor.values.map { .number(Double("\($0)") ?? .nan) })),
            ])
        }
        return .object(members + [.init("attachments", .array(tensors))])
    }

    private static func tensors(_ json: JSONValue?) throws -> [FloatTensor] {
        guard let json else { return [] }
        guard case .array(let elements) = json else { throw malformedAttachments }
        return try elements.map { element in
            guard case .integer(let rows) = element["rows"],
                case .integer(let columns) = element["columns"],
                case .array(let values) = element["values"],
                let floats = floats(values), rows >= 0, columns >= 0,
                rows.multipliedReportingOverflow(by: columns) == (Int64(floats.count), false)
            else { throw malformedAttachments }
            return FloatTensor(rows: Int(rows), columns: Int(columns), values: floats)
        }
    }

    private static func floats(_ values: [JSONValue]) -> [Float]? {
        let floats = values.compactMap { Float($0.text()) }
        return floats.count == values.count ? floats : nil
    }

    private static let malformedAttachments = CommandError(
        .badData, "the attachments are malformed",
        advice: "write [{\"rows\": 1, \"columns\": 2, \"values\": [0.5, 1]}]")
}
