import Domain
import Storage
import Testing

@Suite("filtered and paged readings of the catalog", .timeLimit(.minutes(2)))
struct CatalogReadsTests {
    /// Items whose attribute values are awkward on purpose.
    private static let values = [
        "1995", "1999.5", "-3", "abc", "", "1e3", " 1995", "2001", "NaN", "Infinity", "0x10",
        "99999999999999999999999", "a\"b\\c", "line\nbreak", "☃", "' OR 1=1 --",
    ]

    private func withItems(_ body: (CatalogStore) async throws -> Void) async throws {
        try await withStore { store in
            var items = Self.values.enumerated().map { index, value in
                ItemDraft(
                    id: String(UnicodeScalar(UInt8(97 + index))), title: "t",
                    attributes: [.init(key: "k \"☃\"", value: value)])
            }
            items.append(ItemDraft(id: "z", title: "t"))
            _ = try await store.upsert(items: items, author: "", deadline: nil)
            try await body(store)
        }
    }

    @Test("the database filters as the domain does, whatever the values hold")
    func filters() async throws {
        let key = "k \"☃\""
        var filters = Self.values.map { AttributeFilter(key: key, anyOf: [$0]) }
        filters += [
            AttributeFilter(key: key), AttributeFilter(key: "no such"),
            AttributeFilter(key: key, anyOf: ["abc", "☃", "never"]),
            AttributeFilter(key: key, range: NumberRange(minimum: 1_995)),
            AttributeFilter(key: key, range: NumberRange(minimum: 1_995, maximum: 1_999.5)),
            AttributeFilter(key: key, range: NumberRange(maximum: -3)),
            AttributeFilter(key: key, range: NumberRange()),
            AttributeFilter(key: key, anyOf: ["abc", "-3"], range: NumberRange(maximum: 0)),
        ]
        try await withItems { store in
            let all = try await store.list(count: 100, deadline: nil).items
            for filter in filters {
                let expected = all.filter { item in
                    filter.matches(
                        Dictionary(uniqueKeysWithValues: item.attributes.map { ($0.key, $0.value) })
                    )
                }.map(\.id)
                let matching = try await store.matching(filters: [filter], limit: 50, deadline: nil)
                #expect(matching.ids == expected, "\(filter)")
                #expect(matching.isComplete)
                let listed = try await store.list(filters: [filter], count: 100, deadline: nil)
                #expect(listed.items.map(\.id) == expected)
                let newest = try await store.newest(count: 100, filters: [filter], deadline: nil)
                #expect(Set(newest.ids) == Set(expected))
                let read = try await store.candidates(
                    ids: all.map(\.id), filters: [filter], deadline: nil)
                #expect(read.items.map(\.id) == all.map(\.id))
                #expect(read.items.filter(\.isAllowed).map(\.id) == expected)
            }
            let both = [
                AttributeFilter(key: key, anyOf: ["1995", "2001"]),
                AttributeFilter(key: key, range: NumberRange(maximum: 2_000)),
            ]
            #expect(try await store.matching(filters: both, limit: 9, deadline: nil).ids == ["a"])
        }
    }

    @Test("matching ids are servable ones, and tell whether there are more")
    func matching() async throws {
        try await withStore { store in
            let attributes = [ItemAttribute(key: "k", value: "v")]
            var items = (1...5).map {
                ItemDraft(id: "\($0)", title: "t", attributes: attributes)
            }
            items[0].isHidden = true
            items[1].expiresAtSeconds = 1
            _ = try await store.upsert(items: items, author: "", deadline: nil)
            let write = try await store.delete(itemIDs: ["3"], author: "", deadline: nil)
            let filters = [AttributeFilter(key: "k", anyOf: ["v"])]
            let all = try await store.matching(filters: filters, limit: 2, deadline: nil)
            #expect(all.ids == ["4", "5"])
            #expect(all.isComplete)
            #expect(all.catalogVersion == write.version)
            let some = try await store.matching(filters: filters, limit: 1, deadline: nil)
            #expect(some.ids.count == 1)
            #expect(!some.isComplete)
            let none = try await store.matching(
                filters: [AttributeFilter(key: "k", anyOf: ["w"])], limit: 1, deadline: nil)
            #expect(none.ids.isEmpty)
            #expect(none.catalogVersion == write.version)
        }
    }

    @Test("a list has only the state that it is asked for")
    func states() async throws {
        try await withStore { store in
            var items = drafts(1...4)
            items[1].isHidden = true
            _ = try await store.upsert(items: items, author: "", deadline: nil)
            func ids(_ isHidden: Bool?) async throws -> [String] {
                try await store.list(isHidden: isHidden, count: 9, deadline: nil).items.map(\.id)
            }
            #expect(try await ids(true) == ["2"])
            #expect(try await ids(false) == ["1", "3", "4"])
            #expect(try await ids(nil) == ["1", "2", "3", "4"])
        }
    }

