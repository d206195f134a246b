/// Appends protobuf's encoding by hand, so that tests do not lean on the code under test.
public struct BodyBuilder {
    /// The body so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty body.
    public init() {}

    /// A number, seven bits a byte.
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// What stands before each field.
    public mutating func tag(_ number: UInt32, _ wireType: UInt64) {
        varint(UInt64(number) << 3 | wireType)
    }

    /// A whole number.
    public mutating func field(_ number: UInt32, varint value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    /// Text, bytes or a message.
    public mutating func field(_ number: UInt32, _ content: some Collection<UInt8>) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    /// A fixed32 or fixed64.
    public mutating func field(_ number: UInt32, littleEndian word: some FixedWidthInteger) {
        tag(number, word.bitWidth == 64 ? 1 : 5)
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }
}
