import Domain
import Storage
import Testing

@Suite("the catalog keeps items", .timeLimit(.minutes(2)))
struct CatalogItemsTests {
    @Test("an item reads as it was written, with its version and that of the catalog")
    func roundTrip() async throws {
        try await withStore { store in
            let item = ItemDraft(
                id: "tt0114709", title: "Toy Story ☃ \"1\" \\ {}",
                attributes: [
                    .init(key: "year", value: "1995"), .init(key: "genre", value: "a\"b\n"),
                ],
                isHidden: true, expiresAtSeconds: 4_102_444_800)
            let before = try await store.catalogVersion(deadline: nil)
            let write = try await store.upsert(items: [item], author: "test", deadline: nil)
            #expect(write == WriteResult(version: before + 1, changedCount: 1))
            let read = try await store.items(ids: ["other", "tt0114709"], deadline: nil)
            let expected = StoredItem(
                id: item.id, title: item.title, attributes: item.attributes.reversed(),
                isHidden: true, expiresAtSeconds: 4_102_444_800, version: write.version,
                isServable: false)
            #expect(read == CatalogItems(items: [expected], catalogVersion: write.version))
        }
    }

    @Test("items come in the order asked for, and nothing asked for is still a version")
    func order() async throws {
        try await withStore { store in
            let write = try await store.upsert(items: drafts(1...5), author: "", deadline: nil)
            let read = try await store.items(ids: ["4", "1", "9", "5"], deadline: nil)
            #expect(read.items.map(\.id) == ["4", "1", "5"])
            let none = try await store.items(ids: [], deadline: nil)
            #expect(none == CatalogItems(items: [], catalogVersion: write.version))
        }
    }

    @Test("hidden and expired items are there and not servable; deleted ones are absent")
    func servable() async throws {
        try await withStore { store in
            let now = nowSeconds
            let items = [
                ItemDraft(id: "shown", title: "t"),
                ItemDraft(id: "hidden", title: "t", isHidden: true),
                ItemDraft(id: "expired", title: "t", expiresAtSeconds: now - 60),
                ItemDraft(id: "expires", title: "t", expiresAtSeconds: now + 3_600),
                ItemDraft(id: "deleted", title: "t"),
            ]
            _ = try await store.upsert(items: items, author: "", deadline: nil)
            let deletion = try await store.delete(
                itemIDs: ["deleted", "never there"], author: "", deadline: nil)
            #expect(deletion.changedCount == 1)
            let read = try await store.items(ids: items.map(\.id), deadline: nil)
            #expect(read.items.map(\.id) == ["shown", "hidden", "expired", "expires"])
            #expect(read.items.map(\.isServable) == [true, false, false, true])
            #expect(read.catalogVersion == deletion.version)
        }
    }

    @Test("writing the same again changes nothing; a deleted item comes back when written")
    func unchanged() async throws {
        try await withStore { store in
            let first = try await store.upsert(items: drafts(1...3), author: "", deadline: nil)
            let second = try await store.upsert(items: drafts(1...4), author: "", deadline: nil)
            #expect(first.changedCount == 3)
            #expect(second.changedCount == 1)
            let versions = try await store.items(ids: ["1", "4"], deadline: nil).items.map(
                \.version)
            #expect(versions == [first.version, second.version])
            _ = try await store.delete(itemIDs: ["1"], author: "", deadline: nil)
            let third = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            #expect(third.changedCount == 1)
            #expect(try await store.items(ids: ["1"], deadline: nil).items.count == 1)
        }
    }

