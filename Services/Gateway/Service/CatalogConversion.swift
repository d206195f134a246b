import ServiceAPI
import Storage
import Wire

extension ItemDraft {
    /// What the catalog stores of an item on the wire; no state means active.
    init(_ item: CatalogItem) {
        self.init(
            id: item.id, title: item.title, attributes: item.attributes.map(ItemAttribute.init),
            isHidden: item.state == .hidden, expiresAtSeconds: item.expiresAtSeconds,
            version: item.version)
    }
}

extension Storage.ItemPatch {
    /// What the catalog changes; an empty title and no state on the wire mean unchanged.
    init(_ patch: Wire.ItemPatch) {
        self.init(
            id: patch.id, title: patch.title.isEmpty ? nil : patch.title,
            setAttributes: patch.setAttributes.map(ItemAttribute.init),
            removedAttributeKeys: patch.removedAttributeKeys,
            isHidden: patch.state.map { $0 == .hidden },
            expiresAtSeconds: patch.expiresAtSeconds, version: patch.version)
    }
}

extension ItemAttribute {
    fileprivate init(_ pair: KeyValue) { self.init(key: pair.key, value: pair.value) }
}

extension StoredItem {
    /// The item on the wire.
    var catalogItem: CatalogItem {
        CatalogItem(
            id: id, title: title,
            attributes: attributes.map { KeyValue(key: $0.key, value: $0.value) },
            state: isHidden ? .hidden : .active, expiresAtSeconds: expiresAtSeconds,
            version: version)
    }
}

extension ItemsResponse {
    /// A reading of the catalog on the wire.
    init(_ found: CatalogItems) {
        self.init(
            items: found.items.map(\.catalogItem), catalogVersion: found.catalogVersion)
    }
}

extension WriteResponse {
    /// What a write did, on the wire.
    init(_ result: WriteResult) {
        self.init(
            version: result.version, changedCount: result.changedCount,
            replayed: result.isReplayed)
    }
}
