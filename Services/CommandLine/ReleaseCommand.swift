import ArgumentParser
import Releases
import ServiceAPI
import Wire

/// `llara release`: what is published, and what a release folder holds.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "List published releases, verify a release folder.",
        discussion: """
            EXAMPLES
              llara release list
              llara release show Deploy/releases/movielens-100k
            """,
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the releases that the gateway's database knows.")

        @OptionGroup var options: GatewayOptions

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).listReleases(
                        ListReleasesRequest(), options: options.callOptions)
                }
                let json = ReleaseRendering.json(response).text()
                Console.answer(options.json ? json : ReleaseRendering.text(response))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify every file of a release folder and show its manifest.")

        @Argument(help: "The folder that holds manifest.json.") var directory: String
        @Flag(help: "Print one JSON object and nothing else on standard output.")
        var json = false

        func run() async throws {
            try await reporting {
                let release = try Release(directory: directory)
                let text = ReleaseRendering.text(release)
                Console.answer(json ? ReleaseRendering.json(release).text() : text)
            }
        }
    }
}
