internal import NIOCore

/// Takes a control payload apart, checking that every field is there.
struct PayloadReader {
    private var buffer: ByteBuffer
    private let name: String

    /// Reads `buffer`; `name` begins the reason of a violation.
    init(_ buffer: ByteBuffer, of name: String) {
        self.buffer = buffer
        self.name = name
    }

    var isAtEnd: Bool { buffer.readableBytes == 0 }

    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type
    ) throws(ProtocolViolation) -> Value {
        guard let value = buffer.readInteger(endianness: .little, as: type) else {
            throw ProtocolViolation("\(name): payload too short")
        }
        return value
    }

    mutating func bytes(_ count: Int) throws(ProtocolViolation) -> [UInt8] {
        guard let bytes = buffer.readBytes(length: count) else {
            throw ProtocolViolation("\(name): payload too short")
        }
        return bytes
    }

    mutating func text(_ count: Int) throws(ProtocolViolation) -> String {
        guard let text = String(validating: try bytes(count), as: UTF8.self) else {
            throw ProtocolViolation("\(name): text is not UTF-8")
        }
        return text
    }

    /// A service or method name: letters, digits, '_' and '.'.
    mutating func identifier() throws(ProtocolViolation) -> String {
        let text = try text(Int(try integer(UInt8.self)))
        guard RPCMethod.isName(text) else {
            throw ProtocolViolation("\(name): a name holds only letters, digits, '_' and '.'")
        }
        return text
    }

    mutating func metadata() throws(ProtocolViolation) -> Metadata {
        var metadata = Metadata()
        for index in 0..<Int(try integer(UInt16.self)) {
            let key = try text(Int(try integer(UInt8.self)))
            let value = try bytes(Int(try integer(UInt16.self)))
            let entry = Metadata.Entry(key: key, value: value, isText: !Metadata.isBinary(key: key))
            if let wrong = Metadata.malformation(of: entry) {
                throw ProtocolViolation("\(name): metadata entry \(index): \(wrong)")
            }
            metadata.append(entry)
        }
        return metadata
    }

    func finish() throws(ProtocolViolation) {
        guard isAtEnd else {
            throw ProtocolViolation("\(name): \(buffer.readableBytes) bytes behind the payload")
        }
    }
}
