import ArgumentParser
import RPC
import Releases
import ServiceAPI
import Wire

/// `llara release`: what is published, which one answers, and what a release folder holds.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "List, verify, activate and roll back releases.",
        discussion: """
            EXAMPLES
              llara release list
              llara release show Deploy/releases/movielens-100k
              llara release activate movielens-100k
              llara release rollback
            """,
        subcommands: [List.self, Show.self, Activate.self, Rollback.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the releases that the gateway's database knows.",
            discussion: """
                EXAMPLES
                  llara release list
                  llara release list --json
                """)

        @OptionGroup var options: GatewayOptions

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).listReleases(
                        ListReleasesRequest(), options: options.callOptions)
                }
                Console.answer(
                    options.json
                        ? ReleaseRendering.json(response).text()
                        : ReleaseRendering.text(response, in: Console.terminal))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify every file of a release folder and show its manifest.",
            discussion: """
                EXAMPLE
                  llara release show Deploy/releases/movielens-100k
                """)

        @Argument(help: "The folder that holds manifest.json.", completion: .directory)
        var directory: String
        @Flag(help: "Print one JSON object and nothing else on standard output.")
        var json = false

        func run() async throws {
            try await reporting {
                let release = try Release(directory: directory)
                Console.answer(
                    json
                        ? ReleaseRendering.json(release).text()
                        : ReleaseRendering.text(release, in: Console.terminal))
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a published release the one that answers, from the next request on.",
            discussion: """
                EXAMPLE
                  llara release activate movielens-100k
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The release's name; llara release list shows them.") var name: String
        @Option(help: "Who changes, for the history (default: USER).") var author: String?

        func run() async throws {
            try await reporting {
                try await options.reportReleaseChange { client, callOptions in
                    try await client.activateRelease(
                        ActivateReleaseRequest(
                            release: name, author: author ?? WriteOptions.defaultAuthor),
                        options: callOptions)
                }
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the release that was active before.",
            discussion: """
                EXAMPLE
                  llara release rollback
                """)

        @OptionGroup var options: GatewayOptions
        @Option(help: "Who changes, for the history (default: USER).") var author: String?

        func run() async throws {
            try await reporting {
                try await options.reportReleaseChange { client, callOptions in
                    try await client.rollbackRelease(
                        RollbackReleaseRequest(author: author ?? WriteOptions.defaultAuthor),
                        options: callOptions)
                }
            }
        }
    }
}

extension GatewayOptions {
    fileprivate func reportReleaseChange(
        _ body: (GatewayClient, CallOptions) async throws -> ReleaseChangeResponse
    ) async throws {
        let response = try await withGateway { try await body(GatewayClient($0), callOptions) }
        Console.answer(
            json ? ReleaseRendering.json(response).text() : ReleaseRendering.text(response))
    }
}
