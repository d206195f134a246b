import Wire

/// What an import did, for people and for programs.
struct ImportRendering {
    /// Rows of one table.
    struct Table: Sendable, Equatable {
        var rows: Int
        var changed: Int
        var time: Duration

        var seconds: Double { time / .seconds(1) }
        var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
    }

    /// An import as a whole.
    struct Summary: Sendable, Equatable {
        var items: Table
        var interactions: Table
        var version: UInt64
    }

    private let summary: Summary

    init(_ summary: Summary) { self.summary = summary }

    /// `{items: {rows, changed, seconds}, interactions: {…}, catalog_version}`.
    var json: JSONValue {
        .object([
            .init("items", Self.json(summary.items)),
            .init("interactions", Self.json(summary.interactions)),
            .init("catalog_version", .integer(Int64(clamping: summary.version))),
        ])
    }

    private static func json(_ table: Table) -> JSONValue {
        .object([
            .init("rows", .integer(Int64(table.rows))),
            .init("changed", .integer(Int64(table.changed))),
            .init("seconds", .number(Figures.rounded(table.seconds, 3))),
        ])
    }

    /// A table of rows and rates, and the catalog version.
    var text: String {
        var table = TextTable([
            .left("Table"), .right("Rows"), .right("Changed"), .right("Time (s)"),
            .right("Rows/s"),
        ])
        for (name, rows) in [("items", summary.items), ("interactions", summary.interactions)] {
            table.add([
                name, "\(rows.rows)", "\(rows.changed)", Figures.decimal(rows.seconds, 2),
                Figures.decimal(rows.rowsPerSecond, 0),
            ])
        }
        return "\(table.text)\nCatalog version \(summary.version)"
    }
}
