import Domain
import Storage
import Testing

@Suite("the catalog's limits", .timeLimit(.minutes(2)))
struct LimitsTests {
    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("the largest item is stored whole")
    func largestItem() async throws {
        try await withStore { store in
            let attributes = (0..<CatalogLimits.maximumAttributes).map { number in
                let prefix = "\(number)-"
                return ItemAttribute(
                    key: prefix + text(CatalogLimits.maximumAttributeKeyBytes - prefix.count),
                    value: text(CatalogLimits.maximumAttributeValueBytes))
            }
            let item = ItemDraft(
                id: text(CatalogLimits.maximumIDBytes),
                title: text(CatalogLimits.maximumTitleBytes), attributes: attributes,
                expiresAtSeconds: .max)
            _ = try await store.upsert(
                items: [item], author: text(CatalogLimits.maximumIDBytes), deadline: nil)
            let read = try await store.items(ids: [item.id], deadline: nil).items
            #expect(read.first?.title == item.title)
            #expect(read.first.map { Set($0.attributes) } == Set(attributes))
        }
    }

    @Test("an item beyond a limit is refused, naming the field")
    func wrongItems() async throws {
        let id = text(CatalogLimits.maximumIDBytes + 1)
        let title = text(CatalogLimits.maximumTitleBytes + 1)
        let many = (0...CatalogLimits.maximumAttributes).map {
            ItemAttribute(key: "\($0)", value: "")
        }
        let longKey = text(CatalogLimits.maximumAttributeKeyBytes + 1)
        let longValue = text(CatalogLimits.maximumAttributeValueBytes + 1)
        let twice = [ItemAttribute(key: "k", value: "1"), ItemAttribute(key: "k", value: "2")]
        let wrong: [(ItemDraft, String)] = [
            (ItemDraft(id: "", title: "t"), "id"),
            (ItemDraft(id: id, title: "t"), "id"),
            (ItemDraft(id: "a\0", title: "t"), "id"),
            (ItemDraft(id: "a", title: ""), "title"),
            (ItemDraft(id: "a", title: title), "title"),
            (ItemDraft(id: "a", title: "t\0"), "title"),
            (ItemDraft(id: "a", title: "t\n"), "title"),
            (ItemDraft(id: "a", title: "t", expiresAtSeconds: -1), "expires_at_seconds"),
            (ItemDraft(id: "a", title: "t", attributes: many), "attributes"),
            (
                ItemDraft(id: "a", title: "t", attributes: [.init(key: "", value: "")]),
                "attributes[0].key"
            ),
            (
                ItemDraft(id: "a", title: "t", attributes: [.init(key: longKey, value: "")]),
                "attributes[0].key"
            ),
            (
                ItemDraft(id: "a", title: "t", attributes: [.init(key: "k", value: longValue)]),
                "attributes[0].value"
            ),
            (
                ItemDraft(id: "a", title: "t", attributes: [.init(key: "k", value: "\0")]),
                "attributes[0].value"
            ),
            (ItemDraft(id: "a", title: "t", attributes: twice), "attributes[1].key"),
        ]
        try await withStore { store in
            for (item, field) in wrong {
                let good = ItemDraft(id: "good", title: "t")
                let error = await storageError {
                    _ = try await store.upsert(items: [good, item], author: "", deadline: nil)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == "items[1].\(field)")
            }
            let read = try await store.items(ids: ["good"], deadline: nil)
            #expect(read.items.isEmpty)
        }
    }

    @Test("1,000 elements are taken, none and 1,001 refused")
    func batches() async throws {
        let limit = CatalogLimits.maximumItemsPerCall
        try await withStore { store in
            let write = try await store.upsert(items: drafts(1...limit), author: "", deadline: nil)
            #expect(write.changedCount == limit)
            let ids = drafts(1...limit).map(\.id)
            #expect(try await store.items(ids: ids, deadline: nil).items.count == limit)
            let interactions = ids.map { HistoryItem(itemID: $0, timeSeconds: 1) }
            #expect(
                try await store.append(userID: "u", items: interactions, deadline: nil).changedCount
                    == limit)
            #expect(
                try await store.history(
                    userID: "u", count: CatalogLimits.maximumHistory, deadline: nil
                ).entries.count == limit)
            #expect(
                try await store.delete(itemIDs: ids, author: "", deadline: nil).changedCount
                    == limit)
            let more = ids + ["more"]
            let wrong: [() async throws -> Void] = [
                { _ = try await store.upsert(items: [], author: "", deadline: nil) },
                { _ = try await store.upsert(items: drafts(1...1_001), author: "", deadline: nil) },
                { _ = try await store.items(ids: more, deadline: nil) },
                { _ = try await store.delete(itemIDs: more, author: "", deadline: nil) },
                { _ = try await store.delete(itemIDs: [], author: "", deadline: nil) },
                { _ = try await store.append(userID: "u", items: [], deadline: nil) },
                {
                    _ = try await store.append(
                        userID: "u", items: more.map { HistoryItem(itemID: $0) }, deadline: nil)
                },
                { _ = try await store.history(userID: "u", count: 0, deadline: nil) },
                { _ = try await store.history(userID: "u", count: 1_001, deadline: nil) },
                { _ = try await store.list(count: 1_001, deadline: nil) },
                { _ = try await store.list(count: 0, deadline: nil) },
                { _ = try await store.popular(count: 1_001, deadline: nil) },
                {
                    let ids = Array(repeating: "x", count: CatalogLimits.maximumExclusions + 1)
                    _ = try await store.popular(count: 1, excluding: ids, deadline: nil)
                },
            ]
            for call in wrong {
                #expect(await storageError(call)?.code == .invalidArgument)
            }
        }
    }

    @Test("an id twice in one write is refused, naming both places")
    func repeatedID() async throws {
        try await withStore { store in
            let error = await storageError {
                _ = try await store.upsert(
                    items: drafts(1...2) + drafts(1...1), author: "", deadline: nil)
            }
            #expect(error?.message == "items[2] repeats items[0]")
        }
    }

    @Test("an interaction that makes no sense is refused, naming the field")
    func wrongInteractions() async throws {
        let id = text(CatalogLimits.maximumIDBytes + 1)
        let wrong: [(String, HistoryItem, String)] = [
            ("", HistoryItem(itemID: "1"), "user_id"),
            (id, HistoryItem(itemID: "1"), "user_id"),
            ("u\0", HistoryItem(itemID: "1"), "user_id"),
            ("u", HistoryItem(itemID: ""), "items[0].item_id"),
            ("u", HistoryItem(itemID: id), "items[0].item_id"),
            ("u", HistoryItem(itemID: "1", timeSeconds: -1), "items[0].time_seconds"),
            ("u", HistoryItem(itemID: "1", rating: .nan), "items[0].rating"),
            ("u", HistoryItem(itemID: "1", rating: .infinity), "items[0].rating"),
        ]
        try await withStore { store in
            for (user, item, field) in wrong {
                let error = await storageError {
                    _ = try await store.append(userID: user, items: [item], deadline: nil)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == field)
            }
        }
    }

    @Test(
        "a schema's name is letters, digits and underscores",
        arguments: [
            ("a", true), ("_x9", true), (String(repeating: "a", count: 63), true), ("", false),
            (String(repeating: "a", count: 64), false), ("9a", false), ("A", false),
            ("a\"b", false),
            ("a b", false), ("ä", false),
        ])
    func schemaNames(name: String, isValid: Bool) async throws {
        let error = await storageError {
            try await withAnyPool { pool in _ = try CatalogStore(pool: pool, schema: name) }
        }
        #expect((error == nil) == isValid)
    }
}
