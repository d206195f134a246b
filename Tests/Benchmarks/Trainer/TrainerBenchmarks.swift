import ArgumentParser

/// What training does.
struct TrainerBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainer", abstract: "A step of training the LLM's adapter.",
        subcommands: [StepBenchmark.self])
}
