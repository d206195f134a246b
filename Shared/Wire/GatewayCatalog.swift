import CMessages
public import Domain

/// Asks for items by their ids.
public struct GetItemsRequest: WireMessage {
    /// The items; unknown ids are left out of the answer.
    public var itemIDs: [String]

    /// Makes the message; every field has its proto default.
    public init(itemIDs: [String] = []) {
        self.itemIDs = itemIDs
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<GetItemsRequest> { .protobuf }
}

extension GetItemsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__GetItemsRequest>?) -> Void {
        llara__v1__get_items_request__init
    }

    init(_ c: Llara__V1__GetItemsRequest) throws(WireError) {
        self.init(
            itemIDs: try Checked.identifiers(
                "item_ids", c.item_ids, c.n_item_ids, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__GetItemsRequest, _ arena: EncodingArena) {
        (c.n_item_ids, c.item_ids) = arena.strings(itemIDs)
    }
}

/// Asks for a page of the catalog in the order of ids.
public struct ListItemsRequest: WireMessage {
    /// Case-insensitive part of the title; empty is all.
    public var titleContains: String
    /// Page size; 0 is 50.
    public var count: Int
    /// Items with an id after this one.
    public var afterItemID: String
    /// All must hold.
    public var filters: [AttributeFilter]
    /// Items in this state; nil is all.
    public var state: ItemState?

    /// Makes the message; every field has its proto default.
    public init(
        titleContains: String = "", count: Int = 0, afterItemID: String = "",
        filters: [AttributeFilter] = [], state: ItemState? = nil
    ) {
        self.titleContains = titleContains
        self.count = count
        self.afterItemID = afterItemID
        self.filters = filters
        self.state = state
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListItemsRequest> { .protobuf }
}

extension ListItemsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListItemsRequest>?) -> Void {
        llara__v1__list_items_request__init
    }

    init(_ c: Llara__V1__ListItemsRequest) throws(WireError) {
        self.init(
            titleContains: try Checked.title("title_contains", c.title_contains),
            count: Int(c.count),
            afterItemID: try Checked.name("after_item_id", c.after_item_id),
            filters: try Checked.list(
                "filters", c.filters, c.n_filters, limit: WireLimits.maximumFilters),
            state: try Checked.itemState("state", c.state))
    }

    func fill(_ c: inout Llara__V1__ListItemsRequest, _ arena: EncodingArena) {
        c.title_contains = arena.string(titleContains)
        c.count = UInt32(clamping: count)
        c.after_item_id = arena.string(afterItemID)
        (c.n_filters, c.filters) = arena.list(filters)
        c.state = .of(state)
    }
}

/// Items of the catalog.
public struct ItemsResponse: WireMessage {
    /// The items.
    public var items: [CatalogItem]
    /// The catalog as of which they are read.
    public var catalogVersion: UInt64

    /// Makes the message; every field has its proto default.
    public init(items: [CatalogItem] = [], catalogVersion: UInt64 = 0) {
        self.items = items
        self.catalogVersion = catalogVersion
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemsResponse> { .protobuf }
}

extension ItemsResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ItemsResponse>?) -> Void {
        llara__v1__items_response__init
    }

    init(_ c: Llara__V1__ItemsResponse) throws(WireError) {
        self.init(
            items: try Checked.list(
                "items", c.items, c.n_items, limit: WireLimits.maximumListCount),
            catalogVersion: c.catalog_version)
    }

    func fill(_ c: inout Llara__V1__ItemsResponse, _ arena: EncodingArena) {
        (c.n_items, c.items) = arena.list(items)
        c.catalog_version = catalogVersion
    }
}
