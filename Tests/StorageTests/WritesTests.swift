import Domain
import Storage
import Testing

@Suite("writes of items", .timeLimit(.minutes(2)))
struct WritesTests {
    @Test("a write that changes nothing keeps the catalog's version")
    func noOperation() async throws {
        try await withStore { store in
            let first = try await store.upsert(items: drafts(1...2), author: "a", deadline: nil)
            let again = try await store.upsert(items: drafts(1...2), author: "a", deadline: nil)
            #expect(again == WriteResult(version: first.version, changedCount: 0))
            let patch = ItemPatch(id: "1", title: "Title 1", isHidden: false)
            let patched = try await store.patch([patch], author: "a", deadline: nil)
            #expect(patched == again)
            let deleted = try await store.delete(itemIDs: ["9"], author: "a", deadline: nil)
            #expect(deleted == again)
            let event = HistoryItem(itemID: "1", timeSeconds: 7)
            let append = try await store.append(userID: "u", items: [event], deadline: nil)
            let repeated = try await store.append(userID: "u", items: [event], deadline: nil)
            #expect(append == WriteResult(version: first.version + 1, changedCount: 1))
            #expect(repeated == WriteResult(version: append.version, changedCount: 0))
            let forgotten = try await store.deleteUser(userID: "nobody", deadline: nil)
            #expect(forgotten == repeated)
            #expect(try await store.catalogVersion(deadline: nil) == append.version)
        }
    }

    @Test("a patch changes what it names and nothing else")
    func patch() async throws {
        try await withStore { store in
            let item = ItemDraft(
                id: "1", title: "Old",
                attributes: [
                    .init(key: "a", value: "1"), .init(key: "b", value: "2"),
                    .init(key: "q\"", value: "3"),
                ], expiresAtSeconds: 5)
            let other = ItemDraft(id: "2", title: "Other")
            let first = try await store.upsert(items: [item, other], author: "", deadline: nil)
            let patches = [
                ItemPatch(
                    id: "1", title: "New ☃",
                    setAttributes: [.init(key: "b", value: "4"), .init(key: "c", value: "5")],
                    removedAttributeKeys: ["q\"", "never there"], isHidden: true,
                    expiresAtSeconds: 0),
                ItemPatch(id: "2"),
            ]
            let write = try await store.patch(patches, author: "me", deadline: nil)
            #expect(write == WriteResult(version: first.version + 1, changedCount: 1))
            let read = try await store.items(ids: ["1", "2"], deadline: nil).items
            let expected = StoredItem(
                id: "1", title: "New ☃",
                attributes: [
                    .init(key: "a", value: "1"), .init(key: "b", value: "4"),
                    .init(key: "c", value: "5"),
                ], isHidden: true, version: write.version, isServable: false)
            #expect(read.first == expected)
            #expect(read.last?.version == first.version)
        }
    }

    @Test("a patch of an unknown item is not found, and no patch of the call is written")
    func unknownPatch() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...2), author: "", deadline: nil)
            let version = try await store.delete(itemIDs: ["2"], author: "", deadline: nil).version
            let patches = ["1", "2", "3"].map { ItemPatch(id: $0, title: "New") }
            let error = await storageError {
                _ = try await store.patch(patches, author: "", deadline: nil)
            }
            #expect(error?.code == .notFound)
            #expect(error?.details.map(\.field) == ["patches[1].id", "patches[2].id"])
            #expect(error?.details.map(\.value) == ["2", "3"])
            let read = try await store.items(ids: ["1"], deadline: nil)
            #expect(read.items.map(\.title) == ["Title 1"])
            #expect(read.catalogVersion == version)
        }
    }

    @Test("a patch may fill an item to the limit of attributes and not beyond")
    func patchedAttributes() async throws {
        let limit = CatalogLimits.maximumAttributes
        func attributes(_ range: Range<Int>) -> [ItemAttribute] {
            range.map { ItemAttribute(key: "\($0)", value: "") }
        }
        try await withStore { store in
            let item = ItemDraft(id: "1", title: "t", attributes: attributes(0..<limit - 1))
            _ = try await store.upsert(items: [item], author: "", deadline: nil)
            let full = ItemPatch(id: "1", setAttributes: attributes(0..<limit))
            #expect(
                try await store.patch([full], author: "", deadline: nil).changedCount == 1)
            let beyond = ItemPatch(id: "1", setAttributes: attributes(limit..<limit + 1))
            let error = await storageError {
                _ = try await store.patch([beyond], author: "", deadline: nil)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.details.map(\.field) == ["patches[0].id"])
            let swap = ItemPatch(
                id: "1", setAttributes: attributes(limit..<limit + 1), removedAttributeKeys: ["0"])
            #expect(
                try await store.patch([swap], author: "", deadline: nil).changedCount == 1)
        }
    }

    @Test("a patch beyond a limit is refused, naming the field")
    func wrongPatches() async throws {
        let many = (0...CatalogLimits.maximumAttributes).map { "\($0)" }
        let longKey = String(repeating: "k", count: CatalogLimits.maximumAttributeKeyBytes + 1)
        let wrong: [(ItemPatch, String)] = [
            (ItemPatch(id: ""), "id"), (ItemPatch(id: "a", title: ""), "title"),
            (ItemPatch(id: "a", title: "t\n"), "title"),
            (ItemPatch(id: "a", expiresAtSeconds: -1), "expires_at_seconds"),
            (ItemPatch(id: "a", removedAttributeKeys: many), "removed_attribute_keys"),
            (ItemPatch(id: "a", removedAttributeKeys: [longKey]), "removed_attribute_keys[0]"),
            (
                ItemPatch(
                    id: "a", setAttributes: [.init(key: "k", value: "")],
                    removedAttributeKeys: ["k"]), "removed_attribute_keys[0]"
            ),
            (
                ItemPatch(id: "a", setAttributes: many.map { .init(key: $0, value: "") }),
                "set_attributes"
            ),
        ]
        try await withStore { store in
            for (patch, field) in wrong {
                let error = await storageError {
                    _ = try await store.patch([patch], author: "", deadline: nil)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.details.first?.field == "patches[0].\(field)")
            }
            let twice = await storageError {
                _ = try await store.patch(
                    [ItemPatch(id: "a"), ItemPatch(id: "a")], author: "", deadline: nil)
            }
            #expect(twice?.details.first?.field == "patches[1]")
        }
    }
}

