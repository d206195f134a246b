/// 64-bit FNV-1a: a stable hash for orders that must be the same in every process.
public struct StableHash: Sendable {
    /// The hash of what was combined so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Starts empty.
    public init() {}

    /// Adds the UTF-8 bytes of `text` and a separator.
    public mutating func combine(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xFF)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}
