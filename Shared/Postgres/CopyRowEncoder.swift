/// Encodes rows for `COPY … FROM STDIN (FORMAT binary)`.
///
/// The binary format needs no escaping and no printing of numbers. Take `bytes` whenever they
/// exceed a chunk's size, and call `finish` before the last time.
public struct CopyRowEncoder: Sendable {
    /// What was encoded and not taken yet.
    public private(set) var bytes: [UInt8] = []

    /// Starts with the format's header.
    public init() {
        bytes.append(contentsOf: Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00])
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(Int32(0))
    }

    /// Starts a row of `count` values, which are added one by one.
    public mutating func beginRow(_ count: Int) { bytes.appendBigEndian(Int16(count)) }

    /// Adds a `text` from its UTF-8 bytes, which must be valid and hold no NUL.
    public mutating func append(utf8 text: ArraySlice<UInt8>) {
        bytes.appendBigEndian(Int32(text.count))
        bytes.append(contentsOf: text)
    }

    /// Adds a `bigint`.
    public mutating func append(_ value: Int64) {
        bytes.appendBigEndian(Int32(8))
        bytes.appendBigEndian(value)
    }

    /// Adds a `real`.
    public mutating func append(_ value: Float) {
        bytes.appendBigEndian(Int32(4))
        bytes.appendBigEndian(value.bitPattern)
    }

    /// Adds a row; each value's type must be its column's own.
    public mutating func append(_ values: [PostgresValue]) {
        beginRow(values.count)
        for value in values {
            if value == .null {
                bytes.appendBigEndian(Int32(-1))
            } else {
                bytes.appendLengthPrefixed { value.encode(into: &$0) }
            }
        }
    }

    /// Adds the format's end mark.
    public mutating func finish() { bytes.appendBigEndian(Int16(-1)) }

    /// Returns what is there and starts over.
    public mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}
