internal import NIOCore

/// Takes a control payload apart, checking that every field is there.
struct PayloadReader {
    private var buffer: ByteBuffer
    private let type: FrameType

    /// Reads `buffer`; a violation's reason begins with `type`, made a text only then.
    init(_ buffer: ByteBuffer, of type: FrameType) {
        self.buffer = buffer
        self.type = type
    }

    var isAtEnd: Bool { buffer.readableBytes == 0 }

    mutating func integer<Value: FixedWidthInteger>(
        _ integer: Value.Type
    ) throws(ProtocolViolation) -> Value {
        guard let value = buffer.readInteger(endianness: .little, as: integer) else {
            throw ProtocolViolation("\(type): payload too short")
        }
        return value
    }

    mutating func bytes(_ count: Int) throws(ProtocolViolation) -> [UInt8] {
        guard let bytes = buffer.readBytes(length: count) else {
            throw ProtocolViolation("\(type): payload too short")
        }
        return bytes
    }

    mutating func text(_ count: Int) throws(ProtocolViolation) -> String {
        guard let text = String(validating: try bytes(count), as: UTF8.self) else {
            throw ProtocolViolation("\(type): text is not UTF-8")
        }
        return text
    }

    /// A service or method name: letters, digits, '_' and '.'.
    mutating func identifier() throws(ProtocolViolation) -> String {
        let text = try text(Int(try integer(UInt8.self)))
        guard RPCMethod.isName(text) else {
            throw ProtocolViolation("\(type): a name holds only letters, digits, '_' and '.'")
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
                throw ProtocolViolation("\(type): metadata entry \(index): \(wrong)")
            }
            metadata.append(entry)
        }
        return metadata
    }

    func finish() throws(ProtocolViolation) {
        guard isAtEnd else {
            throw ProtocolViolation("\(type): \(buffer.readableBytes) bytes behind the payload")
        }
    }
}
