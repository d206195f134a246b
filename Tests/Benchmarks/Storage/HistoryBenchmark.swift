import ArgumentParser
import BenchmarkReport
import CStorageBaseline
import Domain
import Foundation
import Postgres
import Storage

/// The newest interactions of a user with titles: Storage, a C loop on libpq, and pgbench.
struct HistoryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "The newest interactions of a user with titles, beside libpq in C.")

    @Option(help: "Interactions read.")
    var count = 50
    @Option(help: "Reads in one measurement.")
    var reads = 2_000
    @Option(help: "Users, each with twice as many interactions as are read.")
    var users = 500
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await StorageBenchmarks.withStore { store, pool, url in
            try await fill(store)
            let statement = store.historyStatement
            guard let libpq = llara_baseline_open(url, statement) else {
                throw BenchmarkFailure(description: "no connection for the C loop")
            }
            defer { llara_baseline_close(libpq) }
            let script = try pgbenchScript(statement)
            defer { try? FileManager.default.removeItem(at: script) }
            let comparison = Comparison(
                "Last \(count) interactions of a user with titles", unit: "reads/s",
                ours: rate("llara Storage") { try await ours(store) },
                baselines: [
                    rate("libpq in C", .ratioAtLeast(0.9)) { try c(libpq) },
                    Contender("pgbench -M prepared") { try pgbench(url, script) },
                ])
            try await options.report([comparison]) {
                [
                    "All run the same prepared statement over one connection, one call at a time;"
                        + " ours and C decode every field, pgbench drops them."
                ]
            }
        }
    }

    private func user(_ number: Int) -> String { "user \(number % users)" }

    private func ours(_ store: CatalogStore) async throws {
        for number in 0..<reads {
            let history = try await store.history(userID: user(number), count: count, deadline: nil)
            guard history.entries.count == count else {
                throw BenchmarkFailure(description: "a history is not whole")
            }
        }
    }

    private func c(_ libpq: OpaquePointer) throws {
        for number in 0..<reads {
            guard llara_baseline_history(libpq, user(number), count) == count else {
                throw BenchmarkFailure(description: "a history of the C loop is not whole")
            }
        }
    }

    private func rate(
        _ name: String, _ target: Target? = nil, _ body: @escaping () async throws -> Void
    ) -> Contender {
        Contender(name, target: target) {
            let start = ContinuousClock.now
            try await body()
            return Double(reads) / ((ContinuousClock.now - start) / .seconds(1))
        }
    }

    private func pgbenchScript(_ statement: String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).sql")
        let text = statement.replacing("$1", with: "('user ' || :number)::text")
            .replacing("$2", with: "\(count)::bigint")
        try Data("\\set number random(0, \(users - 1))\n\(text);\n".utf8).write(to: file)
        return file
    }

    private func pgbench(_ url: String, _ script: URL) throws -> Double {
        let output = try StorageBenchmarks.run(
            "pgbench", ["-n", "-M", "prepared", "-t", "\(reads)", "-f", script.path, url])
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let value = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else { throw BenchmarkFailure(description: "pgbench printed no tps") }
        return value
    }

    private func fill(_ store: CatalogStore) async throws {
        let items = (0..<2_000).map {
            ItemDraft(id: "item \($0)", title: "The title of item number \($0) (1995)")
        }
        _ = try await store.importItems(items, author: "benchmark", deadline: nil)
        let rows = (0..<users * count * 2).lazy.map { number in
            InteractionRow(
                userID: "user \(number % users)",
                interaction: HistoryItem(
                    itemID: "item \(number &* 7_919 % 2_000)",
                    timeSeconds: Int64(number / users + 1), rating: 4))
        }
        _ = try await store.importInteractions(rows, deadline: nil)
    }
}
