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
        abstract: "Import a data set into PostgreSQL.",
        subcommands: [MovieLens.self])

    struct MovieLens: AsyncParsableCommand {
        /// Bytes of a file; MovieLens-100K's largest has 2 MB.
        static let maximumFileBytes = 256 << 20

        static let configuration = CommandConfiguration(
            commandName: "movielens-100k",
            abstract: "Import MovieLens-100K from a folder with ml-100k.item and ml-100k.inter.",
            discussion: """
                Brings the schema up to date first. What is stored already is skipped or replaced:
                an import that was interrupted is simply run again.

                EXAMPLE
                  llara import movielens-100k .prefix/data/movielens-100k \\
                    --database postgresql://llara@127.0.0.1/llara
                """)

        @Argument(help: "The folder with the files.") var directory: String
        @Option(help: "PostgreSQL, as a libpq URL (default: LLARA_DATABASE_URL).")
        var database: String?
        @Option(help: "Schema of the tables.") var schema = CatalogStore.defaultSchema
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?
        @Flag(help: "Print one JSON object and nothing else on standard output.")
        var json = false

        func run() async throws {
            try await reporting {
                let items = try read("ml-100k.item", MovieLensItem.parse)
                let interactions = try read("ml-100k.inter", Interaction.parse)
                let result = try await withStore { store in
                    try await write(items, interactions, to: store)
                }
                let rendering = ImportRendering(result)
                Console.answer(json ? rendering.json.text() : rendering.text)
            }
        }

        private func read<Value>(
            _ name: String, _ parse: ([UInt8], String) throws(DataError) -> Value
        ) throws -> Value {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_size <= Self.maximumFileBytes,
                let data = FileManager.default.contents(atPath: path)
            else {
                throw CommandError(
                    .notFound, "\(path) cannot be read",
                    advice: "name the folder that holds ml-100k.item and ml-100k.inter; "
                        + "Deploy/bootstrap puts it under .prefix/data/movielens-100k")
            }
            return try parse(Array(data), path)
        }

        private func withStore<Result: Sendable>(
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

        private func write(
            _ items: [MovieLensItem], _ interactions: [Interaction], to store: CatalogStore
        ) async throws -> ImportRendering.Summary {
            try await store.migrate(deadline: nil)
            let itemBar = ProgressDisplay("Items", total: items.count)
            let itemResult = try await store.importItems(
                items.map(ItemDraft.init), author: author ?? ItemCommand.defaultAuthor,
                deadline: nil, progress: itemBar.update)
            let itemTime = itemBar.finish()
            let rows = interactions.map(InteractionRow.init)
            let bar = ProgressDisplay("Interactions", total: rows.count)
            let result = try await store.importInteractions(
                rows, deadline: nil, progress: bar.update)
            return ImportRendering.Summary(
                items: .init(
                    rows: itemResult.rowCount, changed: itemResult.changedCount, time: itemTime),
                interactions: .init(
                    rows: result.rowCount, changed: result.changedCount, time: bar.finish()),
                version: result.version)
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
