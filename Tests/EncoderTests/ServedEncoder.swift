import Logging
import RPC
import ServiceAPI

@testable import llara_encoder

/// Serves a release on a free loopback port while `body` calls it.
func served(
    _ fixture: RandomEncoderRelease, _ body: (EncoderClient) async throws -> Void
) async throws {
    let logger = Logger(label: "encoder-tests") { _ in SwiftLogNoOpLogHandler() }
    var router = RPCRouter()
    router.register(encoder: try EncoderService(releases: [fixture.release]))
    let server = RPCServer(
        router: router,
        configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
        logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let client = RPCClient(replicas: [try await server.boundAddress()], logger: logger)
        group.addTask { try await client.run() }
        try await body(EncoderClient(client))
        client.beginGracefulShutdown()
        server.beginGracefulShutdown()
        try await group.waitForAll()
    }
}
