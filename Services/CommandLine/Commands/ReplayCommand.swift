import ArgumentParser
import RPC
import Wire

/// `llara replay`: calls that a service has recorded, made again.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make the calls again that a service has recorded (--record-file).",
        discussion: """
            At the pace of the record, faster or slower by --speed, or as fast as it goes with \
            --in-flight. Writes are made again, too: point it at a service of a test. Exit status \
            1 where a call ended with another status than the one recorded.

            EXAMPLES
              llara-gateway … --record-file calls.llara --record-share 0.1
              llara replay calls.llara --address 127.0.0.1:7400
              llara replay calls.llara --in-flight 16 --json
            """)

    @Argument(help: "The record.") var file: String
    @Option(help: "Factor on the record's pace, 0.001 to 1000.") var speed = 1.0
    @Option(help: "Calls at a time, each as soon as one before has ended; instead of the pace.")
    var inFlight: Int?
    @Option(help: ServiceAddress.gateway.help) var address: String?
    @OptionGroup var options: AnswerOptions

    func run() async throws {
        try await reporting {
            let records = try CallRecords(readingFile: file)
            if let warning = records.warning { Console.notice("llara: \(warning)\n") }
            var configuration = ReplayConfiguration.defaults
            configuration.pace = inFlight.map { .inFlight($0) } ?? .original(speed: speed)
            configuration.timeout = options.callOptions.timeout
            let replay = configuration
            let server = try ServiceAddress.gateway.resolve(address)
            let report = try await options.connection.withConnection(to: server) { caller in
                try await CallReplay(on: caller, configuration: replay).run(records.calls)
            }
            Console.answer(
                options.json
                    ? ReplayRendering.json(report).text()
                    : ReplayRendering.text(report, in: Console.terminal))
            if report.changed > 0 { throw ExitCode(1) }
        }
    }
}
