import ArgumentParser
import Logging
import RPC
import ServiceAPI

/// What the gateway does, as processes over loopback.
struct GatewayBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Recommendations by running services.",
        discussion: "Deploy/demo --keep starts them and prints the addresses to give here.",
        subcommands: [RecommendBenchmark.self, FallbackBenchmark.self])
}

/// Connects to a gateway for the time of `body`.
func withGateway<Result>(
    _ address: String, _ body: (GatewayClient) async throws -> Result
) async throws -> Result {
    let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    let client = RPCClient(replicas: [try RPCAddress(parsing: address)], logger: silent)
    let running = Task { try await client.run() }
    defer {
        client.beginGracefulShutdown()
        running.cancel()
    }
    return try await body(GatewayClient(client))
}
