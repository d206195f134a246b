import Domain

/// Checks on values from outside; each names the field in its error.
enum Check {
    static func id(_ id: String, _ field: String) throws(StorageError) {
        if id.isEmpty { throw .invalid(field, "is empty") }
        try text(id, field, limit: CatalogLimits.maximumIDBytes)
    }

    /// The id of something that is created; reads take any, as an odd one finds nothing.
    static func newID(_ id: String, _ field: String) throws(StorageError) {
        try self.id(id, field)
        if !UnicodeForm.isComposed(id) { throw .invalid(field, UnicodeForm.problem) }
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
        try newID(item.id, "\(field).id")
        try title(item.title, "\(field).title")
        if item.expiresAtSeconds < 0 {
            throw .invalid("\(field).expires_at_seconds", "is negative")
        }
        try attributes(item.attributes, "\(field).attributes")
    }

    static func title(_ title: String, _ field: String) throws(StorageError) {
        if title.isEmpty { throw .invalid(field, "is empty") }
        try text(title, field, limit: CatalogLimits.maximumTitleBytes)
        // A title ends at its newline in the prompt.
        if title.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            throw .invalid(field, "holds a line break")
        }
    }

    static func patch(_ patch: ItemPatch, _ field: String) throws(StorageError) {
        try id(patch.id, "\(field).id")
        if let title = patch.title { try self.title(title, "\(field).title") }
        if let time = patch.expiresAtSeconds, time < 0 {
            throw .invalid("\(field).expires_at_seconds", "is negative")
        }
        try attributes(patch.setAttributes, "\(field).set_attributes")
        let removed = patch.removedAttributeKeys
        let limit = CatalogLimits.maximumAttributes
        if removed.count > limit {
            throw .invalid(
                "\(field).removed_attribute_keys",
                "has \(removed.count) elements; the limit is \(limit)")
        }
        let set = Set(patch.setAttributes.map(\.key))
        for (index, key) in removed.enumerated() {
            let place = "\(field).removed_attribute_keys[\(index)]"
            try attributeKey(key, place)
            if set.contains(key) { throw .invalid(place, "is set by the same patch", value: key) }
        }
    }

    private static func attributeKey(_ key: String, _ field: String) throws(StorageError) {
        if key.isEmpty { throw .invalid(field, "is empty") }
        try text(key, field, limit: CatalogLimits.maximumAttributeKeyBytes)
    }

    static func filters(_ filters: [AttributeFilter]) throws(StorageError) {
        let limit = CatalogLimits.maximumFilters
        if filters.count > limit {
            throw .invalid("filters", "has \(filters.count) elements; the limit is \(limit)")
        }
        for (index, filter) in filters.enumerated() {
            let place = "filters[\(index)]"
            try attributeKey(filter.key, "\(place).key")
            let values = CatalogLimits.maximumFilterValues
            if filter.anyOf.count > values {
                throw .invalid(
                    "\(place).any_of", "has \(filter.anyOf.count) elements; the limit is \(values)")
            }
            for (index, value) in filter.anyOf.enumerated() {
                try text(
                    value, "\(place).any_of[\(index)]",
                    limit: CatalogLimits.maximumAttributeValueBytes)
            }
            for bound in [filter.range?.minimum, filter.range?.maximum] where bound?.isNaN == true {
                throw .invalid("\(place).range", "has a bound that is not a number")
            }
        }
    }

    static func exclusions(_ ids: [String]) throws(StorageError) {
        let limit = CatalogLimits.maximumExclusions
        if ids.count > limit {
            throw .invalid("excluded_item_ids", "has \(ids.count) elements; the limit is \(limit)")
        }
        for (index, id) in ids.enumerated() { try self.id(id, "excluded_item_ids[\(index)]") }
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
            try attributeKey(attribute.key, "\(place).key")
            try text(
                attribute.value, "\(place).value",
                limit: CatalogLimits.maximumAttributeValueBytes)
            if !keys.insert(attribute.key).inserted {
                throw .invalid("\(place).key", "is there twice", value: attribute.key)
            }
        }
    }

    static func interaction(_ interaction: HistoryItem, _ field: String) throws(StorageError) {
        try newID(interaction.itemID, "\(field).item_id")
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
