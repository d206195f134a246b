/// Makes whole characters of tokens' bytes: one may end in the middle of a UTF-8 sequence.
struct TextAssembler: Sendable {
    private var pending: [UInt8] = []

    /// The characters that `bytes` complete; what is no UTF-8 becomes U+FFFD.
    mutating func append(_ bytes: some Sequence<UInt8>) -> String {
        pending += bytes
        let whole = pending.count - Self.incompleteSuffixCount(pending)
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// The rest, as no more bytes come.
    mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Bytes at the end that begin a character which more bytes may complete.
    private static func incompleteSuffixCount(_ bytes: [UInt8]) -> Int {
        for count in 1..<4 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length =
                switch byte {
                case 0b1100_0000..<0b1110_0000: 2
                case 0b1110_0000..<0b1111_0000: 3
                case 0b1111_0000..<0b1111_1000: 4
                default: 1
                }
            return length > count ? count : 0
        }
        return 0
    }
}
