import Domain
import Testing
import Wire

/// Bytes that Google's Python package wrote (protobuf 7.36.2, deterministic) for the same values.
@Suite("Golden vectors of writes")
struct GoldenWriteVectorTests {
    @Test("an upsert with a key and versions has protobuf's bytes")
    func upsert() throws {
        try checkGolden(
            UpsertItemsRequest(
                items: [CatalogItem(id: "1", title: "t", state: .hidden, version: 3)],
                author: "me", idempotencyKey: "k-1", ifVersion: true),
            "0a0a0a01311201742002300312026d651a036b2d312001")
    }

    @Test("patches have protobuf's bytes")
    func patch() throws {
        try checkGolden(
            PatchItemsRequest(
                patches: [
                    ItemPatch(
                        id: "1", title: "t",
                        setAttributes: [KeyValue(key: "year", value: "1995")],
                        removedAttributeKeys: ["genre"], state: .hidden, expiresAtSeconds: 9,
                        version: 4),
                    ItemPatch(id: "2", expiresAtSeconds: 0), ItemPatch(id: "3"),
                ], author: "me", idempotencyKey: "k", ifVersion: true),
            "0a230a01311201741a0c0a0479656172120431393935220567656e726528023001380940040a050a0132"
                + "30010a030a013312026d651a016b2001")
    }

    @Test("a packed list of versions has protobuf's bytes, and is read unpacked as well")
    func delete() throws {
        let request = DeleteItemsRequest(
            itemIDs: ["1", "2"], author: "me", idempotencyKey: "k", ifVersions: [300, 0])
        try checkGolden(request, "0a01310a013212026d651a016b2203ac0200")
        #expect(
            try DeleteItemsRequest(body: bytes("0a01310a013212026d651a016b20ac022000")) == request)
        #expect(
            try DeleteItemsRequest(body: bytes("0a01310a013212026d651a016b20ac02220100"))
                == request)
    }

    @Test("interactions, forgotten users and results have protobuf's bytes")
    func users() throws {
        try checkGolden(
            AppendInteractionsRequest(
                userID: "u", items: [HistoryItem(itemID: "1")], idempotencyKey: "k"),
            "0a017512030a01311a016b")
        try checkGolden(DeleteUserRequest(userID: "u", idempotencyKey: "k"), "0a017512016b")
        try checkGolden(
            WriteResponse(version: 5, changedCount: 1, replayed: true), "080510011801")
    }

    @Test("pages of the catalog and of its changes have protobuf's bytes")
    func pages() throws {
        try checkGolden(
            ListItemsRequest(
                titleContains: "t", count: 5, afterItemID: "9",
                filters: [AttributeFilter(key: "genre", anyOf: ["Comedy", ""])], state: .active),
            "0a017410051a013922110a0567656e72651206436f6d65647912002801")
        try checkGolden(
            ListChangesRequest(afterVersion: 5, count: 10, itemID: "1", afterItemID: "0"),
            "0805100a1a0131220130")
        try checkGolden(
            ListChangesResponse(
                changes: [
                    ItemChange(
                        version: 6, itemID: "1", action: "patch", author: "me",
                        changedAtSeconds: 1_700_000_000)
                ], catalogVersion: 7),
            "0a1608061201311a05706174636822026d652880e2cfaa061007")
    }
}
