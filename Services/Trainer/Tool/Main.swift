import ArgumentParser
import ServiceKit

@main
struct LlaraTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-train",
        abstract: "Trains what llara serves.",
        discussion: """
            Training needs libtorch: Deploy/bootstrap --with-torch installs it. Serving does not.

              llara-train sequential --data .prefix/data/movielens-100k --split users \\
                --output releases/recommender
              llara-train hybrid --release releases/recommender \\
                --data .prefix/data/movielens-100k --output releases/hybrid
              llara-train fusion --release releases/hybrid \\
                --data .prefix/data/movielens-100k --llm default --output releases/movielens-100k
            """,
        version: BuildInformation.version,
        subcommands: [SequentialCommand.self, HybridCommand.self, FusionCommand.self])
}
