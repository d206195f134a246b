import Wire

/// What an import did, for people and for programs.
struct ImportRendering: Sendable, Equatable {
    /// Rows of one table.
    struct Table: Sendable, Equatable {
        var name: String
        /// Rows read, rejected ones among them.
        var rows: Int
        var changed: Int
        var rejected: Int
        var time: Duration

        var seconds: Double { time / .seconds(1) }
        var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
    }

    var tables: [Table]
    var version: UInt64
    var isDryRun: Bool

    /// `{items: {rows, changed, rejected, seconds}, interactions: {…}, catalog_version, dry_run}`;
    /// only the tables that were imported.
    var json: JSONValue {
        .object(
            tables.map { table in
                .init(
                    table.name,
                    .object([
                        .init("rows", .integer(Int64(table.rows))),
                        .init("changed", .integer(Int64(table.changed))),
                        .init("rejected", .integer(Int64(table.rejected))),
                        .init("seconds", .number(Figures.rounded(table.seconds, 3))),
                    ]))
            } + [
                .init("catalog_version", .integer(Int64(clamping: version))),
                .init("dry_run", .bool(isDryRun)),
            ])
    }

    /// A table of rows and rates, and the catalog version.
    func text(in terminal: Terminal = .none) -> String {
        var table = TextTable([
            .left("Table"), .right("Rows"), .right("Changed"), .right("Rejected"),
            .right("Time (s)"), .right("Rows/s"),
        ])
        for rows in tables {
            table.add([
                rows.name, "\(rows.rows)", "\(rows.changed)", "\(rows.rejected)",
                Figures.decimal(rows.seconds, 2), Figures.decimal(rows.rowsPerSecond, 0),
            ])
        }
        return "\(table.text(in: terminal))\n"
            + (isDryRun ? "Dry run: nothing was written; c" : "C") + "atalog version \(version)"
    }
}
