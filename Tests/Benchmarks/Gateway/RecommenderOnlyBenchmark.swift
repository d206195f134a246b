import ArgumentParser
import BenchmarkReport
import RPC
import ServiceAPI
import Synchronization
import Wire

/// Recommendations without the LLM: the deadline leaves no time to begin a ranking.
struct RecommenderOnlyBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommender-only",
        abstract: "Calls a second and latencies in the recommender's order.")

    /// Under the 50 ms that a ranking needs to begin, with the reserve for the answer.
    private static let deadline = Duration.milliseconds(58)

    @OptionGroup var target: GatewayOptions
    @OptionGroup var options: MeasuringOptions
    @Option(help: "Calls at a time.") var concurrency = 4
    @Option(help: "Calls of one measurement.") var calls = 2_000

    func run() async throws {
        try await target.withClient { gateway in
            let latencies = Mutex<[Double]>([])
            let failures = Atomic(0)
            let rate = Contender("llara") {
                let start = ContinuousClock.now
                await withTaskGroup(of: Void.self) { group in
                    for caller in 0..<concurrency {
                        group.addTask {
                            for call in stride(from: caller, to: calls, by: concurrency) {
                                let begin = ContinuousClock.now
                                let answer = try? await gateway.recommend(
                                    RecommendRequest(userID: "\(call % target.users + 1)"),
                                    options: CallOptions(timeout: Self.deadline))
                                if answer?.provenance?.rankedBy == "srs" {
                                    let elapsed = (ContinuousClock.now - begin).milliseconds
                                    latencies.withLock { $0.append(elapsed) }
                                } else {
                                    failures.add(1, ordering: .relaxed)
                                }
                            }
                        }
                    }
                }
                return Double(calls) / ((ContinuousClock.now - start) / .seconds(1))
            }
            try await options.report { _ in
                [
                    Comparison(
                        "Recommendations in the recommender's order, \(concurrency) at a time",
                        unit: "calls/s", ours: rate)
                ]
            }
            let sample = Sample(latencies.withLock { $0.isEmpty ? [0] : $0 })
            print(
                "Latency: p50 \(sample.percentile(50)) ms, p99 \(sample.percentile(99)) ms; "
                    + "\(failures.load(ordering: .relaxed)) calls failed.")
        }
    }
}
