/// The limits of what the catalog takes and gives.
public enum CatalogLimits {
    /// Bytes of an item's or user's id, an author's or a release's name.
    public static let maximumIDBytes = 256
    /// Bytes of a title.
    public static let maximumTitleBytes = 1_024
    /// Attributes of an item.
    public static let maximumAttributes = 64
    /// Bytes of an attribute's key.
    public static let maximumAttributeKeyBytes = 256
    /// Bytes of an attribute's value.
    public static let maximumAttributeValueBytes = 1_024
    /// Items or interactions of one write, ids of one read.
    public static let maximumItemsPerCall = 1_000
    /// Items of one page of a list.
    public static let maximumPage = 1_000
    /// Interactions of one history.
    public static let maximumHistory = 1_000
    /// Ids that `matching` returns.
    public static let maximumMatching = 10_000
    /// Filters of one call.
    public static let maximumFilters = 16
    /// Values that one filter names.
    public static let maximumFilterValues = 64
    /// Bytes of an idempotency key.
    public static let maximumIdempotencyKeyBytes = 128
    /// How long an idempotency key is remembered.
    public static let idempotencyHours = 24
    /// Entries of the history of activations that one call reads.
    public static let maximumActivations = 1_000
    /// Releases that a list shows, the newest.
    public static let maximumReleases = 1_000
    /// Ids excluded from the popular or the newest items.
    public static let maximumExclusions = 10_000
    /// Distinct items that `seenItemIDs` returns.
    public static let maximumSeenItems = 100_000
    /// Bytes of a manifest.
    public static let maximumManifestBytes = 1 << 20
    /// Fields that an error names.
    public static let maximumErrorDetails = 16
}
