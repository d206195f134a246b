import ArgumentParser
import BenchmarkReport
import RPC
import ServiceAPI
import Wire

/// A whole Recommend beside its ranking alone: what the rest of the product costs.
struct RecommendBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend", abstract: "Recommend beside its own ranking stage.")

    @OptionGroup var target: GatewayOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await target.withClient { gateway in
            var user = 0
            var tokens: [Int] = []
            var last = RecommendResponse()
            let ours = Contender("Recommend, 10 of 20 candidates") {
                user = user % target.users + 1
                let start = ContinuousClock.now
                last = try await gateway.recommend(
                    RecommendRequest(userID: "\(user)"),
                    options: CallOptions(timeout: .seconds(30)))
                let elapsed = (ContinuousClock.now - start).milliseconds
                guard last.coverage == 1 else {
                    throw BenchmarkFailure(
                        description: "the LLM did not rank: \(last.degradations.map(\.message))")
                }
                tokens.append(last.evaluatedTokenCount)
                return elapsed
            }
            let ranking = Contender("its ranking stage", target: .excessAtMost(15)) {
                last.stages.first { $0.stage == "ranker" }?.milliseconds ?? 0
            }
            try await options.report { _ in
                [Comparison("A recommendation", unit: "ms", ours: ours, baselines: [ranking])]
            }
            let median = Sample(tokens.map(Double.init)).median
            print("Tokens evaluated in a call: median \(Int(median)).")
        }
    }
}
