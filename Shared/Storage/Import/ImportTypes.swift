public import Domain

/// Which columns of a file make an item; names are those of the header, or 1, 2, … without one.
public struct ItemColumns: Sendable, Hashable {
    /// The id.
    public var id: String
    /// The title.
    public var title: String
    /// Attribute keys and their columns; nil makes every column that is not named here one.
    ///
    /// An empty field is no attribute.
    public var attributes: [String: String]?
    /// `active`, `hidden`, or empty for active; nil makes all active.
    public var state: String?
    /// Unix time, 0 or empty for never; nil is never.
    public var expiry: String?

    /// Makes a mapping.
    public init(
        id: String = "id", title: String = "title", attributes: [String: String]? = nil,
        state: String? = nil, expiry: String? = nil
    ) {
        self.id = id
        self.title = title
        self.attributes = attributes
        self.state = state
        self.expiry = expiry
    }
}

/// Which columns of a file make an interaction; names are those of the header, or 1, 2, ….
public struct InteractionColumns: Sendable, Hashable {
    /// The user's id.
    public var user: String
    /// The item's id.
    public var item: String
    /// The rating, empty for none; nil is none.
    public var rating: String?
    /// Unix time, 0 or empty for unknown; nil is unknown.
    public var time: String?

    /// Makes a mapping.
    public init(
        user: String = "user", item: String = "item", rating: String? = "rating",
        time: String? = "time"
    ) {
        self.user = user
        self.item = item
        self.rating = rating
        self.time = time
    }
}

/// How an import of a file goes about.
public struct ImportOptions: Sendable, Hashable {
    /// Everything is checked and nothing written.
    public var isDryRun: Bool
    /// Rows that may be rejected; one more ends the import.
    public var maximumRejectedRows: Int

    /// Makes options.
    public init(isDryRun: Bool = false, maximumRejectedRows: Int = 10_000) {
        self.isDryRun = isDryRun
        self.maximumRejectedRows = maximumRejectedRows
    }
}

/// A row that was not imported.
public struct RejectedRow: Sendable, Hashable {
    /// The line on which it starts, from 1.
    public var line: Int
    /// Why; may hold ids, so never for logs.
    public var reason: String
}

/// How far an import is.
public struct ImportProgress: Sendable, Hashable {
    /// Rows read, rejected ones among them.
    public var rowCount = 0
    /// Bytes read.
    public var byteCount = 0
    /// Rows rejected.
    public var rejectedCount = 0
}

/// What a bulk import did.
public struct ImportResult: Sendable, Hashable {
    /// Rows read, rejected ones among them.
    public var rowCount: Int
    /// Rows stored; the others were there already, were repeated in the input, or were rejected.
    public var changedCount: Int
    /// Rows rejected.
    public var rejectedCount: Int
    /// The catalog version after the import.
    public var version: UInt64

    /// Makes a result.
    public init(rowCount: Int, changedCount: Int, rejectedCount: Int = 0, version: UInt64) {
        self.rowCount = rowCount
        self.changedCount = changedCount
        self.rejectedCount = rejectedCount
        self.version = version
    }
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
