import Domain
import Storage
import Testing

@Suite("imports of files", .timeLimit(.minutes(3)))
struct FileImportTests {
    /// Gives a text in chunks of a few bytes.
    private func chunks(_ text: String, size: Int = 7) -> () throws -> [UInt8]? {
        var rest = Array(text.utf8)[...]
        return {
            let next = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            return next.isEmpty ? nil : next
        }
    }

    private let commas = DelimitedFormat(separator: .comma)
    private let tabs = DelimitedFormat(separator: .tab)

    @Test("items come from named columns, the rest of the columns are attributes")
    func items() async throws {
        let text = [
            "title,id,year,state,until,genre", "\"Heat, the film\",1,1995,active,,crime",
            "Aliens,2,,hidden,4102444800,\"a \"\"b\"\"\"", "",
        ].joined(separator: "\n")
        try await withStore { store in
            var progress: [ImportProgress] = []
            let result = try await store.importItems(
                from: chunks(text), format: commas,
                columns: ItemColumns(state: "state", expiry: "until"), author: "me", deadline: nil,
                progress: { progress.append($0) }
            ) { Issue.record("rejected: \($0)") }
            #expect(result.rowCount == 2)
            #expect(result.changedCount == 2)
            #expect(progress.last?.byteCount == text.utf8.count)
            #expect(progress.last?.rowCount == 2)
            let items = try await store.items(ids: ["1", "2"], deadline: nil).items
            #expect(items.map(\.title) == ["Heat, the film", "Aliens"])
            #expect(items.map(\.isHidden) == [false, true])
            #expect(items.map(\.expiresAtSeconds) == [0, 4_102_444_800])
            #expect(
                items.map { $0.attributes.map { "\($0.key)=\($0.value)" } }
                    == [["genre=crime", "year=1995"], ["genre=a \"b\""]])
            let changes = try await store.changes(after: 0, count: 9, deadline: nil).changes
            #expect(changes.map(\.action) == ["import", "import"])
            #expect(changes.map(\.author) == ["me", "me"])
        }
    }

    @Test("bad rows are handed over with line and reason, and the others are stored")
    func rejectedRows() async throws {
        let long = String(repeating: "x", count: CatalogLimits.maximumIDBytes + 1)
        let text = [
            "u1\t1\t4.5\t10", "u1\t9\t3\t11", "u1\t1\t3", "\t1\t3\t12", "u1\t1\tbad\t13",
            "u1\t1\tinf\t13", "u1\t1\t3\t-1", "u1\t1\t3\t1e9", "\(long)\t1\t3\t12",
            "u1\tnul\0\t3\t12", "u1\tcafe\u{301}\t3\t12", "u1\t2\t\t", "u1\t2\t3\t14",
        ].joined(separator: "\n")
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...2), author: "", deadline: nil)
            var rejected: [RejectedRow] = []
            let format = DelimitedFormat(separator: .tab, hasHeader: false)
            let columns = InteractionColumns(user: "1", item: "2", rating: "3", time: "4")
            let result = try await store.importInteractions(
                from: chunks(text), format: format, columns: columns, deadline: nil
            ) { rejected.append($0) }
            #expect(result.rowCount == 13)
            #expect(result.changedCount == 2)
            #expect(result.rejectedCount == 11)
            #expect(rejected.map(\.line) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 2])
            #expect(
                rejected.map(\.reason) == [
                    "the line has 3 fields where the file has 4", "user is empty",
                    "rating is no number", "rating is no number",
                    "time is no whole number of seconds from 0 on",
                    "time is no whole number of seconds from 0 on",
                    "user has 257 bytes; the limit is 256", "item holds a NUL byte",
                    "item is not in Unicode normalisation form C; compose its characters",
                    "the file ends in the middle of this line", "item '9' is not in the catalog",
                ])
            let history = try await store.history(userID: "u1", count: 5, deadline: nil)
            #expect(
                history.entries.map(\.interaction) == [
                    HistoryItem(itemID: "2"),
                    HistoryItem(itemID: "1", timeSeconds: 10, rating: 4.5),
                ])
        }
    }

    @Test("a dry run finds the same bad rows and writes nothing")
    func dryRun() async throws {
        let items = "id\ttitle\n1\tOne\n2\t\n3\tThree\n"
        let events = "user\titem\trating\ttime\na\t1\t1\t1\nb\t7\t1\t1\n"
        try await withStore { store in
            let version = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
                .version
            let options = ImportOptions(isDryRun: true)
            var lines: [Int] = []
            let first = try await store.importItems(
                from: chunks(items), format: tabs, columns: ItemColumns(), author: "",
                options: options, deadline: nil
            ) { lines.append($0.line) }
            let second = try await store.importInteractions(
                from: chunks(events), format: tabs, columns: InteractionColumns(),
                options: options, deadline: nil
            ) { lines.append($0.line) }
            #expect(lines == [3, 3])
            #expect(first.rowCount == 3 && second.rowCount == 2)
            #expect(first.changedCount == 0 && second.changedCount == 0)
            #expect(first.rejectedCount == 1 && second.rejectedCount == 1)
            #expect(second.version == version)
            #expect(try await store.list(count: 9, deadline: nil).items.map(\.title) == ["Title 1"])
            let history = try await store.history(userID: "a", count: 1, deadline: nil)
            #expect(history.interactionCount == 0)
        }
    }

    @Test("as many rows as allowed may be rejected, one more ends the import")
    func tooManyRejected() async throws {
        let text = "user\titem\trating\ttime\nu\t1\tx\t1\nu\t7\t1\t1\nu\t1\t1\t1\n"
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            func run(_ limit: Int) async throws -> ImportResult {
                try await store.importInteractions(
                    from: chunks(text), format: tabs, columns: InteractionColumns(),
                    options: ImportOptions(maximumRejectedRows: limit), deadline: nil
                ) { _ in }
            }
            for limit in 0...1 {
                let error = await storageError { _ = try await run(limit) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.contains("more than \(limit) rows") == true)
            }
            let history = try await store.history(userID: "u", count: 1, deadline: nil)
            #expect(history.interactionCount == 0)
            #expect(try await run(2).changedCount == 1)
        }
    }

    @Test("a column that is not there, or is there twice, is refused by name")
    func columns() async throws {
        try await withStore { store in
            for (header, field) in [("id,name\n", "title"), ("id,title,id\n", "columns")] {
                let error = await storageError {
                    _ = try await store.importItems(
                        from: chunks(header), format: commas, columns: ItemColumns(), author: "",
                        deadline: nil
                    ) { _ in }
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == field)
            }
        }
    }

    @Test("a file of several batches is imported whole, and again without a change")
    func severalBatches() async throws {
        let count = CatalogStore.importBatchRows * 2 + 5
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...100), author: "", deadline: nil)
            func run() async throws -> ImportResult {
                var next = -1
                return try await store.importInteractions(
                    from: {
                        guard next < count else { return nil }
                        if next < 0 {
                            next = 0
                            return Array("user,item,rating,time\n".utf8)
                        }
                        let end = min(next + 1_000, count)
                        defer { next = end == count ? count + 1 : end }
                        let lines = (next..<end).map {
                            "user \($0 % 1_000),\($0 % 100 + 1),1,\($0 / 1_000 + 1)\n"
                        }
                        return Array(lines.joined().utf8)
                    }, format: commas, columns: InteractionColumns(), deadline: nil
                ) { Issue.record("rejected: \($0)") }
            }
            let first = try await run()
            #expect(first.rowCount == count)
            #expect(first.changedCount == count)
            let again = try await run()
            #expect(again.rowCount == count)
            #expect(again.changedCount == 0)
            #expect(again.version == first.version)
            let popular = try await store.popular(count: 1, deadline: nil)
            #expect(popular.entries.map(\.interactionCount) == [1_001])
        }
    }
}
