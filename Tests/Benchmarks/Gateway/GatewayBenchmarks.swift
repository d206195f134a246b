import ArgumentParser

/// Measurements through a running gateway.
struct GatewayBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Recommendations of a gateway that runs.",
        subcommands: [RecommendBenchmark.self, RecommenderOnlyBenchmark.self])
}
