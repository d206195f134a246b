import CMessages

/// Asks for a page of the change log.
public struct ListChangesRequest: WireMessage {
    /// Changes after this version, oldest first.
    public var afterVersion: UInt64
    /// Page size; 0 is 50.
    public var count: Int
    /// Changes of this item; empty is of all.
    public var itemID: String
    /// With `afterVersion`: also items of that version with an id after this one.
    public var afterItemID: String

    /// Makes the message; every field has its proto default.
    public init(
        afterVersion: UInt64 = 0, count: Int = 0, itemID: String = "", afterItemID: String = ""
    ) {
        self.afterVersion = afterVersion
        self.count = count
        self.itemID = itemID
        self.afterItemID = afterItemID
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListChangesRequest> { .protobuf }
}

extension ListChangesRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListChangesRequest>?) -> Void {
        llara__v1__list_changes_request__init
    }

    init(_ c: Llara__V1__ListChangesRequest) throws(WireError) {
        self.init(
            afterVersion: c.after_version,
            count: Int(c.count),
            itemID: try Checked.name("item_id", c.item_id),
            afterItemID: try Checked.name("after_item_id", c.after_item_id))
    }

    func fill(_ c: inout Llara__V1__ListChangesRequest, _ arena: EncodingArena) {
        c.after_version = afterVersion
        c.count = UInt32(clamping: count)
        c.item_id = arena.string(itemID)
        c.after_item_id = arena.string(afterItemID)
    }
}

/// One change of one item.
public struct ItemChange: WireMessage {
    /// The catalog version that it made.
    public var version: UInt64
    /// The item.
    public var itemID: String
    /// "upsert", "patch", "delete" or "import".
    public var action: String
    /// Who changed it.
    public var author: String
    /// Unix time in seconds.
    public var changedAtSeconds: Int64

    /// Makes the message; every field has its proto default.
    public init(
        version: UInt64 = 0, itemID: String = "", action: String = "", author: String = "",
        changedAtSeconds: Int64 = 0
    ) {
        self.version = version
        self.itemID = itemID
        self.action = action
        self.author = author
        self.changedAtSeconds = changedAtSeconds
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemChange> { .protobuf }
}

extension ItemChange: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ItemChange>?) -> Void {
        llara__v1__item_change__init
    }

    init(_ c: Llara__V1__ItemChange) throws(WireError) {
        self.init(
            version: c.version,
            itemID: try Checked.identifier("item_id", c.item_id),
            action: try Checked.name("action", c.action),
            author: try Checked.name("author", c.author),
            changedAtSeconds: c.changed_at_seconds)
    }

    func fill(_ c: inout Llara__V1__ItemChange, _ arena: EncodingArena) {
        c.version = version
        c.item_id = arena.string(itemID)
        c.action = arena.string(action)
        c.author = arena.string(author)
        c.changed_at_seconds = changedAtSeconds
    }
}

/// A page of the change log.
public struct ListChangesResponse: WireMessage {
    /// Oldest first.
    public var changes: [ItemChange]
    /// The catalog as of which they are read.
    public var catalogVersion: UInt64

    /// Makes the message; every field has its proto default.
    public init(changes: [ItemChange] = [], catalogVersion: UInt64 = 0) {
        self.changes = changes
        self.catalogVersion = catalogVersion
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListChangesResponse> { .protobuf }
}

extension ListChangesResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListChangesResponse>?) -> Void {
        llara__v1__list_changes_response__init
    }

    init(_ c: Llara__V1__ListChangesResponse) throws(WireError) {
        self.init(
            changes: try Checked.list(
                "changes", c.changes, c.n_changes, limit: WireLimits.maximumListCount),
            catalogVersion: c.catalog_version)
    }

    func fill(_ c: inout Llara__V1__ListChangesResponse, _ arena: EncodingArena) {
        (c.n_changes, c.changes) = arena.list(changes)
        c.catalog_version = catalogVersion
    }
}
