import ArgumentParser
import Logging
import RPC

/// Where the gateway is, how long to wait, and in which form to answer.
struct GatewayOptions: ParsableArguments {
    static let defaultAddress = "127.0.0.1:7400"
    static let defaultTimeout = Duration.seconds(10)

    @Option(help: "The gateway, HOST:PORT (default: LLARA_GATEWAY, else \(defaultAddress)).")
    var gateway: String?
    @Option(help: "Longest wait for an answer, such as 500ms, 2s or 1m (default: 10s).")
    var timeout: TimeArgument?
    @Flag(help: "Print one JSON object and nothing else on standard output.")
    var json = false

    var callOptions: CallOptions {
        CallOptions(timeout: timeout?.duration ?? Self.defaultTimeout)
    }

    func address() throws -> RPCAddress {
        try RPCAddress(
            parsing: gateway ?? Console.environment("LLARA_GATEWAY") ?? Self.defaultAddress)
    }

    /// Connects to the gateway for the time of `body`.
    func withGateway<Result: Sendable>(
        _ body: (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        try await withConnection(to: try address(), body)
    }
}

/// Connects to one address for the time of `body`.
func withConnection<Result: Sendable>(
    to address: RPCAddress, _ body: (any RPCCaller) async throws -> Result
) async throws -> Result {
    // Errors reach the person through the command's own message.
    let silent = Logger(label: "llara") { _ in SwiftLogNoOpLogHandler() }
    let client = RPCClient(replicas: [address], logger: silent)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        do {
            let result = try await body(client)
            client.beginGracefulShutdown()
            try await group.waitForAll()
            return result
        } catch {
            client.beginGracefulShutdown()
            group.cancelAll()
            throw error
        }
    }
}
