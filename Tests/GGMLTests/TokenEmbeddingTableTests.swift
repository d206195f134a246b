import Foundation
import GGML
import Testing

@Suite("Token embeddings")
struct TokenEmbeddingTableTests {
    /// Made by Deploy/bootstrap.
    private static let model =
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        + "/.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    @Test("rows of the served model equal its blocks of 32 times their scale")
    func servedModel() throws {
        let table = try TokenEmbeddingTable(path: Self.model)
        #expect(table.columns == 576 && table.count == 49_152)
        let info = try #require(
            try GGUFFile(path: Self.model).tensors[TokenEmbeddingTable.tensorName])
        let file = try #require(FileHandle(forReadingAtPath: Self.model))
        for token in [0, 1, 28_000, 49_151] {
            // Q8_0: a half-precision scale and 32 signed bytes.
            let rowBytes = 576 / 32 * 34
            try file.seek(toOffset: UInt64(info.offset + token * rowBytes))
            let bytes = [UInt8](try #require(try file.read(upToCount: rowBytes)))
            var expected: [Float] = []
            for start in stride(from: 0, to: rowBytes, by: 34) {
                let scale = Float(
                    Float16(bitPattern: UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8))
                expected += bytes[start + 2..<start + 34].map {
                    scale * Float(Int8(bitPattern: $0))
                }
            }
            #expect(table.row(token) == expected)
        }
    }

    @Test("a float32 table gives its rows back")
    func float32() throws {
        let folder = try TemporaryFolder()
        var writer = GGUFWriter(architecture: "llama")
        try writer.add(
            tensor: TokenEmbeddingTable.tensorName, dimensions: [3, 2],
            values: [1, 2, 3, 4, 5, 6])
        try writer.write(to: folder.file("llm.gguf"))
        let table = try TokenEmbeddingTable(path: folder.file("llm.gguf"))
        #expect(table.row(0) == [1, 2, 3] && table.row(1) == [4, 5, 6])
    }

    @Test("a file without the table, or with one of another shape or type, is refused")
    func refusals() throws {
        let folder = try TemporaryFolder()
        try GGUFWriter(architecture: "llama").write(to: folder.file("none"))
        #expect(throws: GGUFError.self) { try TokenEmbeddingTable(path: folder.file("none")) }
        var flat = GGUFWriter(architecture: "llama")
        try flat.add(tensor: TokenEmbeddingTable.tensorName, dimensions: [4], values: [1, 2, 3, 4])
        try flat.write(to: folder.file("flat"))
        #expect(throws: GGUFError.self) { try TokenEmbeddingTable(path: folder.file("flat")) }
        // Type 24 is I8, which ggml knows but does not turn into float32.
        let raw = RawGGUF(
            tensors: [RawGGUF.tensor(TokenEmbeddingTable.tensorName, [4, 8], type: 24)],
            data: [UInt8](repeating: 0, count: 32))
        let path = try folder.write(raw.bytes, to: "integers")
        let error = #expect(throws: GGUFError.self) { try TokenEmbeddingTable(path: path) }
        #expect(error?.code == .unsupported)
    }
}
