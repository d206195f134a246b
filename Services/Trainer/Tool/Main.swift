import ArgumentParser
import ServiceKit

@main
struct LlaraTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-train",
        abstract: "Trains what llara serves.",
        discussion: """
            Training needs libtorch: Deploy/bootstrap --with-torch installs it. Serving does not.

              llara-train sequential --data .prefix/data/movielens-100k --split users \\
                --output releases/recommender
              llara-train hybrid --release releases/recommender \\
                --data .prefix/data/movielens-100k --output releases/hybrid
            """,
        version: BuildInformation.version,
        subcommands: [SequentialCommand.self, HybridCommand.self])
}
