import Domain
import Storage
import Testing

@Suite("the catalog keeps users' sequences", .timeLimit(.minutes(2)))
struct SequencesTests {
    @Test("a history is ordered by time, then by arrival, oldest first, newest kept")
    func order() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...9), author: "", deadline: nil)
            let items = [("3", 30), ("1", 10), ("2", 20), ("5", 20), ("4", 20)].map {
                HistoryItem(itemID: $0.0, timeSeconds: Int64($0.1), rating: 4.5)
            }
            let write = try await store.append(userID: "u", items: items, deadline: nil)
            #expect(write.changedCount == 5)
            _ = try await store.append(
                userID: "other", items: [HistoryItem(itemID: "9", timeSeconds: 1)], deadline: nil)
            let history = try await store.history(userID: "u", count: 4, deadline: nil)
            #expect(history.entries.map(\.interaction.itemID) == ["2", "5", "4", "3"])
            #expect(history.entries.map(\.title) == ["Title 2", "Title 5", "Title 4", "Title 3"])
            #expect(history.entries[3].interaction == items[0])
            #expect(history.interactionCount == 5)
            #expect(history.catalogVersion == write.version + 1)
        }
    }

    @Test("an interaction without a time stands where it arrived, as often as it happened")
    func withoutTime() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...3), author: "", deadline: nil)
            let write = try await store.append(
                userID: "u", items: ["2", "1", "2"].map { HistoryItem(itemID: $0) }, deadline: nil)
            #expect(write.changedCount == 3)
            _ = try await store.append(
                userID: "u", items: [HistoryItem(itemID: "3", timeSeconds: 77)], deadline: nil)
            let history = try await store.history(userID: "u", count: 9, deadline: nil)
            #expect(history.entries.map(\.interaction.itemID) == ["3", "2", "1", "2"])
            #expect(history.entries.map(\.interaction.timeSeconds) == [77, 0, 0, 0])
        }
    }

    @Test("an interaction sent twice is stored once")
    func repeated() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            let item = HistoryItem(itemID: "1", timeSeconds: 5, rating: 3)
            let first = try await store.append(userID: "u", items: [item, item], deadline: nil)
            let second = try await store.append(userID: "u", items: [item], deadline: nil)
            #expect(first.changedCount == 1)
            #expect(second.changedCount == 0)
            #expect(
                try await store.history(userID: "u", count: 5, deadline: nil).interactionCount == 1)
            let popular = try await store.popular(count: 1, deadline: nil)
            #expect(popular.entries.map(\.interactionCount) == [1])
        }
    }

    @Test("an unknown or deleted item is named, and nothing is stored")
    func unknownItem() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...2), author: "", deadline: nil)
            let version = try await store.delete(itemIDs: ["2"], author: "", deadline: nil).version
            let items = ["1", "no such", "2"].map { HistoryItem(itemID: $0, timeSeconds: 1) }
            let error = await storageError {
                _ = try await store.append(userID: "u", items: items, deadline: nil)
            }
            #expect(error?.code == .notFound)
            #expect(error?.details.map(\.field) == ["items[1].item_id", "items[2].item_id"])
            #expect(error?.details.map(\.value) == ["no such", "2"])
            #expect(error?.message.contains("no such") == false)
            #expect(try await store.catalogVersion(deadline: nil) == version)
            let history = try await store.history(userID: "u", count: 5, deadline: nil)
            #expect(
                history == UserHistory(entries: [], interactionCount: 0, catalogVersion: version))
        }
    }

    @Test("a deleted item's title stays in the history")
    func deletedTitle() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            _ = try await store.append(
                userID: "u", items: [HistoryItem(itemID: "1")], deadline: nil)
            _ = try await store.delete(itemIDs: ["1"], author: "", deadline: nil)
            let history = try await store.history(userID: "u", count: 5, deadline: nil)
            #expect(history.entries.map(\.title) == ["Title 1"])
        }
    }

    @Test("what a user has seen is known as a set, and among items asked for")
    func seen() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...4), author: "", deadline: nil)
            let write = try await store.append(
                userID: "u", items: ["1", "3", "1"].map { HistoryItem(itemID: $0) }, deadline: nil)
            let seen = try await store.seenItemIDs(userID: "u", deadline: nil)
            #expect(seen.ids == ["1", "3"])
            #expect(seen.catalogVersion == write.version)
            let among = try await store.candidates(
                ids: ["3", "4"], notSeenBy: "u", deadline: nil)
            #expect(among.items.map(\.isAllowed) == [false, true])
            #expect(try await store.seenItemIDs(userID: "nobody", deadline: nil).ids == [])
            let nobody = try await store.candidates(ids: ["3", "4"], deadline: nil)
            #expect(nobody.items.map(\.isAllowed) == [true, true])
        }
    }
}
