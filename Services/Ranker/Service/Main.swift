import ArgumentParser
import ServiceKit

@main
struct Ranker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-ranker",
        abstract: "Scores candidates by the LLM's log-likelihood of their titles.",
        discussion: """
            Every option is also an environment variable: --release is LLARA_RANKER_RELEASE.

              llara-ranker --release releases/movielens-100k --model smollm2-q8_0.gguf
            """,
        version: BuildInformation.version, subcommands: [RankerProbe.self])

    @OptionGroup var service: ServiceArguments
    @Option(
        help: """
            Folders of the releases, FOLDER[,FOLDER…], or the option repeated; the first is the \
            default.
            """)
    var release: [String] = []
    @Option(help: "GGUF file of the LLM that the release names.") var model: String?
    @Option(help: "Compute threads; default: the cores.") var threads: String?

    static func main() async {
        WaitPolicy.becomePassive()
        await main(nil)
    }

    func run() async throws {
        try await ServiceProcess.run(
            service: "ranker", arguments: service,
            options: ["release": release.asSetting, "model": model, "threads": threads],
            defaults: RankerConfiguration.defaults
        ) { settings, logger in
            try await RankerApp(configuration: RankerConfiguration(settings), logger: logger).parts
        }
    }
}
