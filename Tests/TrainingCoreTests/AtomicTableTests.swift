import Testing
import TrainingCore

@Suite("Atomic files")
struct AtomicTableTests {
    private func failure(_ bytes: [UInt8]) -> DataError? {
        #expect(throws: DataError.self) {
            try AtomicTable(bytes: bytes, source: "a.inter")
        }
    }

    @Test("a file with a typed header gives its columns and rows with their lines")
    func reads() throws {
        let table = try AtomicTable(
            bytes: Array("id:token\tname:token_seq\r\n1\tA b\r\n2\t\n".utf8), source: "a")
        #expect(table.columns == ["id", "name"])
        #expect(table.rows.map(\.line) == [2, 3])
    }

    @Test("a file that ends mid-line is refused with that line")
    func cutOff() {
        let error = failure(Array("id:token\n1\n2".utf8))
        #expect(error?.line == 3)
        #expect(error?.description == "a.inter:3: the file ends in the middle of this line")
    }

    @Test("an empty file is refused")
    func empty() { #expect(failure([])?.line == nil) }

    @Test("a row with another number of fields is refused with its line")
    func fieldCount() {
        #expect(failure(Array("id:token\tx:float\n1\t2\n1\n".utf8))?.line == 3)
        #expect(failure(Array("id:token\tx:float\n1\t2\t3\n".utf8))?.line == 2)
    }

    @Test(
        "a header without types, with an unknown type or a doubled name is refused",
        arguments: ["id\n", "id:int\n", ":token\n", "id:token\tid:float\n", "\n"])
    func header(_ text: String) { #expect(failure(Array(text.utf8))?.line == 1) }

    @Test("bytes that are not UTF-8 are refused with their line")
    func notText() { #expect(failure(Array("id:token\n".utf8) + [0xFF, 0x0A])?.line == 2) }

    @Test("a line may be as long as the limit and no longer")
    func lineLimit() throws {
        let header = Array("id:token\n".utf8)
        let longest = [UInt8](repeating: 0x61, count: AtomicTable.maximumLineBytes)
        #expect(try AtomicTable(bytes: header + longest + [0x0A], source: "a").rows.count == 1)
        #expect(failure(header + longest + [0x61, 0x0A])?.line == 2)
    }

    @Test("there may be as many columns as the limit and no more")
    func columnLimit() throws {
        func header(_ count: Int) -> [UInt8] {
            Array(((0..<count).map { "c\($0):token" }.joined(separator: "\t") + "\n").utf8)
        }
        let most = AtomicTable.maximumColumns
        #expect(try AtomicTable(bytes: header(most), source: "a").columns.count == most)
        #expect(failure(header(most + 1))?.line == 1)
    }
}
