import Wire

/// Items and results of writes for people and for programs.
enum CatalogRendering {
    /// `{items: [{id, title, attributes, state, expires_at_seconds, version}], catalog_version}`.
    static func json(_ response: ItemsResponse) -> JSONValue {
        .object([
            .init("items", .array(response.items.map(json))),
            .init("catalog_version", .integer(Int64(clamping: response.catalogVersion))),
        ])
    }

    private static func json(_ item: CatalogItem) -> JSONValue {
        .object([
            .init("id", .string(item.id)), .init("title", .string(item.title)),
            .init(
                "attributes",
                .object(item.attributes.map { .init($0.key, .string($0.value)) })),
            .init("state", .string(item.state.rawValue)),
            .init(
                "expires_at_seconds",
                item.expiresAtSeconds == 0 ? .null : .integer(item.expiresAtSeconds)),
            .init("version", .integer(Int64(clamping: item.version))),
        ])
    }

    /// A table and the catalog version.
    static func text(_ response: ItemsResponse, in terminal: Terminal = .none) -> String {
        let version = "Catalog version \(response.catalogVersion)"
        guard !response.items.isEmpty else { return "No such item.\n\(version)" }
        var table = TextTable([
            .left("Id"), .itemTitle, .left("Attributes", shrinks: true), .left("State"),
            .left("Expires (UTC)"), .right("Version"),
        ])
        for item in response.items {
            table.add([
                item.id, item.title,
                item.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
                item.state.rawValue,
                item.expiresAtSeconds == 0 ? "never" : Figures.time(item.expiresAtSeconds),
                "\(item.version)",
            ])
        }
        return "\(table.text(in: terminal))\n\(version)"
    }

    /// `{changes: [{version, id, action, author, changed_at_seconds}], catalog_version}`.
    static func json(_ response: ListChangesResponse) -> JSONValue {
        .object([
            .init(
                "changes",
                .array(
                    response.changes.map { change in
                        .object([
                            .init("version", .integer(Int64(clamping: change.version))),
                            .init("id", .string(change.itemID)),
                            .init("action", .string(change.action)),
                            .init("author", .string(change.author)),
                            .init("changed_at_seconds", .integer(change.changedAtSeconds)),
                        ])
                    })),
            .init("catalog_version", .integer(Int64(clamping: response.catalogVersion))),
        ])
    }

    /// The changes, oldest first, and the catalog version.
    static func text(_ response: ListChangesResponse, in terminal: Terminal = .none) -> String {
        let version = "Catalog version \(response.catalogVersion)"
        guard !response.changes.isEmpty else { return "No change.\n\(version)" }
        var table = TextTable([
            .right("Version"), .left("Time (UTC)"), .left("Id"), .left("Action"),
            .left("Author", shrinks: true),
        ])
        for change in response.changes {
            table.add([
                "\(change.version)", Figures.time(change.changedAtSeconds), change.itemID,
                change.action, change.author,
            ])
        }
        return "\(table.text(in: terminal))\n\(version)"
    }

    /// `{version, changed_count, replayed}`.
    static func json(_ response: WriteResponse) -> JSONValue {
        .object([
            .init("version", .integer(Int64(clamping: response.version))),
            .init("changed_count", .integer(Int64(response.changedCount))),
            .init("replayed", .bool(response.replayed)),
        ])
    }

    /// How many rows changed, and the version to ask for.
    static func text(_ response: WriteResponse) -> String {
        let when = response.replayed ? " by an earlier call with the same key" : ""
        return "\(response.changedCount) changed\(when); catalog version \(response.version)\n"
            + "llara recommend --min-version \(response.version) is sure to see it"
    }
}