@Suite("writes if the version is the one read", .timeLimit(.minutes(2)))
struct OptimisticWritesTests {
    @Test("an upsert, patch or delete is written only if every version is the stored one")
    func versions() async throws {
        try await withStore { store in
            let new = drafts(1...2)
            let created = try await store.upsert(
                items: new, author: "", ifVersion: true, deadline: nil)
            #expect(created.changedCount == 2)
            var (fresh, stale) = (new[0], ItemDraft(id: "2", title: "x"))
            (fresh.title, fresh.version, stale.version) = ("y", created.version, 77)
            let error = await storageError {
                _ = try await store.upsert(
                    items: [fresh, stale, ItemDraft(id: "3", title: "z", version: 5)], author: "",
                    ifVersion: true, deadline: nil)
            }
            #expect(error?.code == .conflict)
            #expect(error?.details.map(\.field) == ["items[1].version", "items[2].version"])
            #expect(error?.details.map(\.value) == ["2", "3"])
            #expect(error?.details.first?.problem.contains("\(created.version)") == true)
            #expect(try await store.catalogVersion(deadline: nil) == created.version)

            var patch = ItemPatch(id: "1", title: "y", version: created.version)
            let patched = try await store.patch(
                [patch], author: "", ifVersion: true, deadline: nil)
            patch.title = "again"
            let late = await storageError {
                _ = try await store.patch([patch], author: "", ifVersion: true, deadline: nil)
            }
            #expect(late?.code == .conflict)
            #expect(late?.details.map(\.field) == ["patches[0].version"])

            let missed = await storageError {
                _ = try await store.delete(
                    itemIDs: ["2", "1"], author: "",
                    ifVersions: [created.version, created.version], deadline: nil)
            }
            #expect(missed?.code == .conflict)
            #expect(missed?.details.map(\.field) == ["if_versions[1]"])
            let deleted = try await store.delete(
                itemIDs: ["2", "1"], author: "", ifVersions: [created.version, patched.version],
                deadline: nil)
            #expect(deleted.changedCount == 2)
            // A deleted item does not exist.
            let reborn = try await store.upsert(
                items: drafts(1...1), author: "", ifVersion: true, deadline: nil)
            #expect(reborn.changedCount == 1)
        }
    }

    @Test("versions for some of the ids only are refused")
    func countOfVersions() async throws {
        try await withStore { store in
            let error = await storageError {
                _ = try await store.delete(
                    itemIDs: ["1", "2"], author: "", ifVersions: [1], deadline: nil)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.details.first?.field == "if_versions")
        }
    }

    @Test("of concurrent writes that read the same version one is written")
    func race() async throws {
        try await withStore { store in
            let version = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
                .version
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...8 {
                    group.addTask {
                        let patch = ItemPatch(id: "1", title: "by \(number)", version: version)
                        let error = await storageError {
                            _ = try await store.patch(
                                [patch], author: "", ifVersion: true, deadline: nil)
                        }
                        #expect(error == nil || error?.code == .conflict)
                        return error == nil ? 1 : 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(written == 1)
        }
    }
}
