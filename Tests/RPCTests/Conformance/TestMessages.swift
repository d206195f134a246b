@testable import RPC

/// Protobuf's wire format, as far as the messages of `Proto/llara/test/v1` go: varints and bytes.
///
/// By hand, so that the product has no code for its test service, and the suite no common fault with
/// the generated one.
struct ProtobufFields {
    enum Value: Equatable {
        case number(UInt64)
        case bytes([UInt8])
    }

    private(set) var fields: [(number: UInt64, value: Value)] = []

    init() {}

    /// Reads a message; nil for bytes that are none.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let key = Self.varint(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let number = Self.varint(&rest) else { return nil }
                fields.append((key >> 3, .number(number)))
            case 2:
                guard let length = Self.varint(&rest), length <= rest.count else { return nil }
                fields.append((key >> 3, .bytes(Array(rest.prefix(Int(length))))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func add(_ number: UInt64, _ value: Value) { fields.append((number, value)) }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        func write(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        for (number, value) in fields {
            switch value {
            case .number(let value):
                write(number << 3)
                write(value)
            case .bytes(let value):
                write(number << 3 | 2)
                write(UInt64(value.count))
                bytes += value
            }
        }
        return bytes
    }

    func number(_ field: UInt64) -> Int {
        for case (field, .number(let value)) in fields { return Int(clamping: value) }
        return 0
    }

    func bytes(_ field: UInt64) -> [UInt8]? {
        for case (field, .bytes(let value)) in fields { return value }
        return nil
    }

    func messages(_ field: UInt64) -> [ProtobufFields] {
        fields.compactMap { found, value in
            if case .bytes(let bytes) = value, found == field { ProtobufFields(bytes) } else { nil }
        }
    }

    func message(_ field: UInt64) -> ProtobufFields? { messages(field).first }
}

/// A request of any of the service's methods, their fields together.
struct TestRequest {
    struct Response {
        var size: Int
        var intervalMicroseconds = 0
        var isCompressed = false
    }

    /// `EchoStatus`: what the server is to answer.
    struct Echo {
        var code: RPCError.Code
        var message: String
    }

    var payloadSize = 0
    var responses: [Response] = []
    var status: Echo?
    var expectsCompressed: Bool?

    init(
        payloadSize: Int = 0, responses: [Response] = [], status: Echo? = nil,
        expectsCompressed: Bool? = nil
    ) {
        self.payloadSize = payloadSize
        self.responses = responses
        self.status = status
        self.expectsCompressed = expectsCompressed
    }

    /// Which message it stands for: `SimpleRequest`, `StreamingInputCallRequest` or
    /// `StreamingOutputCallRequest`.
    enum Kind { case simple, input, output }

    init(reading message: RPCMessage, as kind: Kind) throws {
        guard let fields = ProtobufFields(message.body) else {
            throw RPCError(code: .invalidArgument, message: "the request is no protobuf message")
        }
        let payload: UInt64 = kind == .input ? 1 : 2
        payloadSize = fields.message(payload)?.bytes(1)?.count ?? 0
        func boolean(_ field: UInt64, in fields: ProtobufFields) -> Bool? {
            fields.message(field).map { $0.number(1) != 0 }
        }
        switch kind {
        case .simple:
            responses = [
                Response(size: fields.number(1), isCompressed: boolean(4, in: fields) ?? false)
            ]
            expectsCompressed = boolean(5, in: fields)
        case .input: expectsCompressed = boolean(2, in: fields)
        case .output:
            responses = fields.messages(1).map {
                Response(
                    size: $0.number(1), intervalMicroseconds: $0.number(2),
                    isCompressed: boolean(3, in: $0) ?? false)
            }
        }
        status = kind == .input ? nil : fields.message(3).map(Self.echo)
    }

    private static func echo(_ fields: ProtobufFields) -> Echo {
        Echo(
            code: RPCError.Code(rawValue: UInt8(clamping: fields.number(1))) ?? .unknown,
            message: String(decoding: fields.bytes(2) ?? [], as: UTF8.self))
    }

    func message(as kind: Kind, isCompressed: Bool = false) -> RPCMessage {
        var fields = ProtobufFields()
        var payload = ProtobufFields()
        payload.add(1, .bytes([UInt8](repeating: 0, count: payloadSize)))
        func boolean(_ value: Bool) -> ProtobufFields.Value {
            var message = ProtobufFields()
            message.add(1, .number(value ? 1 : 0))
            return .bytes(message.encoded)
        }
        if kind == .simple, let response = responses.first {
            fields.add(1, .number(UInt64(response.size)))
            fields.add(4, boolean(response.isCompressed))
        }
        if kind == .output {
            for response in responses {
                var parameters = ProtobufFields()
                parameters.add(1, .number(UInt64(response.size)))
                parameters.add(2, .number(UInt64(response.intervalMicroseconds)))
                parameters.add(3, boolean(response.isCompressed))
                fields.add(1, .bytes(parameters.encoded))
            }
        }
        fields.add(kind == .input ? 1 : 2, .bytes(payload.encoded))
        if let status {
            var echo = ProtobufFields()
            echo.add(1, .number(UInt64(status.code.rawValue)))
            echo.add(2, .bytes(Array(status.message.utf8)))
            fields.add(3, .bytes(echo.encoded))
        }
        if let expectsCompressed {
            fields.add(kind == .input ? 2 : 5, boolean(expectsCompressed))
        }
        return RPCMessage(body: fields.encoded, isCompressed: isCompressed)
    }
}

/// A response: a payload, or the sum of payloads.
enum TestResponse {
    static func payload(_ size: Int, isCompressed: Bool) -> RPCMessage {
        TestRequest(payloadSize: size).message(as: .input, isCompressed: isCompressed)
    }

    static func payloadSize(of message: RPCMessage) -> Int? {
        ProtobufFields(message.body)?.message(1)?.bytes(1)?.count
    }

    static func sum(_ bytes: Int) -> RPCMessage {
        var fields = ProtobufFields()
        fields.add(1, .number(UInt64(bytes)))
        return RPCMessage(body: fields.encoded)
    }

    static func sum(of message: RPCMessage) -> Int? { ProtobufFields(message.body)?.number(1) }
}
