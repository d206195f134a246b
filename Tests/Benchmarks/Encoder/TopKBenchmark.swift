import ArgumentParser
import BenchmarkReport
import Domain
import Foundation
import GGML

/// Exact top-k beside the time that reading the table takes, and beside faiss.
struct TopKBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top-k", abstract: "Exact top-k of a table by inner product.")

    @Option(help: "Items in the table.")
    var items = 1_000_000
    @Option(help: "Floats in an item row.")
    var dimension = 64
    @Option(help: "Items wanted.")
    var count = 100
    @Option(help: "Queries that share a scan; several are measured one by one.")
    var batch: [Int] = [1, 8]
    @OptionGroup var parallelism: ThreadOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        var generator = SeededGenerator(seed: 1)
        let values = (0..<items * dimension).map { _ in
            Float.random(in: -1...1, using: &generator)
        }
        let states = (0..<max(1, batch.max() ?? 1) * dimension).map { _ in
            Float.random(in: -1...1, using: &generator)
        }
        let table = ItemTable(values: values, dimension: dimension)
        try await Surroundings.withTemporaryFolder { folder in
            let tableFile = folder.appending(path: "table.f32")
            let statesFile = folder.appending(path: "states.f32")
            try values.withUnsafeBytes { try Data($0).write(to: tableFile) }
            try states.withUnsafeBytes { try Data($0).write(to: statesFile) }
            let processes = try parallelism.threads.map { threads in
                try Surroundings.python(
                    "faiss_flat.py",
                    [tableFile.path, statesFile.path, "\(dimension)", "\(threads)"],
                    threads: threads)
            }
            let queries = (0..<states.count / dimension).map { index in
                ItemTable.Query(
                    state: Array(states[index * dimension..<(index + 1) * dimension]), count: count)
            }
            for faiss in processes { try compareRows(table, queries[0], faiss) }
            try await options.report(
                zip(parallelism.threads, processes).flatMap { threads, faiss in
                    batch.map { size in
                        comparison(table, Array(queries.prefix(size)), threads, faiss)
                    }
                }, notes: { ["faiss finds the same rows."] })
        }
    }

    private func comparison(
        _ table: ItemTable, _ queries: [ItemTable.Query], _ threads: Int, _ faiss: BaselineProcess
    ) -> Comparison {
        let isAlone = queries.count == 1
        return Comparison(
            "Top \(count) of \(items) x \(dimension), \(queries.count) queries, "
                + "\(threads) threads", unit: "ms",
            ours: .milliseconds("llara ItemTable") {
                _ = table.best(for: queries, threads: threads)
            },
            baselines: [
                .milliseconds(
                    "reading the table", statistic: .minimum,
                    target: isAlone ? .ratioAtMost(1.5) : nil
                ) {
                    read(table, threads: threads)
                },
                Contender("faiss \(faiss.versions["faiss-cpu"] ?? "") IndexFlatIP") {
                    try faiss.measure(["count": count, "batch": queries.count])
                },
            ])
    }

    /// Another order of two rows can only come from scores that differ in their last bits.
    private func compareRows(
        _ table: ItemTable, _ query: ItemTable.Query, _ faiss: BaselineProcess
    ) throws {
        let ours = Set(table.best(for: [query])[0].map(\.index))
        let theirs = try faiss.ask(["count": count, "batch": 1])["rows"] as? [Int] ?? []
        guard ours.symmetricDifference(theirs).count <= 2 else {
            throw BenchmarkFailure(description: "faiss finds other rows")
        }
    }
}

/// Adds up every value, which is the least that a scan does.
private func read(_ table: ItemTable, threads: Int) {
    DispatchQueue.concurrentPerform(iterations: threads) { part in
        table.withValues { values in
            let bytes = UnsafeRawBufferPointer(values)
            let pairs = bytes.count / 128
            var first = SIMD16<Float>.zero
            var second = SIMD16<Float>.zero
            for pair in pairs * part / threads..<pairs * (part + 1) / threads {
                first += bytes.loadUnaligned(fromByteOffset: pair * 128, as: SIMD16<Float>.self)
                second += bytes.loadUnaligned(
                    fromByteOffset: pair * 128 + 64, as: SIMD16<Float>.self)
            }
            keep(first + second)
        }
    }
}

/// Keeps the optimiser from removing what leads to `value`.
@inline(never) @_optimize(none)
private func keep(_ value: SIMD16<Float>) {}
