public import Domain

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
    /// All stored interactions of the user, or the entries' number where all were not to be
    /// counted; 0 for an unknown user.
    public var interactionCount: Int
    /// The release that requests use by default, as `name@identity`; nil when none was activated.
    public var activeRelease: String?
    /// Every change up to this version is in `entries`, and none after it.
    public var catalogVersion: UInt64

    /// Makes a history.
    public init(
        entries: [Entry], interactionCount: Int, activeRelease: String? = nil,
        catalogVersion: UInt64
    ) {
        self.entries = entries
        self.interactionCount = interactionCount
        self.activeRelease = activeRelease
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
