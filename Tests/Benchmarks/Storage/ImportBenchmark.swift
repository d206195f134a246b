import ArgumentParser
import BenchmarkReport
import Domain
import Foundation
import Postgres
import Storage

/// Interactions from a file: Storage beside psql's \copy into a table of the same shape.
struct ImportBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Interactions from a TSV file, beside psql's \\copy.")

    @Option(help: "Rows of the file.")
    var rows = 1_000_000
    @Option(help: "Users in the file; rows are in random order of user and item.")
    var users = 50_000
    @Option(help: "Items in the file and in the catalog.")
    var items = 20_000
    @OptionGroup var options: MeasuringOptions

    /// The columns, keys and indexes of `interactions`.
    private static let table = """
        DROP TABLE IF EXISTS baseline;
        CREATE TABLE baseline (
            user_id text COLLATE "C" NOT NULL,
            ordered_at bigint NOT NULL GENERATED ALWAYS AS (occurred_at) STORED,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            item_key bigint NOT NULL,
            occurred_at bigint NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            rating real NOT NULL,
            PRIMARY KEY (user_id, ordered_at, sequence)
        );
        CREATE UNIQUE INDEX baseline_once
            ON baseline (user_id, item_key, occurred_at) WHERE occurred_at > 0;
        """

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let file = folder.appending(path: "interactions.tsv")
            try write(to: file)
            try await StorageBenchmarks.withStore { store, pool, url in
                let drafts = (1...items).map { ItemDraft(id: "\($0)", title: "Title \($0)") }
                _ = try await store.importItems(drafts, author: "benchmark", deadline: nil)
                let comparison = Comparison(
                    "Import of \(rows) interactions", unit: "rows/s",
                    ours: Contender("llara Storage") { try await ours(store, pool, file) },
                    baselines: [
                        Contender("psql \\copy", target: .ratioAtLeast(0.8)) {
                            try copy(url, file)
                        }
                    ])
                try await options.report([comparison]) {
                    [
                        "\\copy writes the same rows into an empty table with the same columns,"
                            + " primary key and unique index; item ids there are the keys, no counts"
                            + " are kept and nothing is checked."
                    ]
                }
            }
        }
    }

    private func ours(
        _ store: CatalogStore, _ pool: ConnectionPool, _ file: URL
    ) async throws -> Double {
        try await pool.withConnection(deadline: nil) { connection in
            try await connection.script(
                "TRUNCATE llara.interactions; UPDATE llara.item_counts SET interactions = 0")
            try await connection.script("VACUUM llara.item_counts")
            try await connection.script("CHECKPOINT")
        }
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let start = ContinuousClock.now
        let result = try await store.importInteractions(
            from: {
                let data = try handle.read(upToCount: 256 << 10)
                return data.flatMap { $0.isEmpty ? nil : [UInt8]($0) }
            }, format: DelimitedFormat(separator: .tab), columns: InteractionColumns(),
            deadline: nil
        ) { _ in }
        let time = ContinuousClock.now - start
        guard result.changedCount == rows else {
            throw BenchmarkFailure(description: "\(result.changedCount) rows were stored")
        }
        return Double(rows) / (time / .seconds(1))
    }

    private func copy(_ url: String, _ file: URL) throws -> Double {
        _ = try StorageBenchmarks.run(
            "psql", ["-q", "-c", "SET client_min_messages = error", "-c", Self.table, url])
        _ = try StorageBenchmarks.run("psql", ["-q", "-c", "CHECKPOINT", url])
        let start = ContinuousClock.now
        _ = try StorageBenchmarks.run(
            "psql",
            [
                "-q", "-c",
                "\\copy baseline (user_id, item_key, rating, occurred_at) from '\(file.path)'"
                    + " with (header)", "-c", "ANALYZE baseline", url,
            ])
        return Double(rows) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func write(to file: URL) throws {
        var generator = SeededGenerator(seed: 1)
        var text = "user\titem\trating\ttime\n"
        for row in 0..<rows {
            let user = Int.random(in: 0..<users, using: &generator)
            let item = Int.random(in: 1...items, using: &generator)
            text += "user \(user)\t\(item)\t\(row % 5 + 1)\t\(1_000_000_000 + row)\n"
        }
        try Data(text.utf8).write(to: file)
    }
}
