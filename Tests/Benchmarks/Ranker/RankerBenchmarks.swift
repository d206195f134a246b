import ArgumentParser

/// What the ranker's engine does.
struct RankerBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ranker", abstract: "Scoring of candidates by the LLM.",
        subcommands: [RankBenchmark.self, CancelBenchmark.self])
}
