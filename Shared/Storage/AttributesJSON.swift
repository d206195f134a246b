import FoundationEssentials

/// Attributes as the JSON object that the `jsonb` column holds.
enum AttributesJSON {
    static func encode(_ attributes: [ItemAttribute]) throws(StorageError) -> String {
        if attributes.isEmpty { return "{}" }
        return try encode(
            Dictionary(
                attributes.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
    }

    /// A JSON array of keys.
    static func encode(keys: [String]) throws(StorageError) -> String {
        keys.isEmpty ? "[]" : try encode(keys)
    }

    private static func encode(_ value: some Encodable) throws(StorageError) -> String {
        let encoder = JSONEncoder()
        // Equal attributes are equal texts, which a repeated request is told by.
        encoder.outputFormatting = .sortedKeys
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw StorageError(.internalError, "attributes could not be encoded", cause: error)
        }
    }

    /// Ordered by the keys' bytes, so that an item always reads the same.
    static func decode(_ json: String) throws(StorageError) -> [ItemAttribute] {
        if json == "{}" { return [] }
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
                .map { ItemAttribute(key: $0.key, value: $0.value) }
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        } catch {
            throw StorageError(
                .internalError, "an item's attributes are no object of strings", cause: error)
        }
    }
}
