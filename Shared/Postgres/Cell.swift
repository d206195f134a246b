/// The bytes of one field, valid only while its result is.
struct Cell {
    let bytes: UnsafeRawBufferPointer
    let type: UInt32
    let isBinary: Bool
    let column: Int

    func mismatch(_ wanted: String) -> PostgresError {
        PostgresError(
            .internalError,
            "column \(column) has type \(type), \(bytes.count) bytes, where \(wanted) was expected"
        )
    }

    func integer() throws(PostgresError) -> Int64 {
        let wanted = "an integer"
        guard isBinary else {
            guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
                throw mismatch(wanted)
            }
            return value
        }
        switch (type, bytes.count) {
        case (TypeID.int8, 8): return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case (TypeID.int4, 4): return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (TypeID.int2, 2): return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case (TypeID.oid, 4): return Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        default: throw mismatch(wanted)
        }
    }

    func floatingPoint() throws(PostgresError) -> Double {
        let wanted = "a floating-point number"
        guard isBinary else {
            guard let value = Double(String(decoding: bytes, as: UTF8.self)) else {
                throw mismatch(wanted)
            }
            return value
        }
        switch (type, bytes.count) {
        case (TypeID.float8, 8):
            let bits = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            return Double(bitPattern: bits)
        case (TypeID.float4, 4):
            let bits = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
            return Double(Float(bitPattern: bits))
        default: throw mismatch(wanted)
        }
    }

    func string() throws(PostgresError) -> String {
        guard isBinary else { return String(decoding: bytes, as: UTF8.self) }
        switch type {
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.json, TypeID.unknown:
            return String(decoding: bytes, as: UTF8.self)
        case TypeID.jsonb where bytes.first == 1:
            // jsonb_send puts a version before the text.
            return String(decoding: bytes.dropFirst(), as: UTF8.self)
        default: throw mismatch("text")
        }
    }

    /// bytea's text format: `\x` and two hexadecimal digits a byte.
    func hexBytes() throws(PostgresError) -> [UInt8] {
        let digits = String(decoding: bytes, as: UTF8.self)
        guard digits.hasPrefix("\\x"), digits.utf8.count.isMultiple(of: 2) else {
            throw mismatch("bytea")
        }
        var result: [UInt8] = []
        var rest = digits.utf8.dropFirst(2)
        while !rest.isEmpty {
            guard let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                throw mismatch("bytea")
            }
            result.append(byte)
            rest = rest.dropFirst(2)
        }
        return result
    }

    /// The elements of a `text[]` in binary format.
    func textElements() throws(PostgresError) -> [String] {
        try elements("text[]") { element in String(decoding: element, as: UTF8.self) }
    }

    /// The elements of a `bigint[]` in binary format.
    func integerElements() throws(PostgresError) -> [Int64] {
        try elements("bigint[]") { element in
            element.count == 8 ? Int64(bigEndian: element.loadUnaligned(as: Int64.self)) : nil
        }
    }

    /// The elements of `array_send`'s form of a one-dimensional array without NULLs.
    private func elements<Element>(
        _ wanted: String, _ decode: (UnsafeRawBufferPointer) -> Element?
    ) throws(PostgresError) -> [Element] {
        guard bytes.count >= 12 else { throw mismatch(wanted) }
        if readInt32(at: 0) == 0 { return [] }
        guard readInt32(at: 0) == 1, bytes.count >= 20 else { throw mismatch(wanted) }
        var offset = 20
        var elements: [Element] = []
        for _ in 0..<readInt32(at: 12) {
            guard offset + 4 <= bytes.count else { throw mismatch(wanted) }
            let length = readInt32(at: offset)
            offset += 4
            guard length >= 0, offset + length <= bytes.count,
                let element = decode(
                    UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
            else { throw mismatch(wanted) }
            elements.append(element)
            offset += length
        }
        return elements
    }

    private func readInt32(at offset: Int) -> Int {
        Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
}
