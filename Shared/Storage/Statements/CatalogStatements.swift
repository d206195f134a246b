/// The SQL of every read and write; values are bound, only the schema's name is written in.
///
/// A write is one statement behind `lock`, sent together: its parts see each other's rows, no other
/// write comes between, and the lock is not held over a round trip.
struct CatalogStatements: Sendable {
    let catalogVersion: String
    let items: String
    let candidates: String
    let list: String
    let matching: String
    let newest: String
    let changes: String
    let popular: String
    let popularAmong: String
    let lock: String
    let upsert: String
    let patch: String
    let delete: String
    let append: String
    let deleteUser: String
    let history: String
    let recentHistory: String
    let seen: String
    let publish: String
    let activate: String
    let rollback: String
    let activeRelease: String
    let activations: String
    let releases: String
    let importItems: String
    let unknownImportedItems: String
    let importInteractions: String

    init(schema: SchemaName) {
        catalogVersion = schema.qualify("SELECT version FROM @.catalog_version")
        items = schema.qualify(Self.items)
        candidates = schema.qualify(Self.candidates)
        list = schema.qualify(Self.list)
        matching = schema.qualify(Self.matching)
        newest = schema.qualify(Self.newest)
        changes = schema.qualify(Self.changes)
        popular = schema.qualify(
            Self.popular(
                of: "@.item_counts c JOIN @.items i ON i.key = c.item_key",
                order: "c.interactions DESC"))
        popularAmong = schema.qualify(
            Self.popular(
                of: "@.items i LEFT JOIN @.item_counts c ON i.key = c.item_key",
                where: "i.id = ANY ($8::text[]) AND",
                order: "c.interactions DESC NULLS LAST"))
        // An update's own lock: readers of the row do not wait.
        lock = schema.qualify("SELECT version FROM @.catalog_version FOR NO KEY UPDATE")
        upsert = schema.qualify(Self.upsert)
        patch = schema.qualify(Self.patch)
        delete = schema.qualify(Self.delete)
        append = schema.qualify(Self.append)
        deleteUser = schema.qualify(Self.deleteUser)
        history = schema.qualify(Self.history(count: Self.interactionCount))
        recentHistory = schema.qualify(Self.history(count: "NULL::bigint"))
        seen = schema.qualify(Self.seen)
        publish = schema.qualify(Self.publish)
        activate = schema.qualify(Self.activate)
        rollback = schema.qualify(Self.rollback)
        activeRelease = schema.qualify(
            "SELECT \(Self.activeName) FROM @.catalog_version")
        activations = schema.qualify(Self.activations)
        releases = schema.qualify(Self.releases)
        importItems = schema.qualify(Self.importItems)
        unknownImportedItems = schema.qualify(Self.unknownImportedItems)
        importInteractions = schema.qualify(Self.importInteractions)
    }
}
