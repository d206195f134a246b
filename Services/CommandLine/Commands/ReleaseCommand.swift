import ArgumentParser
import RPC
import Releases
import ServiceAPI
import Wire

/// `llara release`: what is published, which one answers, and what a release folder holds.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Build, verify, publish, list, activate and roll back releases.",
        discussion: """
            EXAMPLES
              llara release list
              llara release show Deploy/releases/movielens-100k
              llara release verify Deploy/releases/movielens-100k
              llara release publish Deploy/releases/movielens-100k
              llara release activate movielens-100k
              llara release rollback
            """,
        subcommands: [
            List.self, Show.self, Build.self, Verify.self, Publish.self, Activate.self,
            Rollback.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the releases that the gateway's database knows.",
            discussion: """
                A release that is published and not loaded cannot answer yet: llara release \
                publish --help says how to load it.

                EXAMPLES
                  llara release list
                  llara release list --json
                """)

        @OptionGroup var options: GatewayOptions

        func run() async throws {
            try await reporting {
                let (response, loaded) = try await options.withGateway { caller in
                    let client = GatewayClient(caller)
                    return (
                        try await client.listReleases(
                            ListReleasesRequest(), options: options.callOptions),
                        try await client.loadedManifests(options.callOptions)
                    )
                }
                let rendering = ReleaseListRendering(releases: response.releases, loaded: loaded)
                Console.answer(
                    options.json
                        ? rendering.json.text() : rendering.text(in: Console.terminal))
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
                  llara release activate movielens-100k --not-loaded   # every answer degrades
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The release's name; llara release list shows them.") var name: String
        @Option(help: "Who changes, for the history (default: USER).") var author: String?
        @Flag(help: "Also where the gateway has not loaded it.") var notLoaded = false

        func run() async throws {
            try await reporting {
                if !notLoaded { try await requireLoaded() }
                try await options.reportReleaseChange { client, callOptions in
                    try await client.activateRelease(
                        ActivateReleaseRequest(
                            release: name, author: author ?? WriteOptions.defaultAuthor),
                        options: callOptions)
                }
            }
        }

        /// An activated release that is not loaded degrades every answer.
        private func requireLoaded() async throws {
            try await options.withGateway { caller in
                let client = GatewayClient(caller)
                let stored = try await client.listReleases(
                    ListReleasesRequest(), options: options.callOptions
                ).releases.first { $0.name == name }
                let loaded = try await client.loadedManifests(options.callOptions)
                // What is not even published, the gateway refuses by itself.
                guard let stored, !loaded.contains(stored.manifestSHA256) else { return }
                throw CommandError(
                    .badData, "the gateway has not loaded \(name): it would answer from another",
                    advice: "restart encoder, projector, ranker and gateway one by one with "
                        + "--release OLD,NEW, then activate; --not-loaded activates all the same")
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

extension GatewayClient {
    /// SHA-256 of the manifests of the releases that the gateway has loaded.
    fileprivate func loadedManifests(_ options: CallOptions) async throws -> Set<[UInt8]> {
        Set(try await describe(DescribeRequest(), options: options).releases.map(\.manifestSHA256))
    }
}
