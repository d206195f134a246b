import ArgumentParser
import BenchmarkReport
import Logging
import RPC
import ServiceAPI
import Wire

/// Which gateway is asked, and for whom.
struct GatewayOptions: ParsableArguments {
    @Option(help: "Address of the gateway, as `Deploy/demo --keep` starts one.")
    var gateway = "127.0.0.1:7400"
    @Option(help: "Users 1 to N are asked for in turns, so that no prompt is cached.")
    var users = 900

    func validate() throws {
        guard users > 0 else { throw ValidationError("--users must be at least 1") }
    }

    /// Runs `body` with a client of the gateway.
    func withClient(_ body: (GatewayClient) async throws -> Void) async throws {
        let client = RPCClient(
            replicas: [try RPCAddress(parsing: gateway)],
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            try await body(GatewayClient(client))
        }
    }
}
