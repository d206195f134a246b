import Domain
import Foundation
import Testing
import Wire

@testable import llara

@Suite("Filters")
struct FilterArgumentTests {
    @Test(
        "every form becomes the catalog's filter",
        arguments: [
            ("genres=Comedy", AttributeFilter(key: "genres", anyOf: ["Comedy"])),
            (
                "genres=Comedy,Film-Noir",
                AttributeFilter(key: "genres", anyOf: ["Comedy", "Film-Noir"])
            ),
            ("note=a=b", AttributeFilter(key: "note", anyOf: ["a=b"])),
            ("year>=1990", AttributeFilter(key: "year", range: NumberRange(minimum: 1990))),
            ("year<=-1.5", AttributeFilter(key: "year", range: NumberRange(maximum: -1.5))),
            (
                "year=1990..1999",
                AttributeFilter(key: "year", range: NumberRange(minimum: 1990, maximum: 1999))
            ),
            ("year=..1999", AttributeFilter(key: "year", range: NumberRange(maximum: 1999))),
            ("year=1990..", AttributeFilter(key: "year", range: NumberRange(minimum: 1990))),
            ("title=Wait...", AttributeFilter(key: "title", anyOf: ["Wait..."])),
            ("year", AttributeFilter(key: "year")),
        ])
    func forms(_ text: String, _ filter: AttributeFilter) {
        #expect(FilterArgument(argument: text)?.filter == filter)
    }

    @Test(
        "what is no filter is refused",
        arguments: ["", "=a", ">=3", "year>", "year>1990", "year>=new", "year<=", "a=", "a=b,,c"])
    func wrong(_ text: String) {
        #expect(FilterArgument(argument: text) == nil)
    }

    @Test("versions are whole numbers between commas")
    func versions() {
        #expect(VersionList(argument: "17,0")?.versions == [17, 0])
        #expect(VersionList(argument: "17,") == nil)
        #expect(VersionList(argument: "-1") == nil)
    }
}

@Suite("Lines of a file")
struct LineReaderTests {
    private func lines(_ content: String, limit: Int = 10) async throws -> [String] {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "lines")
            try Data(content.utf8).write(to: file)
            let reader = try LineReader(path: file.path, maximumLineBytes: limit)
            var lines: [String] = []
            while let line = try reader.next() { lines.append(line) }
            return lines
        }
    }

    @Test("lines come one by one, whatever ends them")
    func content() async throws {
        #expect(try await lines("a\nb\r\n\nc") == ["a", "b", "", "c"])
        #expect(try await lines("") == [])
        let long = String(repeating: "x", count: 70_000)
        #expect(try await lines("\(long)\ny\n", limit: 70_000) == [long, "y"])
    }

    @Test("a line at the limit is taken, one beyond it is named, ended or not")
    func limit() async throws {
        let full = String(repeating: "x", count: 10)
        #expect(try await lines("\(full)\n\(full)") == [full, full])
        for content in [
            "a\n\(full)x\n", "a\n\(full)x", "a\n" + String(repeating: "y", count: 200_000),
        ] {
            let error = await #expect(throws: CommandError.self) { try await lines(content) }
            #expect(error?.message.hasSuffix("line 2: has more than 10 bytes") == true)
        }
    }

    @Test("a file that is not there, and one that is no UTF-8, name what to do")
    func unreadable() async throws {
        let missing = #expect(throws: CommandError.self) {
            _ = try LineReader(path: "/nonexistent")
        }
        #expect(missing?.status == .notFound)
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "latin1")
            try Data([0x61, 0x0A, 0xE9]).write(to: file)
            let reader = try LineReader(path: file.path)
            #expect(try reader.next() == "a")
            let error = #expect(throws: CommandError.self) { _ = try reader.next() }
            #expect(error?.message.hasSuffix("line 2: is not UTF-8") == true)
        }
    }
}

@Suite("JSON lines")
struct JSONLinesTests {
    /// The calls that lines become.
    private func calls(_ content: String) async throws -> [[CatalogItem]] {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "items")
            try Data(content.utf8).write(to: file)
            var calls: [[CatalogItem]] = []
            _ = try await JSONLines<UpsertItemsRequest>.write(
                from: file.path, method: "Gateway/UpsertItems", list: "items"
            ) { lines, _ in
                calls.append(lines.flatMap(\.items))
                return WriteResponse(version: 1)
            }
            return calls
        }
    }

    @Test("a line is an item as item get shows it")
    func item() async throws {
        let line = """
            {"id":"7","title":"Arrival","attributes":{"year":2016},"state":"hidden",\
            "expires_at_seconds":null,"version":3}
            """
        let item = CatalogItem(
            id: "7", title: "Arrival", attributes: [KeyValue(key: "year", value: "2016")],
            state: .hidden, version: 3)
        #expect(try await calls("\n\(line)\n\n") == [[item]])
        #expect(CatalogRendering.json(ItemsResponse(items: [item])).text().contains("\"id\":\"7\""))
    }

    @Test("1,000 lines make one call, the next one begins another")
    func batches() async throws {
        let lines = (1...1_001).map { #"{"id":"\#($0)","title":"T"}"# }
        #expect(
            try await calls(lines.joined(separator: "\n")).map(\.count)
                == [CommandLimits.maximumLinesPerCall, 1])
    }

    @Test("a call ends early before its lines have too many bytes")
    func bytes() async throws {
        let title = String(repeating: "t", count: 4_000)
        let lines = (1...900).map { #"{"id":"\#($0)","title":"\#(title)"}"# }
        let counts = try await calls(lines.joined(separator: "\n")).map(\.count)
        #expect(counts.count == 2)
        #expect(counts.reduce(0, +) == 900)
    }

    @Test(
        "what is wrong is named with its line and field",
        arguments: [
            (#"{"id":"1","name":"T"}"#, "line 2: name is no field of"),
            (#"{"id":"1","title":5,"version":-1}"#, "line 2: version is no whole number >= 0"),
            ("{", "line 2: this is no JSON"), ("[]", "line 2: items[0] is no JSON object"),
        ])
    func wrong(_ line: String, _ message: String) async throws {
        let error = await #expect(throws: CommandError.self) {
            try await calls("{\"id\":\"0\",\"title\":\"T\"}\n\(line)")
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.status == .badData)
    }

    @Test("no line is an error, and a call that fails names its lines")
    func failures() async throws {
        await #expect(throws: CommandError.self) { try await calls("\n \n") }
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "ids")
            try Data("\"1\"\n2\n".utf8).write(to: file)
            let error = await #expect(throws: CommandError.self) {
                try await JSONLines<DeleteItemsRequest>.write(
                    from: file.path, method: "Gateway/DeleteItems", list: "item_ids"
                ) { lines, _ in
                    #expect(lines.flatMap(\.itemIDs) == ["1", "2"])
                    throw CommandError(.temporary, "no", advice: "again")
                }
            }
            #expect(error?.details.first?.hasPrefix("in lines 1 to 2 of ") == true)
        }
    }
}
