import ArgumentParser
import Foundation

/// Measures llara beside what it is held against.
@main
struct Benchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measures llara beside what it is held against, in one run.",
        discussion: """
            Each figure stands beside baselines that run in turns with it: ours, baseline, ours, …
            Exits with 1 where a target is missed. Run Tests/Benchmarks/Baselines/install once before.
            """,
        subcommands: [
            EncoderBenchmarks.self, ProjectorBenchmarks.self, GatewayBenchmarks.self,
            RankerBenchmarks.self, StorageBenchmarks.self, TrainerBenchmarks.self,
            RPCBenchmarks.self,
        ])

    static func main() async {
        // A baseline that dies makes a write fail, which says more than a signal.
        signal(SIGPIPE, SIG_IGN)
        await main(nil)
    }
}
