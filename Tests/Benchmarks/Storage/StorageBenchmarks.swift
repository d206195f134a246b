import ArgumentParser
import BenchmarkReport
import Foundation
import Logging
import Postgres
import Storage
import TestSupport

/// Measures the catalog beside PostgreSQL's own clients.
struct StorageBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage", abstract: "The catalog beside PostgreSQL's own clients.",
        subcommands: [HistoryBenchmark.self, ImportBenchmark.self])

    /// Calls `body` with a migrated store on a throw-away cluster, and the cluster's URL.
    static func withStore(
        _ body: (CatalogStore, ConnectionPool, String) async throws -> Void
    ) async throws {
        let cluster = try await PostgresCluster.start()
        defer { cluster.remove() }
        let pool = try ConnectionPool(
            configuration: PostgresConfiguration(url: cluster.url),
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let store = try CatalogStore(pool: pool)
        try await store.migrate(deadline: nil)
        do {
            try await body(store, pool, cluster.url)
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs a program of PostgreSQL's and returns what it printed.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = Surroundings.prefix.appending(path: "postgres/bin/\(program)")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure(description: "\(program) failed: \(text)")
        }
        return text
    }
}
