import Domain
import Testing

@Suite("rows of delimited files")
struct DelimitedReaderTests {
    /// What a reader finds: the fields of a row, or the reason of a bad one; with lines.
    private struct Found: Equatable {
        var line: Int
        var fields: [String] = []
        var problem: String?
    }

    /// Reads `bytes` in chunks that end at `cuts`.
    private func read(
        _ bytes: [UInt8], _ format: DelimitedFormat = DelimitedFormat(separator: .comma),
        cuts: [Int] = []
    ) -> [Found] {
        var reader = DelimitedReader(format)
        var found: [Found] = []
        func record(_ event: DelimitedReader.Event) {
            switch event {
            case .row:
                let fields = reader.fields
                found.append(
                    Found(
                        line: reader.line,
                        fields: (0..<fields.count).map { fields.text($0) ?? "no UTF-8" }))
            case .malformed(let problem):
                found.append(Found(line: reader.line, problem: problem))
            }
        }
        var start = 0
        for end in cuts + [bytes.count] {
            var offset = 0
            Array(bytes[start..<end]).withUnsafeBufferPointer { chunk in
                while let event = reader.next(in: chunk, from: &offset) { record(event) }
            }
            start = end
        }
        if let event = reader.finish() { record(event) }
        return found
    }

    private func fields(_ text: String, _ format: DelimitedFormat) -> [[String]] {
        read(Array(text.utf8), format).map { $0.problem.map { [$0] } ?? $0.fields }
    }

    @Test("fields are split at the separator, lines at newlines", arguments: ["\n", "\r\n"])
    func lines(newline: String) {
        let text = ["a,b", "", "c,,", "d"].map { $0 + newline }.joined()
        let found = read(Array(text.utf8))
        #expect(found.map(\.fields) == [["a", "b"], ["c", "", ""], ["d"]])
        #expect(found.map(\.line) == [1, 3, 4])
    }

    @Test("each separator splits", arguments: DelimitedFormat.Separator.allCases)
    func separators(separator: DelimitedFormat.Separator) {
        let character = Character(UnicodeScalar(separator.rawValue))
        let others = DelimitedFormat.Separator.allCases.filter { $0 != separator }
            .map { String(UnicodeScalar($0.rawValue)) }.joined()
        let text = "a\(others)\(character)b\n"
        #expect(fields(text, DelimitedFormat(separator: separator)) == [["a" + others, "b"]])
    }

    @Test("quoted fields are those of RFC 4180")
    func quotes() {
        let text =
            "\"a,b\",\"\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\",x\n5\" disk,\"\"\"\"\n\"\"\n"
        let found = read(Array(text.utf8))
        #expect(
            found.map(\.fields) == [
                ["a,b", "", "say \"hi\""], ["two\r\nlines", "x"], ["5\" disk", "\""], [""],
            ])
        #expect(found.map(\.line) == [1, 2, 4, 5])
        let tabs = DelimitedFormat(separator: .tab)
        #expect(fields("\"a\tb\"\n", tabs) == [["\"a", "b\""]])
        let quotedTabs = DelimitedFormat(separator: .tab, isQuoted: true)
        #expect(fields("\"a\tb\"\tc\n", quotedTabs) == [["a\tb", "c"]])
    }

    @Test("a bad line is told with its reason, and the next one is read")
    func malformed() {
        let found = read(Array("\"a\"b,c\nd,e\n\"f".utf8))
        #expect(found.map(\.line) == [1, 2, 3])
        #expect(found[0].problem == "text stands after a closing quote")
        #expect(found[1].fields == ["d", "e"])
        #expect(found[2].problem == "the file ends within quotes")
        let cut = read(Array("a,b\nc,d".utf8))
        #expect(cut.map(\.problem) == [nil, "the file ends in the middle of this line"])
        #expect(read([]).isEmpty)
    }

    @Test("a byte order mark is no part of the first field")
    func byteOrderMark() {
        #expect(read([0xEF, 0xBB, 0xBF] + Array("a,b\n".utf8)).map(\.fields) == [["a", "b"]])
    }

    @Test("a field, line or row at its limit is read, and one beyond it is told")
    func limits() {
        let field = DelimitedLimits.maximumFieldBytes
        let wide = [UInt8](repeating: 0x78, count: field)
        let newline: [UInt8] = [0x0A]
        let after = Array("a\n".utf8)
        #expect(read(wide + newline + after).map(\.problem) == [nil, nil])
        let tooWide = read(wide + [0x78] + newline + after)
        #expect(tooWide.map(\.problem) == ["a field has more than \(field) bytes", nil])
        let quoted = [0x22] + wide + [0x78, 0x22, 0x0A] + after
        #expect(read(quoted).first?.problem == "a field has more than \(field) bytes")

        let count = DelimitedLimits.maximumLineBytes / (field + 1)
        let longest = [[UInt8]](repeating: wide + [0x2C], count: count).flatMap { $0 }
        let filled = longest + wide.prefix(DelimitedLimits.maximumLineBytes - longest.count)
        #expect(read(filled + newline).map(\.problem) == [nil])
        #expect(
            read(filled + [0x78] + newline + after).map(\.problem)
                == ["the line has more than \(DelimitedLimits.maximumLineBytes) bytes", nil])

        let columns = DelimitedLimits.maximumColumns
        let row = [UInt8](repeating: 0x2C, count: columns - 1)
        #expect(read(row + newline).first?.fields.count == columns)
        #expect(
            read(row + [0x2C] + newline + after).map(\.problem)
                == ["the line has more than \(columns) fields", nil])
    }

    @Test("chunks may end anywhere", arguments: 0..<20 as Range<UInt64>)
    func chunks(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab,,\"\"\n\r\nq".utf8) + [0xEF, 0xBB, 0xBF]
        let bytes = (0..<300).compactMap { _ in alphabet.randomElement(using: &generator) }
        let whole = read(bytes)
        let cuts = (0..<40).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
        #expect(read(bytes, cuts: cuts) == whole)
        #expect(read(bytes, cuts: Array(1..<bytes.count)) == whole)
    }
}
