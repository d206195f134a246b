import ArgumentParser
import BenchmarkReport
import Llama
import RankerCore

/// How long the engine works on for a request that was cancelled.
struct CancelBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Time from a cancel until the engine is free for the next request.")

    @Option(help: "Compute threads; several are measured one by one.")
    var threads: [Int] = [2]
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        let workload = try RankerWorkload()
        var comparisons: [Comparison] = []
        for threads in threads {
            let engine = try await workload.engine(
                EngineOptions(threads: threads, keptPrompts: 0))
            comparisons.append(
                Comparison(
                    "A request cancelled while its prompt is read, \(threads) threads",
                    unit: "ms",
                    ours: Contender("until an empty engine answers") {
                        try await cancelled(workload, engine)
                    },
                    baselines: [
                        // A request of one token, on an engine that was idle before.
                        Contender("that answer alone", target: .excessAtMost(50)) {
                            try await answer(engine)
                        }
                    ]))
        }
        try await options.report(comparisons)
    }

    private func cancelled(
        _ workload: RankerWorkload, _ engine: LlamaEngine
    ) async throws -> Double {
        let (prompt, candidates) = (workload.prompt(user: 1), workload.candidates(user: 1))
        let running = Task { try await engine.score(prompt: prompt, candidates: candidates) }
        while engine.statistics.runningRequests == 0 { await Task.yield() }
        try await Task.sleep(for: .milliseconds(100))
        running.cancel()
        _ = try? await running.value
        return try await answer(engine)
    }

    private func answer(_ engine: LlamaEngine) async throws -> Double {
        let start = ContinuousClock.now
        _ = try await engine.score(
            prompt: RankPrompt(segments: [.text("a")]), candidates: ["\n"])
        return (ContinuousClock.now - start).milliseconds
    }
}
