import GGML
import Testing

@Suite("Writing GGUF files")
struct GGUFWriterTests {
    @Test("what is written is what is read")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let pairs: [(String, GGUFValue)] = [
            ("a", .uint32(7)), ("b", .float32(0.25)), ("c", .bool(true)), ("d", .string("tëxt")),
            ("e", .strings(["item", "user"])), ("f", .int64(-9)), ("g", .float64(1e300)),
            ("h", .array([.uint8(1), .uint8(2)])), ("i", .strings([])),
        ]
        var writer = GGUFWriter(architecture: "test")
        for (key, value) in pairs { writer.set(key, value) }
        writer.set("a", .uint32(8))
        let values = (0..<35).map { Float($0) * 0.5 - 3 }
        try writer.add(tensor: "full", dimensions: [5, 7], values: values)
        try writer.add(tensor: "half", dimensions: [7, 5], values: values, as: .float16)
        try writer.write(to: folder.file("a.gguf"))
        let file = try GGUFFile(path: folder.file("a.gguf"))
        #expect(try file.text("general.architecture") == "test")
        #expect(file.metadata["a"] == .uint32(8))
        for (key, value) in pairs.dropFirst() { #expect(file.metadata[key] == value) }
        #expect(try file.values(of: "full", dimensions: [5, 7]) == values)
        // Halves of small whole numbers are exact in half precision.
        #expect(try file.values(of: "half", dimensions: [7, 5]) == values)
        #expect(file.tensors["half"]?.byteCount == 70)
        #expect(try folder.names() == ["a.gguf"])
    }

    @Test("the same calls give the same bytes, laid out as the format says")
    func bytes() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            var writer = GGUFWriter(architecture: "x")
            try writer.add(tensor: "t", dimensions: [2], values: [1, -2])
            try writer.write(to: folder.file(name))
        }
        var expected = RawGGUF(
            pairs: [RawGGUF.pair("general.architecture", type: 8, RawGGUF.text("x"))],
            tensors: [RawGGUF.tensor("t", [2])])
        expected.data =
            RawGGUF.little(Float(1).bitPattern) + RawGGUF.little(Float(-2).bitPattern)
            + [UInt8](repeating: 0, count: 24)
        #expect(try folder.bytes(of: "a") == expected.bytes)
        #expect(try folder.bytes(of: "b") == expected.bytes)
    }

    @Test("a large tensor is written in parts without loss")
    func largeTensor() throws {
        let folder = try TemporaryFolder()
        let values = (0..<300_001).map { Float($0) }
        var writer = GGUFWriter(architecture: "x")
        try writer.add(tensor: "t", dimensions: [300_001], values: values)
        try writer.write(to: folder.file("a"))
        let read = try GGUFFile(path: folder.file("a")).values(of: "t", dimensions: [300_001])
        #expect(read == values)
    }

    @Test("tensors that do not fit their shape, name or type are refused")
    func refusals() throws {
        var writer = GGUFWriter(architecture: "x")
        try writer.add(tensor: "t", dimensions: [1], values: [1])
        try writer.add(
            tensor: String(repeating: "n", count: GGUFLimits.maximumTensorNameBytes),
            dimensions: [1], values: [65_504], as: .float16)
        #expect(throws: GGUFError.self) {
            try writer.add(tensor: "t", dimensions: [1], values: [1])
        }
        let faults: [(String, [Int], [Float])] = [
            ("", [1], [1]), (String(repeating: "n", count: 64), [1], [1]), ("a", [], [1]),
            ("a", [1, 1, 1, 1, 1], [1]), ("a", [2], [1]), ("a", [-1, -1], [1]),
            ("a", [Int.max, 4], [1]), ("a", [0], []), ("a", [1], [.nan]), ("a", [1], [.infinity]),
            ("a", [1], [65_505]),
        ]
        for (name, dimensions, values) in faults {
            #expect(throws: GGUFError.self) {
                try writer.add(
                    tensor: name, dimensions: dimensions, values: values, as: .float16)
            }
        }
    }

    @Test("mixed arrays are refused, and nothing is left in the folder")
    func mixedArray() throws {
        let folder = try TemporaryFolder()
        for value in [
            GGUFValue.array([.bool(true), .string("a")]), .longArray(count: 2),
            .array([.array([.bool(true)])]),
        ] {
            var writer = GGUFWriter(architecture: "x")
            writer.set("a", value)
            #expect(throws: GGUFError.self) { try writer.write(to: folder.file("a")) }
        }
        #expect(try folder.names().isEmpty)
    }

    @Test("a folder that is not there is an error, and an older file is replaced whole")
    func replacing() throws {
        let folder = try TemporaryFolder()
        let writer = GGUFWriter(architecture: "x")
        let error = #expect(throws: GGUFError.self) {
            try writer.write(to: folder.file("absent/a"))
        }
        #expect(error?.code == .unwritable)
        _ = try folder.write([1, 2, 3], to: "a")
        try writer.write(to: folder.file("a"))
        #expect(try GGUFFile(path: folder.file("a")).text("general.architecture") == "x")
        #expect(try folder.names() == ["a"])
    }
}
