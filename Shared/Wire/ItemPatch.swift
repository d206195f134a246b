import CMessages

/// What changes of an item; all else stays.
public struct ItemPatch: WireMessage {
    /// The item.
    public var id: String
    /// Its new title; empty is unchanged.
    public var title: String
    /// Attributes that it gets, or whose value changes.
    public var setAttributes: [KeyValue]
    /// Attributes that it loses.
    public var removedAttributeKeys: [String]
    /// Its new state; nil is unchanged.
    public var state: ItemState?
    /// Unix time from which answers no longer hold it, 0 is never; nil is unchanged.
    public var expiresAtSeconds: Int64?
    /// With `ifVersion`: the version that the patch was made for.
    public var version: UInt64

    /// Makes the message; every field has its proto default.
    public init(
        id: String = "", title: String = "", setAttributes: [KeyValue] = [],
        removedAttributeKeys: [String] = [], state: ItemState? = nil,
        expiresAtSeconds: Int64? = nil, version: UInt64 = 0
    ) {
        self.id = id
        self.title = title
        self.setAttributes = setAttributes
        self.removedAttributeKeys = removedAttributeKeys
        self.state = state
        self.expiresAtSeconds = expiresAtSeconds
        self.version = version
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemPatch> { .protobuf }
}

extension ItemPatch: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ItemPatch>?) -> Void {
        llara__v1__item_patch__init
    }

    init(_ c: Llara__V1__ItemPatch) throws(WireError) {
        self.init(
            id: try Checked.identifier("id", c.id),
            title: try Checked.title("title", c.title),
            setAttributes: try Checked.list(
                "set_attributes", c.set_attributes, c.n_set_attributes,
                limit: WireLimits.maximumKeyValues),
            removedAttributeKeys: try Checked.identifiers(
                "removed_attribute_keys", c.removed_attribute_keys, c.n_removed_attribute_keys,
                limit: WireLimits.maximumKeyValues),
            state: try Checked.itemState("state", c.state),
            expiresAtSeconds: try Checked.optionalNumber(
                "expires_at_seconds", c.expires_at_seconds, isGiven: c.changes_expiry,
                by: "changes_expiry"),
            version: c.version)
    }

    func fill(_ c: inout Llara__V1__ItemPatch, _ arena: EncodingArena) {
        c.id = arena.string(id)
        c.title = arena.string(title)
        (c.n_set_attributes, c.set_attributes) = arena.list(setAttributes)
        (c.n_removed_attribute_keys, c.removed_attribute_keys) = arena.strings(removedAttributeKeys)
        c.state = .of(state)
        (c.changes_expiry, c.expires_at_seconds) = (
            expiresAtSeconds == nil ? 0 : 1, expiresAtSeconds ?? 0
        )
        c.version = version
    }
}

/// Changes parts of items.
public struct PatchItemsRequest: WireMessage {
    /// One patch an item.
    public var patches: [ItemPatch]
    /// Who changes; kept in the change log.
    public var author: String
    /// The same key within a day answers what the first call answered; empty is none.
    public var idempotencyKey: String
    /// Each patch's version must be the stored one; else nothing is written.
    public var ifVersion: Bool

    /// Makes the message; every field has its proto default.
    public init(
        patches: [ItemPatch] = [], author: String = "", idempotencyKey: String = "",
        ifVersion: Bool = false
    ) {
        self.patches = patches
        self.author = author
        self.idempotencyKey = idempotencyKey
        self.ifVersion = ifVersion
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<PatchItemsRequest> { .protobuf }
}

extension PatchItemsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__PatchItemsRequest>?) -> Void {
        llara__v1__patch_items_request__init
    }

    init(_ c: Llara__V1__PatchItemsRequest) throws(WireError) {
        self.init(
            patches: try Checked.list(
                "patches", c.patches, c.n_patches, limit: WireLimits.maximumWrittenItems),
            author: try Checked.name("author", c.author),
            idempotencyKey: try Checked.idempotencyKey("idempotency_key", c.idempotency_key),
            ifVersion: c.if_version != 0)
    }

    func fill(_ c: inout Llara__V1__PatchItemsRequest, _ arena: EncodingArena) {
        (c.n_patches, c.patches) = arena.list(patches)
        c.author = arena.string(author)
        c.idempotency_key = arena.string(idempotencyKey)
        c.if_version = ifVersion ? 1 : 0
    }
}
