/// A key and value that the catalog owner attaches to an item.
public struct ItemAttribute: Sendable, Hashable {
    /// Unique within the item; 256 bytes at most.
    public var key: String
    /// 1,024 bytes at most.
    public var value: String

    /// Makes an attribute.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// An item as the catalog owner writes it.
public struct ItemDraft: Sendable, Hashable {
    /// The catalog owner's id; 256 bytes at most.
    public var id: String
    /// One line; 1,024 bytes at most.
    public var title: String
    /// 64 at most, each key once.
    public var attributes: [ItemAttribute]
    /// Kept, but never recommended.
    public var isHidden: Bool
    /// Unix time from which it is not recommended any more; 0 is never.
    public var expiresAtSeconds: Int64
    /// The stored version that the draft was made for; 0 is an item that must not exist.
    ///
    /// Counts only where the write asks for it.
    public var version: UInt64

    /// Makes a draft.
    public init(
        id: String, title: String, attributes: [ItemAttribute] = [], isHidden: Bool = false,
        expiresAtSeconds: Int64 = 0, version: UInt64 = 0
    ) {
        self.id = id
        self.title = title
        self.attributes = attributes
        self.isHidden = isHidden
        self.expiresAtSeconds = expiresAtSeconds
        self.version = version
    }
}

/// What changes of an item; all else stays.
public struct ItemPatch: Sendable, Hashable {
    /// The catalog owner's id; 256 bytes at most.
    public var id: String
    /// The new title; nil keeps the old one.
    public var title: String?
    /// Attributes that are added or get another value; 64 at most, each key once.
    public var setAttributes: [ItemAttribute]
    /// Keys whose attributes go; 64 at most, none of them in `setAttributes`.
    public var removedAttributeKeys: [String]
    /// Whether it is hidden from now on; nil keeps the state.
    public var isHidden: Bool?
    /// The new expiry, 0 for never; nil keeps the old one.
    public var expiresAtSeconds: Int64?
    /// The stored version that the patch was made for; counts only where the write asks for it.
    public var version: UInt64

    /// Makes a patch.
    public init(
        id: String, title: String? = nil, setAttributes: [ItemAttribute] = [],
        removedAttributeKeys: [String] = [], isHidden: Bool? = nil,
        expiresAtSeconds: Int64? = nil, version: UInt64 = 0
    ) {
        self.id = id
        self.title = title
        self.setAttributes = setAttributes
        self.removedAttributeKeys = removedAttributeKeys
        self.isHidden = isHidden
        self.expiresAtSeconds = expiresAtSeconds
        self.version = version
    }
}

/// An item as it is stored.
public struct StoredItem: Sendable, Hashable {
    /// The catalog owner's id.
    public var id: String
    /// The title.
    public var title: String
    /// Ordered by key.
    public var attributes: [ItemAttribute]
    /// Kept, but never recommended.
    public var isHidden: Bool
    /// Unix time from which it is not recommended any more; 0 is never.
    public var expiresAtSeconds: Int64
    /// Catalog version of the last change.
    public var version: UInt64
    /// Neither hidden nor expired by the database's clock.
    public var isServable: Bool

    /// Makes an item.
    public init(
        id: String, title: String, attributes: [ItemAttribute] = [], isHidden: Bool = false,
        expiresAtSeconds: Int64 = 0, version: UInt64 = 0, isServable: Bool = true
    ) {
        self.id = id
        self.title = title
        self.attributes = attributes
        self.isHidden = isHidden
        self.expiresAtSeconds = expiresAtSeconds
        self.version = version
        self.isServable = isServable
    }
}

/// Items and the catalog version of the snapshot that they were read from.
public struct CatalogItems: Sendable, Hashable {
    /// In the order asked for; unknown and deleted ids are absent.
    public var items: [StoredItem]
    /// The release that requests use by default, as `name@identity`; nil when none was activated,
    /// or from a list.
    public var activeRelease: String?
    /// Every change up to this version is in `items`, and none after it.
    public var catalogVersion: UInt64

    /// Makes a reading.
    public init(
        items: [StoredItem], activeRelease: String? = nil, catalogVersion: UInt64
    ) {
        self.items = items
        self.activeRelease = activeRelease
        self.catalogVersion = catalogVersion
    }
}

/// What a recommendation needs of an item, which is read far more often than all of it.
public struct CandidateItem: Sendable, Hashable {
    /// The catalog owner's id.
    public var id: String
    /// The title.
    public var title: String
    /// Attribute `year`, which tells equal titles apart.
    public var year: String?
    /// It is servable, passes the call's filters, and the call's user has not seen it.
    public var isAllowed: Bool
}

/// Items as candidates and the catalog version of the snapshot that they were read from.
public struct CandidateItems: Sendable, Hashable {
    /// In the order asked for; unknown and deleted ids are absent.
    public var items: [CandidateItem]
    /// Every change up to this version is in `items`, and none after it.
    public var catalogVersion: UInt64
}

/// Ids of servable items that pass filters.
public struct MatchingItems: Sendable, Hashable {
    /// Ordered by their bytes; the whole answer only if `isComplete`.
    public var ids: [String]
    /// Whether no other item passes.
    public var isComplete: Bool
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}

/// Ids of servable items, the ones first stored last come first.
public struct NewestItems: Sendable, Hashable {
    /// The page.
    public var ids: [String]
    /// Where the next page starts; nil after the last one.
    public var next: Int64?
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}

/// An entry of the change log.
public struct ItemChange: Sendable, Hashable {
    /// The catalog version that the change made.
    public var version: UInt64
    /// The item.
    public var itemID: String
    /// `upsert`, `patch`, `delete` or `import`.
    public var action: String
    /// Who changed.
    public var author: String
    /// Unix time.
    public var changedAtSeconds: Int64
}

/// A page of the change log.
public struct ItemChanges: Sendable, Hashable {
    /// Ordered by version, then by the bytes of the item's id.
    public var changes: [ItemChange]
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}

/// Servable items by number of interactions.
public struct PopularItems: Sendable, Hashable {
    /// An item and its interactions.
    public struct Entry: Sendable, Hashable {
        /// The item.
        public var item: CandidateItem
        /// Interactions of all users.
        public var interactionCount: Int
    }

    /// Most interactions first, ties by id.
    public var entries: [Entry]
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}
