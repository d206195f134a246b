import Domain

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
    /// Ids excluded from the popular items.
    public static let maximumExclusions = 10_000
    /// Distinct items that `seenItemIDs` returns.
    public static let maximumSeenItems = 100_000
    /// Bytes of a manifest.
    public static let maximumManifestBytes = 1 << 20
    /// Fields that an error names.
    public static let maximumErrorDetails = 20
}

/// Checks on values from outside; each names the field in its error.
enum Check {
    static func id(_ id: String, _ field: String) throws(StorageError) {
        if id.isEmpty { throw .invalid(field, "is empty") }
        try text(id, field, limit: CatalogLimits.maximumIDBytes)
    }

    static func text(_ text: String, _ field: String, limit: Int) throws(StorageError) {
        if text.utf8.count > limit {
            throw .invalid(field, "has \(text.utf8.count) bytes; the limit is \(limit)")
        }
        // PostgreSQL's text cannot hold it.
        if text.utf8.contains(0) { throw .invalid(field, "holds a NUL byte") }
    }

    static func count(_ count: Int, _ field: String, limit: Int) throws(StorageError) {
        if !(1...limit).contains(count) {
            throw .invalid(field, "is \(count); it must be between 1 and \(limit)")
        }
    }

    static func batch(_ count: Int, _ field: String) throws(StorageError) {
        if count == 0 { throw .invalid(field, "is empty") }
        if count > CatalogLimits.maximumItemsPerCall {
            throw .invalid(
                field, "has \(count) elements; the limit is \(CatalogLimits.maximumItemsPerCall)")
        }
    }

    static func item(_ item: ItemDraft, _ field: String) throws(StorageError) {
        try id(item.id, "\(field).id")
        if item.title.isEmpty { throw .invalid("\(field).title", "is empty") }
        try text(item.title, "\(field).title", limit: CatalogLimits.maximumTitleBytes)
        // A title ends at its newline in the prompt.
        if item.title.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            throw .invalid("\(field).title", "holds a line break")
        }
        if item.expiresAtSeconds < 0 {
            throw .invalid("\(field).expires_at_seconds", "is negative")
        }
        try attributes(item.attributes, "\(field).attributes")
    }

    private static func attributes(
        _ attributes: [ItemAttribute], _ field: String
    ) throws(StorageError) {
        let limit = CatalogLimits.maximumAttributes
        if attributes.count > limit {
            throw .invalid(field, "has \(attributes.count) elements; the limit is \(limit)")
        }
        var keys: Set<String> = []
        for (index, attribute) in attributes.enumerated() {
            let place = "\(field)[\(index)]"
            if attribute.key.isEmpty { throw .invalid("\(place).key", "is empty") }
            try text(
                attribute.key, "\(place).key", limit: CatalogLimits.maximumAttributeKeyBytes)
            try text(
                attribute.value, "\(place).value",
                limit: CatalogLimits.maximumAttributeValueBytes)
            if !keys.insert(attribute.key).inserted {
                throw .invalid("\(place).key", "is there twice", value: attribute.key)
            }
        }
    }

    static func interaction(_ interaction: HistoryItem, _ field: String) throws(StorageError) {
        try id(interaction.itemID, "\(field).item_id")
        if !interaction.rating.isFinite { throw .invalid("\(field).rating", "is not a number") }
        if interaction.timeSeconds < 0 { throw .invalid("\(field).time_seconds", "is negative") }
    }

    static func unique(_ ids: some Sequence<String>, _ field: String) throws(StorageError) {
        var places: [String: Int] = [:]
        for (index, id) in ids.enumerated() {
            if let first = places.updateValue(index, forKey: id) {
                throw .invalid("\(field)[\(index)]", "repeats \(field)[\(first)]", value: id)
            }
        }
    }
}
