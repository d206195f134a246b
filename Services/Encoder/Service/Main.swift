import ArgumentParser
import ServiceKit

@main
struct Encoder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-encoder",
        abstract: "Serves the sequential recommender: user states, candidates, item rows.",
        discussion: """
            Every option is also an environment variable: --release is LLARA_ENCODER_RELEASE.

              llara-encoder --release releases/movielens-100k --listen 0.0.0.0:7401 \\
                --tls-certificate encoder.pem --tls-key encoder.key --tls-client-authorities ca.pem
            """,
        version: BuildInformation.version, subcommands: [EncoderProbe.self])

    @OptionGroup var service: ServiceArguments
    @Option(
        help: """
            Folders of the releases, FOLDER[,FOLDER…], or the option repeated; the first is the \
            default.
            """)
    var release: [String] = []
    @Option(help: "Compute threads.") var threads: String?
    @Option(help: "Computations of a release that wait; more are refused.")
    var maximumWaiting: String?

    static func main() async {
        WaitPolicy.becomePassive()
        await main(nil)
    }

    func run() async throws {
        try await ServiceProcess.run(
            service: "encoder", arguments: service,
            options: [
                "release": release.asSetting, "threads": threads,
                "maximum-waiting": maximumWaiting,
            ],
            defaults: EncoderConfiguration.defaults
        ) { settings, logger in
            try await EncoderApp(configuration: EncoderConfiguration(settings), logger: logger)
                .parts
        }
    }
}
