import ArgumentParser
import RPC
import ServiceAPI
import Wire

/// `llara inspect`: what a service does at this moment, straight from it.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a service's connections, open calls and slowest calls; or its methods.",
        discussion: """
            Slow calls are the slowest 100 of the last 10 minutes. Calls carry trace ids, which \
            the logs of all services carry too. With tokens in force this needs the scope admin.

            EXAMPLES
              llara inspect
              llara inspect 127.0.0.1:7403 --calls 5
              llara inspect 127.0.0.1:7401 --methods
            """)

    @Argument(help: ServiceAddress.gateway.help) var address: String?
    @Option(help: "Most rows of a table.") var calls = 20
    @Flag(help: "List the methods, and the fields of their messages.") var methods = false
    @OptionGroup var options: AnswerOptions

    func validate() throws {
        guard (1...InspectionRendering.maximumRows).contains(calls) else {
            throw ValidationError("--calls is from 1 to \(InspectionRendering.maximumRows).")
        }
    }

    func run() async throws {
        try await reporting {
            let server = try ServiceAddress.gateway.resolve(address)
            try await options.connection.withConnection(to: server) { caller in
                let client = InspectionClient(caller)
                if methods {
                    let response = try await client.listMethods(
                        ListMethodsRequest(), options: options.callOptions)
                    return Console.answer(
                        options.json
                            ? try CallRendering.json(response).text()
                            : InspectionRendering.text(response))
                }
                let response = try await client.inspect(
                    InspectRequest(), options: options.callOptions)
                Console.answer(
                    options.json
                        ? try CallRendering.json(response).text()
                        : InspectionRendering.text(response, rows: calls, in: Console.terminal))
            }
        }
    }
}
