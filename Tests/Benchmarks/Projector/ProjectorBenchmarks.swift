import ArgumentParser

/// What the projector does.
struct ProjectorBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projector", abstract: "Projection of item rows.",
        subcommands: [ProjectBenchmark.self])
}
