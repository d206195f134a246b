import ArgumentParser
import Domain
import Storage

/// How a delimited file is written, and what to do with it.
struct ImportFileOptions: ParsableArguments {
    @Argument(help: "The file, or - for standard input.", completion: .file())
    var file: String
    @Option(
        help: "What stands between two fields (default: comma for .csv, else tab).")
    var separator: SeparatorArgument?
    @Flag(help: "The first line is a row; columns are named 1, 2, ….") var noHeader = false
    @Flag(help: "Check everything, write nothing.") var dryRun = false
    @Option(
        help: "File for the rows that are not imported: line, tab, reason.", completion: .file())
    var rejects: String?
    @Option(help: "Rejected rows that end the import when there is one more.")
    var maximumRejects = ImportOptions().maximumRejectedRows
    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        if maximumRejects < 0 { throw ValidationError("--maximum-rejects takes 0 or more.") }
    }

    var format: DelimitedFormat {
        let fallback: SeparatorArgument = file.hasSuffix(".csv") ? .comma : .tab
        return DelimitedFormat(
            separator: (separator ?? fallback).separator, hasHeader: !noHeader)
    }

    var importOptions: ImportOptions {
        ImportOptions(isDryRun: dryRun, maximumRejectedRows: maximumRejects)
    }
}

/// A separator by name.
enum SeparatorArgument: String, ExpressibleByArgument, CaseIterable {
    case tab, comma, semicolon, pipe

    var separator: DelimitedFormat.Separator {
        switch self {
        case .tab: .tab
        case .comma: .comma
        case .semicolon: .semicolon
        case .pipe: .pipe
        }
    }
}

extension ImportCommand {
    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import items from a TSV or CSV file of any size.",
            discussion: """
                Rows that cannot be imported are passed over, counted and named with line and \
                reason; exit status 65 when there was one. Without --attribute-column every other \
                column becomes an attribute. What is stored already is no change: an import that \
                was interrupted is simply run again.

                EXAMPLES
                  llara import items films.tsv
                  llara import items films.csv --id-column film --title-column name \\
                    --attribute-column year=released --attribute-column genres=genre
                  llara import items films.csv --dry-run --rejects rejected.tsv
                """)

        @OptionGroup var options: ImportFileOptions
        @Option(help: "Column of the id.") var idColumn = "id"
        @Option(help: "Column of the title.") var titleColumn = "title"
        @Option(help: "Attribute KEY=COLUMN; may be repeated.")
        var attributeColumn: [PairArgument] = []
        @Option(help: "Column of the state, active or hidden (default: all active).")
        var stateColumn: String?
        @Option(help: "Column of the expiry in Unix time (default: never).")
        var expiryColumn: String?
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?

        var columns: ItemColumns {
            ItemColumns(
                id: idColumn, title: titleColumn,
                attributes: attributeColumn.isEmpty
                    ? nil
                    : Dictionary(attributeColumn.map { ($0.key, $0.value) }) { $1 },
                state: stateColumn, expiry: expiryColumn)
        }

        func run() async throws {
            try await FileImport(options, label: "items").run { store, file in
                try await store.importItems(
                    from: file.nextChunk, format: options.format, columns: columns,
                    author: author ?? WriteOptions.defaultAuthor, options: options.importOptions,
                    deadline: nil, progress: file.show, rejected: file.reject)
            }
        }
    }

    struct Interactions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import interactions from a TSV or CSV file of any size.",
            discussion: """
                As "import items". A row whose item is not in the catalog is rejected; rows with \
                a time that are stored already are no change.

                EXAMPLES
                  llara import interactions ratings.tsv
                  llara import interactions ratings.csv --user-column userId \\
                    --item-column movieId --time-column timestamp
                  llara import interactions clicks.tsv --no-rating --no-header \\
                    --user-column 1 --item-column 2 --time-column 3
                """)

        @OptionGroup var options: ImportFileOptions
        @Option(help: "Column of the user's id.") var userColumn = "user"
        @Option(help: "Column of the item's id.") var itemColumn = "item"
        @Option(help: "Column of the rating.") var ratingColumn = "rating"
        @Option(help: "Column of the time in Unix seconds.") var timeColumn = "time"
        @Flag(help: "The file has no ratings.") var noRating = false
        @Flag(help: "The file has no times.") var noTime = false

        var columns: InteractionColumns {
            InteractionColumns(
                user: userColumn, item: itemColumn, rating: noRating ? nil : ratingColumn,
                time: noTime ? nil : timeColumn)
        }

        func run() async throws {
            try await FileImport(options, label: "interactions").run { store, file in
                try await store.importInteractions(
                    from: file.nextChunk, format: options.format, columns: columns,
                    options: options.importOptions, deadline: nil, progress: file.show,
                    rejected: file.reject)
            }
        }
    }
}
