import ArgumentParser
import Logging
import Postgres
import Storage

/// `llara import`: data sets into data folders and into the catalog.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import data sets: into a data folder to train on, or into PostgreSQL.",
        discussion: """
            A data set of your own goes into a data folder first ("dataset"); training, evaluation \
            and "catalog" read it from there. "catalog", "items" and "interactions" write to \
            PostgreSQL by COPY; the schema is brought up to date first.

            EXAMPLES
              llara import dataset --items films.csv --interactions ratings.csv --output data/films
              llara import catalog data/films
              llara import items films.csv --id-column film --title-column name
              llara import interactions ratings.tsv --dry-run --rejects rejected.tsv
            """,
        subcommands: [Dataset.self, Catalog.self, Items.self, Interactions.self])
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