    @Test("an id has one Unicode form, so that no item can stand in for another of the same look")
    func composedIDs() async throws {
        try await withStore { store in
            let composed = "caf\u{E9}"
            let item = ItemDraft(id: composed, title: "One")
            _ = try await store.upsert(items: [item], author: "", deadline: nil)
            let error = await #expect(throws: StorageError.self) {
                let twin = ItemDraft(id: "cafe\u{301}", title: "Twin")
                _ = try await store.upsert(items: [twin], author: "", deadline: nil)
            }
            #expect(error?.message.contains("items[0].id is not in Unicode") == true)
            let user = await #expect(throws: StorageError.self) {
                _ = try await store.append(
                    userID: "cafe\u{301}", items: [HistoryItem(itemID: composed)], deadline: nil)
            }
            #expect(user?.message.contains("user_id is not in Unicode") == true)
        }
    }

    @Test("a reader who names an id of another Unicode form finds nothing, and nothing fails")
    func decomposedReads() async throws {
        try await withStore { store in
            let odd = "cafe\u{301}"
            _ = try await store.upsert(items: drafts(1...2), author: "", deadline: nil)
            #expect(try await store.items(ids: [odd, "1"], deadline: nil).items.map(\.id) == ["1"])
            let candidates = try await store.candidates(
                ids: [odd, "1"], notSeenBy: odd, deadline: nil)
            #expect(candidates.items.map(\.id) == ["1"])
            let newest = try await store.newest(count: 9, excluding: [odd, "1"], deadline: nil)
            #expect(newest.ids == ["2"])
            let popular = try await store.popular(count: 9, excluding: [odd], deadline: nil)
            #expect(popular.entries.count == 2)
            #expect(
                try await store.history(userID: odd, count: 5, deadline: nil).entries.isEmpty)
            let user = try await store.deleteUser(userID: odd, deadline: nil)
            #expect(user.changedCount == 0)
        }
    }

    @Test("ids shaped like SQL are ids")
    func hostileIDs() async throws {
        try await withStore { store in
            let ids = [
                "'; DROP TABLE items; --", "\" OR 1=1", "$1", "{a,b}", "%", "\\", "NULL", "@.items",
                "a\nb", "☃",
            ]
            let items = ids.map { ItemDraft(id: $0, title: $0.filter { $0 != "\n" }) }
            _ = try await store.upsert(items: items, author: "'; --", deadline: nil)
            #expect(try await store.items(ids: ids, deadline: nil).items.map(\.id) == ids)
            let found = try await store.list(titleContains: "%", count: 10, deadline: nil)
            #expect(found.items.map(\.id) == ["%"])
            _ = try await store.append(
                userID: ids[0], items: ids.map { HistoryItem(itemID: $0) }, deadline: nil)
            let history = try await store.history(userID: ids[0], count: 20, deadline: nil)
            #expect(history.entries.map(\.interaction.itemID) == ids)
        }
    }

    @Test("a list has the items whose title holds a text in any case, page after page")
    func list() async throws {
        try await withStore { store in
            var items = drafts(1...25)
            items.append(ItemDraft(id: "x", title: "ÉTÉ titled", isHidden: true))
            _ = try await store.upsert(items: items, author: "", deadline: nil)
            var ids: [String] = []
            while true {
                let page = try await store.list(
                    titleContains: "TITLE", after: ids.last ?? "", count: 10, deadline: nil)
                ids += page.items.map(\.id)
                if page.items.count < 10 { break }
            }
            #expect(ids == items.map(\.id).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            let accents = try await store.list(titleContains: "été", count: 10, deadline: nil)
            #expect(accents.items.map(\.id) == ["x"])
            #expect(accents.items.map(\.isServable) == [false])
        }
    }

    @Test("the popular items are the servable ones with most interactions, ties by id")
    func popular() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...6), author: "", deadline: nil)
            for (user, ids) in [
                ("a", ["1", "2", "3"]), ("b", ["2", "3"]), ("c", ["3", "6", "2"]),
            ] {
                _ = try await store.append(
                    userID: user, items: ids.map { HistoryItem(itemID: $0, timeSeconds: 9) },
                    deadline: nil)
            }
            _ = try await store.delete(itemIDs: ["6"], author: "", deadline: nil)
            let all = try await store.popular(count: 10, deadline: nil)
            #expect(all.entries.map(\.item.id) == ["2", "3", "1", "4", "5"])
            #expect(all.entries.map(\.interactionCount) == [3, 3, 1, 0, 0])
            let some = try await store.popular(count: 2, excluding: ["3"], deadline: nil)
            #expect(some.entries.map(\.item.id) == ["2", "1"])
            let unseen = try await store.popular(count: 2, notSeenBy: "b", deadline: nil)
            #expect(unseen.entries.map(\.item.id) == ["1", "4"])
        }
    }
}
