extension MessageSchema {
    /// The body that a JSON object describes, fields by their proto names.
    ///
    /// Numbers and booleans may also stand as strings, so that `count=10` on a command line needs
    /// no types; see ``json(ofBody:)`` for bytes and enums. Null is absent.
    ///
    /// - Throws: ``WireError`` naming the field that the message does not have or that has a value
    ///   of another type.
    public func body(ofJSON json: JSONValue) throws(WireError) -> [UInt8] {
        guard case .object(let members) = json else {
            throw WireError(field: "", message: "is no JSON object")
        }
        for member in members where field(named: member.name) == nil {
            let known = fields.map(\.name).joined(separator: ", ")
            throw WireError(
                field: member.name,
                message: known.isEmpty
                    ? "is no field: \(name) has none" : "is no field of \(name); it has \(known)")
        }
        var writer = RawFieldWriter()
        for field in fields {
            guard let value = members.last(where: { $0.name == field.name })?.value,
                value != .null
            else { continue }
            try field.write(value, to: &writer)
        }
        return writer.bytes
    }
}

/// Appends fields in protobuf's encoding.
private struct RawFieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ number: UInt32, _ value: UInt64) {
        append(UInt64(number) << 3)
        append(value)
    }

    mutating func delimited(_ number: UInt32, _ content: some Collection<UInt8>) {
        append(UInt64(number) << 3 | 2)
        append(UInt64(content.count))
        bytes += content
    }

    mutating func fixed(_ number: UInt32, _ word: some FixedWidthInteger) {
        append(UInt64(number) << 3 | (word.bitWidth == 64 ? 1 : 5))
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }

    mutating func append(_ varint: UInt64) {
        var rest = varint
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension FieldSchema {
    fileprivate func write(_ value: JSONValue, to writer: inout RawFieldWriter) throws(WireError) {
        guard isRepeated else {
            // As every encoder of proto3 does: a default takes no bytes.
            if !isArm && value == defaultJSON { return }
            return try writeOne(value, name, to: &writer)
        }
        guard case .array(let elements) = value else {
            throw WireError(field: name, message: "is no array")
        }
        if isPacked && !elements.isEmpty { return try writePacked(elements, to: &writer) }
        for (index, element) in elements.enumerated() {
            try writeOne(element, "\(name)[\(index)]", to: &writer)
        }
    }

    private func writePacked(
        _ elements: [JSONValue], to writer: inout RawFieldWriter
    ) throws(WireError) {
        var list = RawFieldWriter()
        for (index, element) in elements.enumerated() {
            guard let value = element.whole(UInt64.self) else {
                throw WireError(field: "\(name)[\(index)]", message: "is no whole number >= 0")
            }
            list.append(value)
        }
        writer.delimited(number, list.bytes)
    }

    private func writeOne(
        _ value: JSONValue, _ path: String, to writer: inout RawFieldWriter
    ) throws(WireError) {
        func wrong(_ expected: String) -> WireError {
            WireError(field: path, message: "is no \(expected)")
        }
        switch kind {
        case .text:
            guard let text = value.scalarText else { throw wrong("string") }
            writer.delimited(number, text.utf8)
        case .bytes:
            guard let bytes = value.hexadecimalBytes else { throw wrong("hexadecimal string") }
            writer.delimited(number, bytes)
        case .uint32:
            guard let count = value.whole(UInt32.self) else { throw wrong("whole number >= 0") }
            writer.varint(number, UInt64(count))
        case .uint64:
            guard let count = value.whole(UInt64.self) else { throw wrong("whole number >= 0") }
            writer.varint(number, count)
        case .int64:
            guard let count = value.whole(Int64.self) else { throw wrong("whole number") }
            writer.varint(number, UInt64(bitPattern: count))
        case .bool:
            guard let flag = value.scalarText.flatMap(Bool.init) else {
                throw wrong("true or false")
            }
            writer.varint(number, flag ? 1 : 0)
        case .float:
            guard let number = value.scalarText.flatMap(Float.init), number.isFinite else {
                throw wrong("finite number")
            }
            writer.fixed(self.number, number.bitPattern)
        case .double:
            guard let number = value.scalarText.flatMap(Double.init), number.isFinite else {
                throw wrong("finite number")
            }
            writer.fixed(self.number, number.bitPattern)
        case .enumeration(let values):
            let text = value.scalarText
            guard
                let found = values.first(where: {
                    text == $0.name || text == shortName(of: $0.name)
                })
            else {
                throw wrong(
                    "of: " + values.map { shortName(of: $0.name) }.joined(separator: ", "))
            }
            writer.varint(number, UInt64(found.number))
        case .message(let schema):
            do {
                writer.delimited(number, try schema.body(ofJSON: value))
            } catch {
                throw error.inside(path)
            }
        }
    }
}

extension JSONValue {
    /// A string as it is; a number or a boolean as it is written.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer, .unsigned, .number, .bool: text()
        case .null, .array, .object: nil
        }
    }

    fileprivate func whole<Whole: FixedWidthInteger>(_: Whole.Type) -> Whole? {
        scalarText.flatMap { Whole($0) }
    }

    fileprivate var hexadecimalBytes: [UInt8]? {
        guard case .string(let text) = self, text.utf8.count.isMultiple(of: 2) else { return nil }
        let digits = Array(text.utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.digit(digits[index]), let low = Self.digit(digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
