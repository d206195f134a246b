import Domain
import Testing
import TrainingCore

@Suite("Files of rows under named columns")
struct DataTableTests {
    private struct Read: Equatable {
        var line: Int
        var fields: [String]
    }

    /// Every row of a table, and what was rejected.
    private func read(
        _ bytes: [UInt8], _ format: DelimitedFormat = DelimitedFormat(separator: .tab),
        maximum: Int = 0
    ) throws -> (columns: [String], rows: [Read], rejected: [DataError]) {
        let table = try DataTable(bytes: bytes, source: "a.tsv", format: format)
        var rejections = Rejections(maximum: maximum)
        var rows: [Read] = []
        try table.forEach(rejections: &rejections) { row in
            rows.append(
                Read(line: row.line, fields: table.columns.indices.map { row.text($0) }))
            return nil
        }
        return (table.columns, rows, rejections.list)
    }

    private func failure(_ bytes: [UInt8]) -> DataError? {
        #expect(throws: DataError.self) { try read(bytes) }
    }

    @Test("RecBole's typed header gives the columns' names, and rows come with their lines")
    func recBole() throws {
        let table = try read(Array("id:token\tname:token_seq\r\n1\tA b\r\n2\t\n".utf8))
        #expect(table.columns == ["id", "name"])
        #expect(
            table.rows == [Read(line: 2, fields: ["1", "A b"]), Read(line: 3, fields: ["2", ""])])
    }

    @Test("names keep what only looks like a type, and quoted commas belong to a field")
    func plain() throws {
        let table = try read(
            Array("id,12:30,note:token\n1,\"a, b\",x\n".utf8), DelimitedFormat(separator: .comma))
        #expect(table.columns == ["id", "12:30", "note:token"])
        #expect(table.rows == [Read(line: 2, fields: ["1", "a, b", "x"])])
    }

    @Test("without a header columns are numbered and the first line is a row")
    func noHeader() throws {
        let table = try read(
            Array("u\ti\n".utf8), DelimitedFormat(separator: .tab, hasHeader: false))
        #expect(table.columns == ["1", "2"])
        #expect(table.rows == [Read(line: 1, fields: ["u", "i"])])
    }

    @Test("a file that ends mid-line is refused with that line")
    func cutOff() {
        let error = failure(Array("id\n1\n2".utf8))
        #expect(error?.description == "a.tsv:3: the file ends in the middle of this line")
    }

    @Test("an empty file is refused")
    func empty() { #expect(failure([])?.line == nil) }

    @Test("a row with another number of fields is refused with its line")
    func fieldCount() {
        #expect(failure(Array("id\tx\n1\t2\n1\n".utf8))?.line == 3)
        #expect(failure(Array("id\tx\n1\t2\t3\n".utf8))?.line == 2)
    }

    @Test(
        "a header with a doubled or an empty name is refused",
        arguments: ["id\tid\n", "id:token\tid:float\n", "id\t\n"])
    func header(_ text: String) { #expect(failure(Array(text.utf8))?.line == 1) }

    @Test("bytes that are not UTF-8 are refused with their line")
    func notText() { #expect(failure(Array("id\n".utf8) + [0xFF, 0x0A])?.line == 2) }

    @Test("as many bad rows as allowed are passed over and kept, one more ends the reading")
    func rejections() throws {
        let text = Array("id\tx\n1\n2\t2\n3\n".utf8)
        let read = try read(text, maximum: 2)
        #expect(read.rows == [Read(line: 3, fields: ["2", "2"])])
        #expect(read.rejected.map(\.line) == [2, 4])
        let error = #expect(throws: DataError.self) { try self.read(text, maximum: 1) }
        #expect(error?.line == 4)
        #expect(error?.message.hasPrefix("more than 1 rows are rejected") == true)
    }
}
