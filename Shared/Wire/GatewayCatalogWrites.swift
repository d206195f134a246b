import CMessages

/// Adds items to the catalog or replaces those with the same ids.
public struct UpsertItemsRequest: WireMessage {
    /// The items.
    public var items: [CatalogItem]
    /// Who changes; kept in the change log.
    public var author: String
    /// The same key within a day answers what the first call answered; empty is none.
    public var idempotencyKey: String
    /// Each item's version must be the stored one, 0 if it must not exist; else nothing is written.
    public var ifVersion: Bool

    /// Makes the message; every field has its proto default.
    public init(
        items: [CatalogItem] = [], author: String = "", idempotencyKey: String = "",
        ifVersion: Bool = false
    ) {
        self.items = items
        self.author = author
        self.idempotencyKey = idempotencyKey
        self.ifVersion = ifVersion
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<UpsertItemsRequest> { .protobuf }
}

extension UpsertItemsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__UpsertItemsRequest>?) -> Void {
        llara__v1__upsert_items_request__init
    }

    init(_ c: Llara__V1__UpsertItemsRequest) throws(WireError) {
        self.init(
            items: try Checked.list(
                "items", c.items, c.n_items, limit: WireLimits.maximumWrittenItems),
            author: try Checked.name("author", c.author),
            idempotencyKey: try Checked.idempotencyKey("idempotency_key", c.idempotency_key),
            ifVersion: c.if_version != 0)
    }

    func fill(_ c: inout Llara__V1__UpsertItemsRequest, _ arena: EncodingArena) {
        (c.n_items, c.items) = arena.list(items)
        c.author = arena.string(author)
        c.idempotency_key = arena.string(idempotencyKey)
        c.if_version = ifVersion ? 1 : 0
    }
}

/// Deletes items from the catalog.
public struct DeleteItemsRequest: WireMessage {
    /// The items.
    public var itemIDs: [String]
    /// Who changes; kept in the change log.
    public var author: String
    /// The same key within a day answers what the first call answered; empty is none.
    public var idempotencyKey: String
    /// The stored version of each item, in the order of the ids, else nothing is written; empty is
    /// any.
    public var ifVersions: [UInt64]

    /// Makes the message; every field has its proto default.
    public init(
        itemIDs: [String] = [], author: String = "", idempotencyKey: String = "",
        ifVersions: [UInt64] = []
    ) {
        self.itemIDs = itemIDs
        self.author = author
        self.idempotencyKey = idempotencyKey
        self.ifVersions = ifVersions
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<DeleteItemsRequest> { .protobuf }
}

extension DeleteItemsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__DeleteItemsRequest>?) -> Void {
        llara__v1__delete_items_request__init
    }

    init(_ c: Llara__V1__DeleteItemsRequest) throws(WireError) {
        self.init(
            itemIDs: try Checked.identifiers(
                "item_ids", c.item_ids, c.n_item_ids, limit: WireLimits.maximumListCount),
            author: try Checked.name("author", c.author),
            idempotencyKey: try Checked.idempotencyKey("idempotency_key", c.idempotency_key),
            ifVersions: try Checked.numbers(
                "if_versions", c.if_versions, c.n_if_versions, limit: WireLimits.maximumListCount))
        guard ifVersions.isEmpty || ifVersions.count == itemIDs.count else {
            throw WireError(
                field: "if_versions",
                message: "has \(ifVersions.count) elements for \(itemIDs.count) items")
        }
    }

    func fill(_ c: inout Llara__V1__DeleteItemsRequest, _ arena: EncodingArena) {
        (c.n_item_ids, c.item_ids) = arena.strings(itemIDs)
        c.author = arena.string(author)
        c.idempotency_key = arena.string(idempotencyKey)
        (c.n_if_versions, c.if_versions) = arena.numbers(ifVersions)
    }
}

/// The result of a write.
public struct WriteResponse: WireMessage {
    /// The catalog version after it: pass it as `minVersion` to be sure to see it.
    public var version: UInt64
    /// Rows that changed.
    public var changedCount: Int
    /// An earlier call with the same idempotency key wrote it.
    public var replayed: Bool

    /// Makes the message; every field has its proto default.
    public init(version: UInt64 = 0, changedCount: Int = 0, replayed: Bool = false) {
        self.version = version
        self.changedCount = changedCount
        self.replayed = replayed
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<WriteResponse> { .protobuf }
}

extension WriteResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__WriteResponse>?) -> Void {
        llara__v1__write_response__init
    }

    init(_ c: Llara__V1__WriteResponse) throws(WireError) {
        self.init(
            version: c.version,
            changedCount: Int(c.changed_count), replayed: c.replayed != 0)
    }

    func fill(_ c: inout Llara__V1__WriteResponse, _ arena: EncodingArena) {
        c.version = version
        c.changed_count = UInt32(clamping: changedCount)
        c.replayed = replayed ? 1 : 0
    }
}
