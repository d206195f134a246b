import Logging
import TestCertificates

@testable import RPC

/// Runs a server on a free loopback port while `body` runs, then drains it.
func withServer<Result: Sendable>(
    _ router: RPCRouter, inspection: ServerInspection? = nil,
    change: (inout RPCServerConfiguration) -> Void = { _ in },
    insight: RPCInsight = .none,
    _ body: @Sendable (RPCServer, RPCAddress) async throws -> Result
) async throws -> Result {
    var configuration = RPCServerConfiguration.defaults(
        address: RPCAddress(host: "127.0.0.1", port: 0))
    configuration.drainTimeout = .seconds(1)
    configuration.lingerTimeout = .milliseconds(200)
    // Long enough for a machine that has other things to do; tests of it set their own.
    configuration.limits.handshakeTimeout = .seconds(50)
    change(&configuration)
    let server = RPCServer(
        router: router, configuration: configuration, logger: quietLogger,
        inspection: inspection, insight: insight)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let result = try await body(server, server.boundAddress())
        server.beginGracefulShutdown()
        try await group.waitForAll()
        return result
    }
}

/// Runs a client of `replicas` while `body` runs.
func withClient<Result: Sendable>(
    of replicas: [RPCAddress], change: (inout RPCClientConfiguration) -> Void = { _ in },
    insight: RPCInsight = .none,
    _ body: @Sendable (RPCClient) async throws -> Result
) async throws -> Result {
    try await withClient(of: .fixed(replicas), change: change, insight: insight, body)
}

/// Runs a client of what a resolver finds while `body` runs.
func withClient<Result: Sendable>(
    of resolver: RPCResolver, change: (inout RPCClientConfiguration) -> Void = { _ in },
    insight: RPCInsight = .none,
    _ body: @Sendable (RPCClient) async throws -> Result
) async throws -> Result {
    var configuration = RPCClientConfiguration.defaults
    configuration.connectWait = .seconds(20)
    configuration.limits.handshakeTimeout = .seconds(50)
    configuration.initialBackoff = .milliseconds(5)
    configuration.maximumBackoff = .milliseconds(20)
    configuration.drainTimeout = .seconds(1)
    change(&configuration)
    let client = RPCClient(
        resolver: resolver, configuration: configuration, logger: quietLogger, insight: insight)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        let result: Result
        do {
            result = try await body(client)
        } catch {
            client.beginGracefulShutdown()
            throw error
        }
        client.beginGracefulShutdown()
        try await group.waitForAll()
        return result
    }
}

/// The ways to reach a router; what holds for one has to hold for the other.
enum Way: String, CaseIterable, Sendable {
    case inProcess, sockets, tls

    /// Hands a caller of `router` to `body`.
    func withCaller<Result: Sendable>(
        of router: RPCRouter, limits: RPCLimits = .defaults,
        _ body: @Sendable (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .inProcess:
            try await body(
                InProcessTransport(router: router, limits: limits, logger: quietLogger))
        case .sockets: try await overSockets(router, limits, body)
        case .tls:
            try await overSockets(
                router, limits,
                server: .tls(CertificateAuthority.server.get(), clientAuthorities: nil),
                client: .tls(
                    authorities: CertificateAuthority.shared.get().certificate, identity: nil,
                    serverName: nil), body)
        }
    }

    private func overSockets<Result: Sendable>(
        _ router: RPCRouter, _ limits: RPCLimits,
        server: ServerSecurity = .plaintext(beyondLoopback: false),
        client: ClientSecurity = .plaintext(beyondLoopback: false),
        _ body: @Sendable (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        try await withServer(
            router,
            change: {
                $0.limits = limits
                $0.security = server
            }
        ) { _, address in
            try await withClient(
                of: [address],
                change: {
                    $0.limits = limits
                    $0.security = client
                }
            ) { client in
                // Connected before the test begins, so that short deadlines are spent on it.
                try await connect(client)
                return try await body(client)
            }
        }
    }
}

/// Waits until the client has a connection.
func connect(_ client: RPCClient) async throws {
    let error = await status {
        _ = try await client.unary(
            RPCMethod(service: "none", name: "none"), RPCMessage(body: []),
            options: CallOptions(timeout: .seconds(30)))
    }
    guard error?.code == .unimplemented else { throw error ?? RPCError(code: .ok, message: "") }
}

/// The status with which `body` fails.
func status(
    of body: () async throws -> Void
) async -> RPCError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}
