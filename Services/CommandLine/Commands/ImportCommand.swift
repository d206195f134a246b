import ArgumentParser
import Domain
import FoundationEssentials
import Glibc
import Logging
import Postgres
import Storage
import TrainingCore
import Wire

/// `llara import`: data sets into the catalog.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import items and interactions into PostgreSQL, by COPY.",
        discussion: """
            The schema is brought up to date first.

            EXAMPLES
              llara import items films.csv --id-column film --title-column name
              llara import interactions ratings.tsv --dry-run --rejects rejected.tsv
              llara import movielens-100k .prefix/data/movielens-100k
            """,
        subcommands: [Items.self, Interactions.self, MovieLens.self])

    struct MovieLens: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "movielens-100k",
            abstract: "Import MovieLens-100K from a folder with ml-100k.item and ml-100k.inter.",
            discussion: """
                What is stored already is skipped or replaced: an import that was interrupted is \
                simply run again.

                EXAMPLE
                  llara import movielens-100k .prefix/data/movielens-100k \\
                    --database postgresql://llara@127.0.0.1/llara
                """)

        @Argument(help: "The folder with the files.", completion: .directory)
        var directory: String
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await reporting {
                let items = try read("ml-100k.item", MovieLensItem.parse)
                let interactions = try read("ml-100k.inter", Interaction.parse)
                let summary = try await database.withStore { store in
                    try await write(items, interactions, to: store)
                }
                Console.answer(
                    database.json ? summary.json.text() : summary.text(in: Console.terminal))
            }
        }

        private func read<Value>(
            _ name: String, _ parse: ([UInt8], String) throws(DataError) -> Value
        ) throws -> Value {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_size <= CommandLimits.maximumMovieLensBytes,
                let data = FileManager.default.contents(atPath: path)
            else {
                throw CommandError(
                    .notFound, "\(path) cannot be read",
                    advice: "name the folder that holds ml-100k.item and ml-100k.inter; "
                        + "Deploy/bootstrap puts it under .prefix/data/movielens-100k")
            }
            return try parse(Array(data), path)
        }

        private func write(
            _ items: [MovieLensItem], _ interactions: [Interaction], to store: CatalogStore
        ) async throws -> ImportRendering {
            try await store.migrate(deadline: nil)
            let itemBar = ProgressDisplay("items", total: items.count)
            let itemResult = try await store.importItems(
                items.map(ItemDraft.init), author: author ?? WriteOptions.defaultAuthor,
                deadline: nil, progress: { itemBar.update($0, rows: $0) })
            let itemTime = itemBar.finish()
            let bar = ProgressDisplay("interactions", total: interactions.count)
            let result = try await store.importInteractions(
                interactions.map(InteractionRow.init), deadline: nil,
                progress: { bar.update($0, rows: $0) })
            return ImportRendering(
                tables: [
                    .init(
                        name: "items", rows: itemResult.rowCount,
                        changed: itemResult.changedCount, rejected: itemResult.rejectedCount,
                        time: itemTime),
                    .init(
                        name: "interactions", rows: result.rowCount,
                        changed: result.changedCount, rejected: result.rejectedCount,
                        time: bar.finish()),
                ], version: result.version, isDryRun: false)
        }
    }
}

/// Where the catalog is.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "PostgreSQL, as a libpq URL (default: LLARA_DATABASE_URL).")
    var database: String?
    @Option(help: "Schema of the tables.") var schema = CatalogStore.defaultSchema
    @Flag(help: "Print one JSON object and nothing else on standard output.")
    var json = false

    /// Opens the catalog for the time of `body`.
    func withStore<Result: Sendable>(
        _ body: (CatalogStore) async throws -> Result
    ) async throws -> Result {
        guard let url = database ?? Console.environment("LLARA_DATABASE_URL") else {
            throw CommandError(
                .badData, "no database is named",
                advice: "give --database URL or set LLARA_DATABASE_URL")
        }
        let silent = Logger(label: "llara") { _ in SwiftLogNoOpLogHandler() }
        let pool = try ConnectionPool(
            configuration: PostgresConfiguration(url: url), logger: silent)
        do {
            let result = try await body(try CatalogStore(pool: pool, schema: schema))
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension ItemDraft {
    /// An item of MovieLens, its year and genres as attributes.
    init(_ item: MovieLensItem) {
        var attributes: [ItemAttribute] = []
        if let year = item.year {
            attributes.append(ItemAttribute(key: "year", value: "\(year)"))
        }
        if !item.genres.isEmpty {
            attributes.append(
                ItemAttribute(key: "genres", value: item.genres.joined(separator: " ")))
        }
        self.init(id: item.id, title: item.title, attributes: attributes)
    }
}

extension InteractionRow {
    /// A rating of MovieLens.
    init(_ interaction: Interaction) {
        self.init(
            userID: interaction.userID,
            interaction: HistoryItem(
                itemID: interaction.itemID, timeSeconds: interaction.timeSeconds,
                rating: interaction.rating))
    }
}
