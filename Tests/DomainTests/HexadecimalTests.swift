import Testing

@testable import Domain

@Suite("Hexadecimal")
struct HexadecimalTests {
    @Test("digits of either case give the bytes back, and other text gives none")
    func reading() {
        let bytes = (0...255).map { UInt8($0) }
        #expect([UInt8](hexadecimal: bytes.hexadecimal) == bytes)
        #expect([UInt8](hexadecimal: "0aFF") == [10, 255])
        #expect([UInt8](hexadecimal: "") == [])
        for text in ["0", "0g", "0 ", "+1", "\u{FF11}\u{FF11}", "é"] {
            #expect([UInt8](hexadecimal: text) == nil, "\(text)")
        }
    }
}
