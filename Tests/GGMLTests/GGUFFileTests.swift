import Domain
import GGML
import Testing

@Suite("Reading GGUF files")
struct GGUFFileTests {
    private static func raw(
        pairs: [[UInt8]] = [], tensors: [[UInt8]] = [], data: Int = 0
    ) -> RawGGUF {
        RawGGUF(pairs: pairs, tensors: tensors, data: [UInt8](repeating: 0, count: data))
    }

    private static func longText(_ length: Int) -> [UInt8] {
        RawGGUF.text(String(repeating: "a", count: length))
    }

    @Test("a right file of each value type is read")
    func rightFile() throws {
        let little = RawGGUF.little(UInt64(5))
        let pairs = (0...12).filter { $0 != 7 && $0 != 8 && $0 != 9 }.map { type in
            let size = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type]
            return RawGGUF.pair("key.\(type)", type: UInt32(type), Array(little.prefix(size)))
        }
        let file = try open(Self.raw(pairs: pairs, tensors: [RawGGUF.tensor("t", [8])], data: 32))
        #expect(file.metadata.count == 10)
        for type in [0, 1, 2, 3, 4, 5, 10, 11] {
            #expect(try file.count("key.\(type)", atMost: 5) == 5)
        }
        #expect(try file.values(of: "t", dimensions: [8]) == [Float](repeating: 0, count: 8))
    }

    /// What is wrong, and the bytes.
    static let hostile: [(String, RawGGUF, GGUFError.Code)] = [
        ("another magic", RawGGUF(magic: Array("GGML".utf8)), .malformed),
        ("version 1", RawGGUF(version: 1), .unsupported),
        ("version 4", RawGGUF(version: 4), .unsupported),
        ("big-endian", RawGGUF(version: UInt32(3).byteSwapped), .unsupported),
        ("2^64-1 tensors", RawGGUF(tensorCount: .max), .limitExceeded),
        ("2^63 pairs", RawGGUF(pairCount: 1 << 63), .limitExceeded),
        (
            "tensors beyond the limit",
            RawGGUF(tensorCount: UInt64(GGUFLimits.maximumTensors) + 1), .limitExceeded
        ),
        (
            "tensors at the limit that are not there",
            RawGGUF(tensorCount: UInt64(GGUFLimits.maximumTensors)), .malformed
        ),
        (
            "pairs beyond the limit", RawGGUF(pairCount: UInt64(GGUFLimits.maximumPairs) + 1),
            .limitExceeded
        ),
        ("a key of 2^64-1 bytes", raw(pairs: [RawGGUF.little(UInt64.max)]), .limitExceeded),
        ("a key that does not end", raw(pairs: [RawGGUF.little(UInt64(60_000))]), .malformed),
        (
            "a key that is too long",
            raw(pairs: [
                longText(GGUFLimits.maximumKeyBytes + 1) + RawGGUF.little(UInt32(0)) + [0]
            ]), .limitExceeded
        ),
        ("an empty key", raw(pairs: [RawGGUF.pair("", type: 0, [1])]), .malformed),
        ("a zero byte in a key", raw(pairs: [RawGGUF.pair("a\0b", type: 0, [1])]), .malformed),
        ("an unknown value type", raw(pairs: [RawGGUF.pair("a", type: 13, [1])]), .malformed),
        ("a truth value of 2", raw(pairs: [RawGGUF.pair("a", type: 7, [2])]), .malformed),
        (
            "a doubled key",
            raw(pairs: [RawGGUF.pair("a", type: 0, [1]), RawGGUF.pair("a", type: 0, [1])]),
            .malformed
        ),
        (
            "an array of arrays",
            raw(pairs: [
                RawGGUF.pair("a", type: 9, RawGGUF.little(UInt32(9)) + RawGGUF.little(UInt64(0)))
            ]), .unsupported
        ),
        (
            "an array longer than the file",
            raw(pairs: [
                RawGGUF.pair(
                    "a", type: 9, RawGGUF.little(UInt32(12)) + RawGGUF.little(UInt64(1 << 20)))
            ]), .malformed
        ),
        (
            "an array beyond the limit",
            raw(pairs: [
                RawGGUF.pair(
                    "a", type: 9,
                    RawGGUF.little(UInt32(0))
                        + RawGGUF.little(UInt64(GGUFLimits.maximumArrayElements) + 1))
            ]), .limitExceeded
        ),
        (
            "a text beyond the limit",
            raw(pairs: [RawGGUF.pair("a", type: 8, RawGGUF.little(UInt64(1 << 40)))]),
            .limitExceeded
        ),
        (
            "an alignment of 0",
            raw(pairs: [RawGGUF.pair("general.alignment", type: 4, RawGGUF.little(UInt32(0)))]),
            .malformed
        ),
        (
            "an alignment of 48",
            raw(pairs: [RawGGUF.pair("general.alignment", type: 4, RawGGUF.little(UInt32(48)))]),
            .malformed
        ),
        (
            "an alignment that is a text",
            raw(pairs: [RawGGUF.pair("general.alignment", type: 8, RawGGUF.text("32"))]),
            .malformed
        ),
        (
            "an alignment of 2^31",
            raw(pairs: [
                RawGGUF.pair("general.alignment", type: 4, RawGGUF.little(UInt32(1) << 31))
            ]), .malformed
        ),
        ("no dimensions", raw(tensors: [RawGGUF.tensor("t", [])]), .malformed),
        ("5 dimensions", raw(tensors: [RawGGUF.tensor("t", [1, 1, 1, 1, 1])]), .malformed),
        ("a side of 0", raw(tensors: [RawGGUF.tensor("t", [0])]), .limitExceeded),
        ("a negative side", raw(tensors: [RawGGUF.tensor("t", [.max])]), .limitExceeded),
        (
            "sides whose product overflows",
            raw(tensors: [RawGGUF.tensor("t", [1 << 33, 1 << 33])]), .limitExceeded
        ),
        ("an unknown type", raw(tensors: [RawGGUF.tensor("t", [8], type: 4)]), .unsupported),
        ("a type beyond all", raw(tensors: [RawGGUF.tensor("t", [8], type: 9_999)]), .unsupported),
        (
            "a row of broken blocks", raw(tensors: [RawGGUF.tensor("t", [33], type: 8)], data: 99),
            .malformed
        ),
        (
            "an offset into nothing",
            raw(tensors: [RawGGUF.tensor("t", [8], offset: .max)], data: 32), .malformed
        ),
        (
            "an unaligned offset",
            raw(
                tensors: [
                    RawGGUF.tensor("t", [8]), RawGGUF.tensor("u", [8], offset: 40),
                ], data: 96),
            .malformed
        ),
        (
            "tensors over one another",
            raw(tensors: [RawGGUF.tensor("t", [8]), RawGGUF.tensor("u", [8])], data: 64), .malformed
        ),
        ("data that ends early", raw(tensors: [RawGGUF.tensor("t", [8])], data: 31), .malformed),
        (
            "a doubled tensor",
            raw(
                tensors: [
                    RawGGUF.tensor("t", [8]), RawGGUF.tensor("t", [8], offset: 32),
                ], data: 64),
            .malformed
        ),
        (
            "a tensor's name that is too long",
            raw(
                tensors: [
                    RawGGUF.tensor(String(repeating: "n", count: 64), [8])
                ], data: 32), .limitExceeded
        ),
    ]

    @Test("hostile files are refused for their reason", arguments: 0..<hostile.count)
    func hostileFile(number: Int) throws {
        let (what, raw, code) = Self.hostile[number]
        let error = #expect(throws: GGUFError.self, "\(what)") { try open(raw) }
        #expect(error?.code == code, "\(what): \(error?.message ?? "")")
    }

    @Test("a file cut anywhere is refused")
    func truncation() throws {
        let folder = try TemporaryFolder()
        var writer = GGUFWriter(architecture: "test")
        writer.set("texts", .strings(["a", "bc"]))
        try writer.add(tensor: "t", dimensions: [8, 2], values: [Float](repeating: 1, count: 16))
        try writer.write(to: folder.file("whole.gguf"))
        let whole = try folder.bytes(of: "whole.gguf")
        for length in 0..<whole.count {
            let path = try folder.write(Array(whole[..<length]), to: "cut.gguf")
            #expect(throws: GGUFError.self, "cut at \(length)") { try GGUFFile(path: path) }
        }
    }

    @Test("changed bytes are refused or read, but never crash")
    func mutations() throws {
        let folder = try TemporaryFolder()
        var model = RandomSASRec()
        model.blocks = 1
        model.draw(seed: 1)
        try model.writer().write(to: folder.file("right.gguf"))
        let right = try folder.bytes(of: "right.gguf")
        var generator = SeededGenerator(seed: 7)
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = right
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<min(bytes.count, 2_048), using: &generator)
                bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            let path = try folder.write(bytes, to: "changed.gguf")
            do { _ = try SequentialEncoder(path: path) } catch { refused += 1 }
        }
        #expect(refused > 500)
    }

    @Test("long arrays are checked and counted, short ones kept")
    func arrays() throws {
        func array(_ count: Int) -> RawGGUF {
            let texts = (0..<count).flatMap { _ in RawGGUF.text("ab") }
            return Self.raw(pairs: [
                RawGGUF.pair(
                    "a", type: 9,
                    RawGGUF.little(UInt32(8)) + RawGGUF.little(UInt64(count)) + texts),
                RawGGUF.pair("after", type: 0, [9]),
            ])
        }
        let limit = GGUFLimits.maximumKeptArrayElements
        #expect(try open(array(limit)).texts("a").count == limit)
        let long = try open(array(limit + 1))
        #expect(long.metadata["a"] == .longArray(count: limit + 1))
        #expect(try long.count("after", atMost: 9) == 9)
    }

    @Test("metadata of another type, absent or beyond a limit is an error that names the key")
    func accessors() throws {
        let file = try open(
            Self.raw(pairs: [
                RawGGUF.pair("text", type: 8, RawGGUF.text("a")),
                RawGGUF.pair("many", type: 4, RawGGUF.little(UInt32(10))),
                RawGGUF.pair("nan", type: 6, RawGGUF.little(Float.nan.bitPattern)),
            ]))
        #expect(try file.count("many", atMost: 10) == 10)
        let error = #expect(throws: GGUFError.self) { try file.count("many", atMost: 9) }
        #expect(error?.message.contains("many") == true)
        #expect(throws: GGUFError.self) { try file.count("text", atMost: 9) }
        #expect(throws: GGUFError.self) { try file.text("absent") }
        #expect(throws: GGUFError.self) { try file.flag("many") }
        #expect(throws: GGUFError.self) { try file.number("nan") }
        #expect(throws: GGUFError.self) { try file.texts("text") }
        #expect(throws: GGUFError.self) { try file.requireArchitecture("sasrec") }
    }

    @Test("tensors of another shape, absent, or with NaN are errors")
    func tensors() throws {
        var raw = Self.raw(tensors: [RawGGUF.tensor("t", [2])])
        raw.data = RawGGUF.little(Float.nan.bitPattern) + RawGGUF.little(UInt32(0))
        let file = try open(raw)
        #expect(throws: GGUFError.self) { try file.values(of: "t", dimensions: [2]) }
        #expect(throws: GGUFError.self) { try file.values(of: "t", dimensions: [2, 1]) }
        #expect(throws: GGUFError.self) { try file.values(of: "u", dimensions: [2]) }
    }

    @Test("an absent file and a folder are errors that say what to do")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: GGUFError.self) {
            try GGUFFile(path: folder.file("absent.gguf"))
        }
        #expect(error?.code == .unreadable)
        #expect(error?.advice.isEmpty == false)
        #expect(throws: GGUFError.self) { try GGUFFile(path: folder.path) }
    }

    private func open(_ raw: RawGGUF) throws -> GGUFFile {
        let folder = try TemporaryFolder()
        return try GGUFFile(path: try folder.write(raw.bytes, to: "raw.gguf"))
    }
}
