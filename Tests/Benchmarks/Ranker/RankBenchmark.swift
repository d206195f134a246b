import ArgumentParser
import BenchmarkReport
import Foundation
import Llama
import RankerCore

/// Twenty candidates in one trie, several requests at once, and a kept prompt, each beside doing
/// without.
struct RankBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rank",
        abstract: "Tries, shared batches and kept prompts beside doing without each of them.")

    @Option(help: "Requests in flight where several are.")
    var inFlight = 4
    @Option(help: "Compute threads; several are measured one by one.")
    var threads: [Int] = [2]
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        let workload = try RankerWorkload()
        var comparisons: [Comparison] = []
        var notes: [String] = []
        for threads in threads {
            let bare = try await workload.engine(
                EngineOptions(threads: threads, keptPrompts: 0))
            let keeping = try await workload.engine(EngineOptions(threads: threads))
            let tokens = try await tokenRatio(workload, bare)
            notes.append(
                "20 candidates one at a time evaluate \(tokens.alone) tokens, in a trie "
                    + "\(tokens.trie): \(tokens.ratio.formatted()) times as many.")
            comparisons += [
                trie(workload, bare, tokens.ratio, threads),
                concurrency(workload, bare, threads), reuse(workload, keeping, threads),
            ]
        }
        let said = notes
        try await options.report(comparisons) { said }
    }

    private func tokenRatio(
        _ workload: RankerWorkload, _ engine: LlamaEngine
    ) async throws -> (alone: Int, trie: Int, ratio: Double) {
        let (prompt, candidates) = (workload.prompt(user: 1), workload.candidates(user: 1))
        let trie = try await engine.score(prompt: prompt, candidates: candidates)
        var alone = 0
        for candidate in candidates {
            alone += try await engine.score(prompt: prompt, candidates: [candidate])
                .evaluatedTokenCount
        }
        return (
            alone, trie.evaluatedTokenCount, Double(alone) / Double(trie.evaluatedTokenCount)
        )
    }

    private func trie(
        _ workload: RankerWorkload, _ engine: LlamaEngine, _ ratio: Double, _ threads: Int
    ) -> Comparison {
        let (prompt, candidates) = (workload.prompt(user: 1), workload.candidates(user: 1))
        return Comparison(
            "20 candidates after a hybrid prompt, \(threads) threads", unit: "ms",
            ours: .milliseconds("one trie") {
                _ = try await engine.score(prompt: prompt, candidates: candidates)
            },
            baselines: [
                // The speed-up shall be 0.8 of the ratio of tokens or more.
                .milliseconds("one at a time", target: .ratioAtMost(1 / (0.8 * ratio))) {
                    for candidate in candidates {
                        _ = try await engine.score(prompt: prompt, candidates: [candidate])
                    }
                }
            ])
    }

    private func concurrency(
        _ workload: RankerWorkload, _ engine: LlamaEngine, _ threads: Int
    ) -> Comparison {
        let users = (0..<UInt64(inFlight)).map {
            (workload.prompt(user: $0), workload.candidates(user: $0))
        }
        return Comparison(
            "\(inFlight) requests of different users, \(threads) threads", unit: "ms",
            ours: .milliseconds("in flight together") {
                try await withThrowingTaskGroup { group in
                    for (prompt, candidates) in users {
                        group.addTask {
                            _ = try await engine.score(prompt: prompt, candidates: candidates)
                        }
                    }
                    try await group.waitForAll()
                }
            },
            baselines: [
                .milliseconds("one after another") {
                    for (prompt, candidates) in users {
                        _ = try await engine.score(prompt: prompt, candidates: candidates)
                    }
                }
            ])
    }

    private func reuse(
        _ workload: RankerWorkload, _ engine: LlamaEngine, _ threads: Int
    ) -> Comparison {
        var user: UInt64 = 100
        return Comparison(
            "The same user again with other candidates, \(threads) threads", unit: "ms",
            ours: Contender("prompt kept") {
                let prompt = workload.prompt(user: user)
                _ = try await engine.score(
                    prompt: prompt, candidates: workload.candidates(user: user))
                let start = ContinuousClock.now
                _ = try await engine.score(
                    prompt: prompt, candidates: workload.candidates(user: user + 1))
                return (ContinuousClock.now - start).milliseconds
            },
            baselines: [
                Contender("prompt new") {
                    user += 1
                    let start = ContinuousClock.now
                    _ = try await engine.score(
                        prompt: workload.prompt(user: user),
                        candidates: workload.candidates(user: user + 1))
                    return (ContinuousClock.now - start).milliseconds
                }
            ])
    }
}
