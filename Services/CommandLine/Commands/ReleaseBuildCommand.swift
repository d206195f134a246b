import ArgumentParser
import Domain
import FoundationEssentials
import Releases
import Storage
import Wire

extension ReleaseCommand {
    /// `llara release build`: parts into a folder.
    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Assemble a release folder from parts, with manifest and hashes.",
            discussion: """
                The folder appears complete or not at all. Sizes and roles are read from the \
                parts; a projector that is named and has the role user puts the user's state into the \
                prompts; the adapter becomes the default one. What is not named comes from --from, if given.

                EXAMPLES
                  llara release build --encoder encoder.gguf --vocabulary vocabulary.tsv \\
                    --llm SmolLM2-135M-Instruct-Q8_0.gguf --output releases/films
                  llara release build --from releases/films --projector projector.gguf \\
                    --adapter adapter.gguf --llm SmolLM2-135M-Instruct-Q8_0.gguf \\
                    --output releases/films-hybrid
                  llara release build --from releases/films-hybrid --llm-weight 0.4 \\
                    --output releases/films-hybrid-2
                """)

        @Option(help: "GGUF file of the encoder.", completion: .file()) var encoder: String?
        @Option(help: "The encoder's item vocabulary.", completion: .file())
        var vocabulary: String?
        @Option(help: "GGUF file of the projector.", completion: .file()) var projector: String?
        @Option(help: "GGUF file of a LoRA adapter of the LLM; needs --llm.", completion: .file())
        var adapter: String?
        @Option(help: "GGUF file of the LLM; hashed, not copied.", completion: .file())
        var llm: String?
        @Option(help: "A release folder that gives what is not named.", completion: .directory)
        var from: String?
        @Option(help: "The release's name (default: the folder's).") var name: String?
        @Option(
            help: """
                text, behavioural, hybrid or index (default: that of --from unless --projector is \
                named, else hybrid with a projector, text without).
                """)
        var representation: Representation?
        @Option(help: "movie, game, artist or item (default: that of --from, else movie).")
        var domain: String?
        @Option(help: "Weight of the LLM's score (default: that of --from, else 0.1).")
        var llmWeight: Double?
        @Option(help: "Weight of the encoder's score (default: that of --from, else 1).")
        var srsWeight: Double?
        @Option(help: "The folder to write; it must not exist.") var output: String
        @Flag(help: "Print one JSON object and nothing else on standard output.") var json = false

        func run() async throws {
            try await reporting {
                let folder = output.split(separator: "/").last.map(String.init) ?? output
                let release = try ReleaseAssembly(
                    encoder: encoder, vocabulary: vocabulary, projector: projector,
                    adapter: adapter, llm: llm, base: try from.map(Release.init(directory:)),
                    name: name ?? folder, representation: representation, domain: domain,
                    llmWeight: llmWeight, srsWeight: srsWeight,
                    created: Date().formatted(.iso8601)
                ).write(to: output)
                Console.answer(
                    json
                        ? ReleaseRendering.json(release).text()
                        : ReleaseRendering.text(release, in: Console.terminal))
                Console.notice(
                    "Next: llara release verify \(output) --llm FILE, then llara release publish "
                        + "\(output)\n")
            }
        }
    }

    /// `llara release verify`: every check, and exit status 65 on a fault.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a release folder: hashes, every part by its engine, the LLM's file.",
            discussion: """
                Exit status 0 when no check found a fault, 65 otherwise. Encoder and projector \
                are loaded and asked once; the LLM and its adapters are compared by hash, names \
                and shapes, which takes a second for every few hundred megabytes.

                EXAMPLES
                  llara release verify releases/films
                  llara release verify releases/films-hybrid \\
                    --llm SmolLM2-135M-Instruct-Q8_0.gguf --json
                """)

        @Argument(help: "The folder that holds manifest.json.", completion: .directory)
        var directory: String
        @Option(help: "GGUF file of the LLM that the ranker serves.", completion: .file())
        var llm: String?
        @Flag(help: "Print one JSON object and nothing else on standard output.") var json = false

        func run() async throws {
            try await reporting {
                let verification = ReleaseVerification(directory: directory, llm: llm)
                Console.answer(
                    json ? verification.json.text() : verification.text(in: Console.terminal))
                if let fault = verification.fault {
                    throw CommandError(
                        .badData, "\(fault.name): \(fault.detail)", advice: fault.advice)
                }
            }
        }
    }

    /// `llara release publish`: known to the database, not yet answering.
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a release folder known to the database, so that it can be activated.",
            discussion: """
                Nothing changes for requests. To serve it, restart encoder, projector, ranker and \
                gateway one after the other with --release OLD,NEW, which load both; then \
                llara release activate NAME, and llara release rollback if it disappoints. \
                llara release list shows whether the gateway has loaded it. A gateway publishes \
                what it loads by itself; publishing beforehand reserves the name and keeps the \
                manifest. Publishing the same folder again changes nothing.

                EXAMPLE
                  llara release publish releases/films --database postgresql:///llara
                """)

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "The folder that holds manifest.json.", completion: .directory)
        var directory: String

        func run() async throws {
            try await reporting {
                let verification = ReleaseVerification(directory: directory, llm: nil)
                if let fault = verification.fault {
                    throw CommandError(
                        .badData, "\(fault.name): \(fault.detail)", advice: fault.advice)
                }
                guard let release = verification.release else { return }
                try await database.withStore { store in
                    try await store.migrate(deadline: nil)
                    try await store.publish(
                        name: release.manifest.name, manifestSHA256: release.manifestSHA256,
                        manifestJSON: release.manifestJSON, deadline: nil)
                }
                Console.answer(
                    database.json
                        ? ReleaseRendering.publishedJSON(release).text()
                        : ReleaseRendering.publishedText(release))
            }
        }
    }
}
