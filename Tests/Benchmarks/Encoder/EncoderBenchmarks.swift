import ArgumentParser

/// What the encoder does.
struct EncoderBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder", abstract: "Retrieval from a large item table.",
        subcommands: [TopKBenchmark.self])
}
