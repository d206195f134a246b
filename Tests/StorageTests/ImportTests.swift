import Domain
import Storage
import Testing

@Suite("bulk imports", .timeLimit(.minutes(3)))
struct ImportTests {
    @Test(
        "items are stored once; imported again they change nothing, and the last of equals counts")
    func items() async throws {
        try await withStore { store in
            var rows = drafts(1...3_000)
            rows.append(ItemDraft(id: "1", title: "Last"))
            var reported: [Int] = []
            let first = try await store.importItems(rows, author: "import", deadline: nil) {
                reported.append($0)
            }
            #expect(first.rowCount == 3_001)
            #expect(first.changedCount == 3_000)
            #expect(reported.last == 3_001)
            #expect(reported == reported.sorted())
            let second = try await store.importItems(rows, author: "import", deadline: nil)
            #expect(second.changedCount == 0)
            #expect(second.version == first.version)
            let read = try await store.items(ids: ["1", "3000"], deadline: nil)
            #expect(read.items.map(\.title) == ["Last", "Title 3000"])
            #expect(read.items.map(\.version) == [first.version, first.version])
        }
    }

    @Test("interactions are stored once, over several batches, in the order of the input")
    func interactions() async throws {
        try await withStore { store in
            _ = try await store.importItems(drafts(1...100), author: "", deadline: nil)
            let count = CatalogStore.importBatchRows + 10
            let rows = (0..<count).lazy.map { number in
                InteractionRow(
                    userID: "\(number % 7)",
                    interaction: HistoryItem(
                        itemID: "\(number % 100 + 1)", timeSeconds: Int64(number / 50 + 1),
                        rating: 1))
            }
            let first = try await store.importInteractions(rows, deadline: nil)
            #expect(first.rowCount == count)
            #expect(first.changedCount == count)
            let second = try await store.importInteractions(rows, deadline: nil)
            #expect(second.changedCount == 0)
            #expect(second.version == first.version)
            let history = try await store.history(userID: "3", count: 3, deadline: nil)
            let newest = rows.filter { $0.userID == "3" }.suffix(3)
            #expect(history.entries.map(\.interaction) == newest.map(\.interaction))
            let popular = try await store.popular(count: 1, deadline: nil)
            #expect(popular.entries.map(\.interactionCount) == [501])
        }
    }

    @Test("an unknown item or a row beyond a limit stops the import and names the row")
    func wrongRows() async throws {
        try await withStore { store in
            _ = try await store.importItems(drafts(1...1), author: "", deadline: nil)
            let version = try await store.catalogVersion(deadline: nil)
            let unknown = ["1", "2", "1", "2", "3"].map {
                InteractionRow(userID: "u", interaction: HistoryItem(itemID: $0))
            }
            var error = await storageError {
                _ = try await store.importInteractions(unknown, deadline: nil)
            }
            #expect(error?.code == .notFound)
            #expect(error?.details.map(\.field) == [1, 3, 4].map { "rows[\($0)].item_id" })
            #expect(error?.details.map(\.value) == ["2", "2", "3"])
            error = await storageError {
                _ = try await store.importItems(
                    drafts(1...2) + [ItemDraft(id: "", title: "t")], author: "", deadline: nil)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.details.first?.field == "rows[2].id")
            #expect(try await store.catalogVersion(deadline: nil) == version)
        }
    }

    @Test("an import without rows changes nothing")
    func empty() async throws {
        try await withStore { store in
            let version = try await store.catalogVersion(deadline: nil)
            let result = try await store.importItems([], author: "", deadline: nil)
            #expect(result == ImportResult(rowCount: 0, changedCount: 0, version: version))
        }
    }
}
