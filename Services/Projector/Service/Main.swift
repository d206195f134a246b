import ArgumentParser
import ServiceKit

@main
struct Projector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-projector",
        abstract: "Projects item rows into the LLM's input space: behavioural tokens.",
        discussion: """
            Every option is also an environment variable: --release is LLARA_PROJECTOR_RELEASE.

              llara-projector --release releases/movielens-100k --listen 0.0.0.0:7402 \\
                --tls-certificate projector.pem --tls-key projector.key --tls-client-authorities ca.pem
            """,
        version: BuildInformation.version, subcommands: [ProjectorProbe.self])

    @OptionGroup var service: ServiceArguments
    @Option(
        help: """
            Folders of the releases, FOLDER[,FOLDER…], or the option repeated; the first is the \
            default.
            """)
    var release: [String] = []
    @Option(help: "Compute threads.") var threads: String?

    static func main() async {
        WaitPolicy.becomePassive()
        await main(nil)
    }

    func run() async throws {
        try await ServiceProcess.run(
            service: "projector", arguments: service,
            options: ["release": release.asSetting, "threads": threads],
            defaults: ProjectorConfiguration.defaults
        ) { settings, logger in
            try await ProjectorApp(configuration: ProjectorConfiguration(settings), logger: logger)
                .parts
        }
    }
}
