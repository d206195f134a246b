/// One field as it stands on the wire, before any descriptor gives it a meaning.
///
/// The protobuf encoding: https://protobuf.dev/programming-guides/encoding
struct RawField {
    enum Payload {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case delimited(UnsafeRawBufferPointer)
    }

    let number: UInt32
    let payload: Payload
}

/// Reads the fields of one message body; never beyond its end.
struct RawFieldReader {
    /// 2^29 - 1, the greatest number that protobuf allows.
    static let maximumFieldNumber: UInt64 = 536_870_911

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    /// Reads `bytes`, which must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field, nil at the end.
    mutating func next() throws(WireError) -> RawField? {
        guard offset < bytes.count else { return nil }
        let tag = try varint()
        let number = tag >> 3
        guard number >= 1, number <= Self.maximumFieldNumber else {
            throw WireError(field: "", message: "has a field number outside of 1...2^29-1")
        }
        return RawField(number: UInt32(number), payload: try payload(wireType: tag & 7))
    }

    /// The numbers of a packed list.
    static func packedVarints(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [UInt64] {
        var reader = RawFieldReader(bytes)
        var values: [UInt64] = []
        while reader.offset < bytes.count { values.append(try reader.varint()) }
        return values
    }

    private mutating func payload(wireType: UInt64) throws(WireError) -> RawField.Payload {
        switch wireType {
        case 0: return .varint(try varint())
        case 1: return .fixed64(try littleEndian())
        case 2:
            let count = try varint()
            guard count <= UInt64(bytes.count - offset) else { throw Self.truncated }
            defer { offset += Int(count) }
            return .delimited(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(count)]))
        case 5: return .fixed32(try littleEndian())
        default:
            throw WireError(field: "", message: "has wire type \(wireType), which is not in use")
        }
    }

    /// Seven bits a byte, least first, at most ten bytes.
    private mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard offset < bytes.count else { throw Self.truncated }
            let byte = bytes[offset]
            offset += 1
            if shift == 63 && byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw WireError(field: "", message: "has a varint of more than 64 bits")
    }

    private mutating func littleEndian<Word: FixedWidthInteger>() throws(WireError) -> Word {
        let width = MemoryLayout<Word>.size
        guard bytes.count - offset >= width else { throw Self.truncated }
        defer { offset += width }
        return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
    }

    private static let truncated = WireError(field: "", message: "ends in the middle of a field")
}
