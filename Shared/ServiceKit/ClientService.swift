public import RPC
public import ServiceLifecycle

/// Runs an RPC client's connections for as long as the process serves.
public struct ClientService: Service {
    private let client: RPCClient

    /// Wraps a client.
    public init(client: RPCClient) {
        self.client = client
    }

    /// Runs until the group shuts down.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await client.run()
        } onGracefulShutdown: {
            client.beginGracefulShutdown()
        }
    }
}
