import CMessages
import CProtobufC
import Domain

extension MessageSchema {
    /// A body as JSON: every field by its proto name, absent ones with their default.
    ///
    /// Bytes are hexadecimal digits; enum values drop their enum's prefix, in lower case
    /// (`REPRESENTATION_HYBRID` is `hybrid`); absent messages are null, absent arms of a oneof left
    /// out.
    ///
    /// - Throws: ``WireError`` as reading the message itself does, but for limits of single fields.
    public func json(ofBody body: [UInt8]) throws(WireError) -> JSONValue {
        try body.span.withUnsafeBytes { bytes throws(WireError) in
            var scan = MessageScan()
            try scan.check(bytes, as: descriptor)
            return try object(bytes)
        }
    }

    private func object(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JSONValue {
        let fields = fields
        var found: [UInt32: [JSONValue]] = [:]
        var reader = RawFieldReader(bytes)
        while let raw = try reader.next() {
            guard let field = fields.first(where: { $0.number == raw.number }) else { continue }
            if field.isPacked, case .delimited(let bytes) = raw.payload {
                for value in try RawFieldReader.packedVarints(bytes) {
                    found[raw.number, default: []].append(try field.json(.varint(value)))
                }
            } else {
                found[raw.number, default: []].append(try field.json(raw.payload))
            }
        }
        return .object(
            fields.compactMap { field in
                let values = found[field.number] ?? []
                if field.isArm && values.isEmpty { return nil }
                return JSONValue.Member(
                    field.name,
                    field.isRepeated ? .array(values) : values.last ?? field.defaultJSON)
            })
    }

    fileprivate func nested(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> JSONValue {
        try object(bytes)
    }
}

extension FieldSchema {
    /// What an absent singular field reads as.
    var defaultJSON: JSONValue {
        switch kind {
        case .text, .bytes: .string("")
        case .uint32, .uint64, .int64: .integer(0)
        case .bool: .bool(false)
        case .float, .double: .number(0)
        case .enumeration: enumName(of: 0)
        case .message: .null
        }
    }

    /// The payload has the kind's wire type: the scan has seen to that.
    fileprivate func json(_ payload: RawField.Payload) throws(WireError) -> JSONValue {
        switch (kind, payload) {
        case (.text, .delimited(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case (.bytes, .delimited(let bytes)): return .string(bytes.hexadecimal)
        case (.message(let schema), .delimited(let bytes)): return try schema.nested(bytes)
        case (.uint32, .varint(let value)), (.uint64, .varint(let value)):
            return Int64(exactly: value).map(JSONValue.integer) ?? .unsigned(value)
        case (.int64, .varint(let value)): return .integer(Int64(bitPattern: value))
        case (.bool, .varint(let value)): return .bool(value != 0)
        case (.enumeration, .varint(let value)):
            return enumName(of: Int(truncatingIfNeeded: value))
        case (.float, .fixed32(let bits)):
            // Through its decimal form: 0.1 stays 0.1 and not 0.10000000149.
            return .number(Double(Float(bitPattern: bits).description) ?? 0)
        case (.double, .fixed64(let bits)): return .number(Double(bitPattern: bits))
        default: throw WireError(field: name, message: "has the wire type of another type")
        }
    }

    private func enumName(of number: Int) -> JSONValue {
        guard case .enumeration(let values) = kind,
            let value = values.first(where: { $0.number == number })
        else { return .integer(Int64(number)) }
        return .string(shortName(of: value.name))
    }

    /// The value's name without its enum's prefix, in lower case.
    func shortName(of valueName: String) -> String {
        guard case .enumeration(let values) = kind else { return valueName }
        return Self.shortName(of: valueName, among: values.map(\.name))
    }

    /// A name of an enum's value without what all its names begin with, in lower case.
    public static func shortName(of valueName: String, among names: [String]) -> String {
        guard var prefix = names.first else { return valueName.lowercased() }
        for name in names {
            while !name.hasPrefix(prefix) { prefix.removeLast() }
        }
        return valueName.dropFirst(prefix.count).lowercased()
    }
}
