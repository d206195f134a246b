public import Domain

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

    /// Makes a draft.
    public init(
        id: String, title: String, attributes: [ItemAttribute] = [], isHidden: Bool = false,
        expiresAtSeconds: Int64 = 0
    ) {
        self.id = id
        self.title = title
        self.attributes = attributes
        self.isHidden = isHidden
        self.expiresAtSeconds = expiresAtSeconds
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
    /// Ids among `items` that the user named in the call has interacted with.
    public var seenIDs: Set<String>
    /// Every change up to this version is in `items`, and none after it.
    public var catalogVersion: UInt64

    /// Makes a reading.
    public init(items: [StoredItem], seenIDs: Set<String> = [], catalogVersion: UInt64) {
        self.items = items
        self.seenIDs = seenIDs
        self.catalogVersion = catalogVersion
    }
}

/// The newest part of a user's sequence.
public struct UserHistory: Sendable, Hashable {
    /// An interaction and the title of its item as of now.
    public struct Entry: Sendable, Hashable {
        /// The interaction.
        public var interaction: HistoryItem
        /// The item's title; also of items hidden, expired or deleted since.
        public var title: String

        /// Makes an entry.
        public init(interaction: HistoryItem, title: String) {
            self.interaction = interaction
            self.title = title
        }
    }

    /// Oldest first.
    public var entries: [Entry]
    /// All stored interactions of the user; 0 for an unknown user.
    public var interactionCount: Int
    /// Every change up to this version is in `entries`, and none after it.
    public var catalogVersion: UInt64

    /// Makes a history.
    public init(entries: [Entry], interactionCount: Int, catalogVersion: UInt64) {
        self.entries = entries
        self.interactionCount = interactionCount
        self.catalogVersion = catalogVersion
    }
}

/// The items that a user has interacted with.
public struct SeenItems: Sendable, Hashable {
    /// External ids; those of deleted items are absent.
    public var ids: Set<String>
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}

/// Servable items by number of interactions.
public struct PopularItems: Sendable, Hashable {
    /// An item and its interactions.
    public struct Entry: Sendable, Hashable {
        /// The item.
        public var item: StoredItem
        /// Interactions of all users.
        public var interactionCount: Int
    }

    /// Most interactions first, ties by id.
    public var entries: [Entry]
    /// The catalog version of the snapshot.
    public var catalogVersion: UInt64
}

/// What a write did.
public struct WriteResult: Sendable, Hashable {
    /// The catalog version after the write; a read of this version or a later one sees it.
    public var version: UInt64
    /// Rows that really changed.
    public var changedCount: Int

    /// Makes a result.
    public init(version: UInt64, changedCount: Int) {
        self.version = version
        self.changedCount = changedCount
    }
}

/// A release that was published to this installation.
public struct StoredRelease: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// SHA-256 of its manifest: its identity.
    public var manifestSHA256: [UInt8]
    /// The manifest, as published.
    public var manifestJSON: String
    /// Whether requests use it by default.
    public var isActive: Bool
    /// Unix time.
    public var publishedAtSeconds: Int64
}

/// One interaction of a bulk import.
public struct InteractionRow: Sendable, Hashable {
    /// The user's external id.
    public var userID: String
    /// What happened.
    public var interaction: HistoryItem

    /// Makes a row.
    public init(userID: String, interaction: HistoryItem) {
        self.userID = userID
        self.interaction = interaction
    }
}

/// What a bulk import did.
public struct ImportResult: Sendable, Hashable {
    /// Rows read.
    public var rowCount: Int
    /// Rows stored; the others were there already, or were repeated in the input.
    public var changedCount: Int
    /// The catalog version after the import.
    public var version: UInt64

    /// Makes a result.
    public init(rowCount: Int, changedCount: Int, version: UInt64) {
        self.rowCount = rowCount
        self.changedCount = changedCount
        self.version = version
    }
}
