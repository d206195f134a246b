import ArgumentParser
import RPC

/// How long to wait for an answer, and its form.
struct AnswerOptions: ParsableArguments {
    static let defaultTimeout = Duration.seconds(10)

    @Option(help: "Longest wait for an answer, such as 500ms, 2s or 1m (default: 10s).")
    var timeout: TimeArgument?
    @Flag(help: "Print one JSON object and nothing else on standard output.")
    var json = false
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    var callOptions: CallOptions {
        CallOptions(timeout: timeout?.duration ?? Self.defaultTimeout)
    }
}

/// A service's address: an option, else an environment variable, else the service's own port.
struct ServiceAddress: Sendable {
    static let gateway = ServiceAddress(name: "gateway", port: 7400)
    static let encoder = ServiceAddress(name: "encoder", port: 7401)
    static let projector = ServiceAddress(name: "projector", port: 7402)
    static let ranker = ServiceAddress(name: "ranker", port: 7403)
    /// Every service, the gateway first.
    static let all = [gateway, encoder, projector, ranker]

    let name: String
    let port: Int

    /// `LLARA_GATEWAY`.
    var variable: String { "LLARA_\(name.uppercased())" }

    var fallback: String { "127.0.0.1:\(port)" }

    var help: ArgumentHelp { "The \(name), HOST:PORT (default: \(variable), else \(fallback))." }

    /// The addresses of the environment, separated by commas; nil where nobody set them.
    func fromEnvironment() throws -> [RPCAddress]? {
        try Console.environment(variable).map { text in
            try text.split(separator: ",").map { try RPCAddress(parsing: String($0)) }
        }
    }

    /// The address that was given, else the environment's first, else the default.
    func resolve(_ given: String?) throws -> RPCAddress {
        if let given { return try RPCAddress(parsing: given) }
        return try fromEnvironment()?.first ?? RPCAddress(parsing: fallback)
    }
}

/// Where the gateway is, how long to wait, and in which form to answer.
struct GatewayOptions: ParsableArguments {
    @Option(help: ServiceAddress.gateway.help) var gateway: String?
    @OptionGroup var answer: AnswerOptions

    var json: Bool { answer.json }
    var callOptions: CallOptions { answer.callOptions }

    func address() throws -> RPCAddress { try ServiceAddress.gateway.resolve(gateway) }

    /// Connects to the gateway for the time of `body`.
    func withGateway<Result: Sendable>(
        _ body: (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        try await answer.connection.withConnection(to: try address(), body)
    }
}

/// Where the ranker is, and what every request to it says.
struct RankerOptions: ParsableArguments {
    @Option(help: ServiceAddress.ranker.help) var ranker: String?
    @Option(help: "A release, NAME or NAME@IDENTITY (default: the ranker's first).") var release =
        ""
    @Option(help: "A LoRA adapter of the release (default: the release's own, if any).")
    var adapter = ""
    @OptionGroup var answer: AnswerOptions

    func withRanker<Result: Sendable>(
        _ body: (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        try await answer.connection.withConnection(
            to: try ServiceAddress.ranker.resolve(ranker), body)
    }
}