    @Test("the newest items come page after page, also while others change")
    func newest() async throws {
        try await withStore { store in
            for number in 1...7 {
                _ = try await store.upsert(
                    items: drafts(number...number), author: "", deadline: nil)
            }
            _ = try await store.patch(
                [ItemPatch(id: "4", isHidden: true)], author: "", deadline: nil)
            _ = try await store.append(
                userID: "u", items: [HistoryItem(itemID: "6")], deadline: nil)
            let first = try await store.newest(
                count: 2, excluding: ["5"], notSeenBy: "u", deadline: nil)
            #expect(first.ids == ["7", "3"])
            _ = try await store.patch([ItemPatch(id: "1", title: "new")], author: "", deadline: nil)
            let second = try await store.newest(count: 2, after: first.next, deadline: nil)
            #expect(second.ids == ["2", "1"])
            let last = try await store.newest(count: 2, after: second.next, deadline: nil)
            #expect(last.ids.isEmpty)
            #expect(last.next == nil)
        }
    }

    @Test("the change log names every change once, page after page")
    func changes() async throws {
        try await withStore { store in
            let start = try await store.catalogVersion(deadline: nil)
            _ = try await store.upsert(items: drafts(1...3), author: "a", deadline: nil)
            _ = try await store.patch([ItemPatch(id: "2", title: "x")], author: "b", deadline: nil)
            _ = try await store.delete(itemIDs: ["3", "1"], author: "c", deadline: nil)
            var found: [ItemChange] = []
            while true {
                let page = try await store.changes(
                    after: found.last?.version ?? 0, afterItemID: found.last?.itemID ?? "",
                    count: 2, deadline: nil)
                #expect(page.catalogVersion == start + 3)
                found += page.changes
                if page.changes.count < 2 { break }
            }
            #expect(found.map(\.itemID) == ["1", "2", "3", "2", "1", "3"])
            #expect(
                found.map(\.action)
                    == ["upsert", "upsert", "upsert", "patch", "delete", "delete"])
            #expect(found.map(\.author) == ["a", "a", "a", "b", "c", "c"])
            #expect(found.map { Int($0.version - start) } == [1, 1, 1, 2, 3, 3])
            #expect(found.allSatisfy { abs($0.changedAtSeconds - nowSeconds) < 600 })
            let since = try await store.changes(after: start + 1, count: 9, deadline: nil)
            #expect(since.changes == Array(found.suffix(3)))
            let ofOne = try await store.changes(after: 0, count: 9, itemID: "2", deadline: nil)
            #expect(ofOne.changes.map(\.action) == ["upsert", "patch"])
        }
    }

    @Test("filters, counts and limits beyond their limit are refused by name")
    func limits() async throws {
        let filter = AttributeFilter(key: "k")
        let long = String(repeating: "x", count: CatalogLimits.maximumAttributeValueBytes + 1)
        let values = (0...CatalogLimits.maximumFilterValues).map { "\($0)" }
        let largest = [
            AttributeFilter(
                key: String(repeating: "k", count: CatalogLimits.maximumAttributeKeyBytes),
                anyOf: values.dropLast())
        ]
        let wrong: [([AttributeFilter], String)] = [
            (Array(repeating: filter, count: CatalogLimits.maximumFilters + 1), "filters"),
            ([filter, AttributeFilter(key: "")], "filters[1].key"),
            ([AttributeFilter(key: "k", anyOf: values)], "filters[0].any_of"),
            ([AttributeFilter(key: "k", anyOf: [long])], "filters[0].any_of[0]"),
            ([AttributeFilter(key: "k", anyOf: ["a\0"])], "filters[0].any_of[0]"),
            (
                [AttributeFilter(key: "k", range: NumberRange(minimum: .nan))],
                "filters[0].range"
            ),
        ]
        try await withStore { store in
            let many = Array(repeating: filter, count: CatalogLimits.maximumFilters)
            _ = try await store.matching(
                filters: many, limit: CatalogLimits.maximumMatching, deadline: nil)
            _ = try await store.list(
                filters: largest, count: CatalogLimits.maximumPage, deadline: nil)
            func expect(_ field: String, _ body: () async throws -> Void) async {
                let error = await storageError(body)
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == field)
            }
            for (filters, field) in wrong {
                await expect(field) {
                    _ = try await store.matching(filters: filters, limit: 1, deadline: nil)
                }
                await expect(field) {
                    _ = try await store.list(filters: filters, count: 1, deadline: nil)
                }
            }
            await expect("filters") {
                _ = try await store.matching(filters: [], limit: 1, deadline: nil)
            }
            await expect("limit") {
                _ = try await store.matching(
                    filters: many, limit: CatalogLimits.maximumMatching + 1, deadline: nil)
            }
            let page = CatalogLimits.maximumPage + 1
            await expect("count") { _ = try await store.newest(count: page, deadline: nil) }
            await expect("count") {
                _ = try await store.changes(after: 0, count: page, deadline: nil)
            }
            let excluded = (0...CatalogLimits.maximumExclusions).map { "\($0)" }
            await expect("excluded_item_ids") {
                _ = try await store.newest(count: 1, excluding: excluded, deadline: nil)
            }
            _ = try await store.newest(
                count: 1, excluding: Array(excluded.dropLast()), deadline: nil)
        }
    }
}
