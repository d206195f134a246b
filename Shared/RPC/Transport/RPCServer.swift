public import Logging
internal import NIOCore
internal import NIOPosix

/// Serves a router over TCP: one ``run()``, many connections, many calls on each.
public final class RPCServer: Sendable {
    private let router: RPCRouter
    private let configuration: RPCServerConfiguration
    private let logger: Logger
    private let connections: ServerConnections
    private let bound = OneShot<RPCAddress>()
    private let shutdown = OneShot<Void>()

    /// A server that listens once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - inspection: told of the server's connections.
    ///   - insight: told of its calls, and of the number of its connections.
    public init(
        router: RPCRouter, configuration: RPCServerConfiguration, logger: Logger,
        inspection: ServerInspection? = nil, insight: RPCInsight = .process
    ) {
        var router = router
        router.observe(by: insight)
        self.router = router
        self.configuration = configuration
        self.logger = logger
        connections = ServerConnections(limit: configuration.connections)
        inspection?.observe(connections)
    }

    /// Binds and serves; returns once drained after ``beginGracefulShutdown()``.
    ///
    /// Cancelling the task ends the calls in flight with UNAVAILABLE at once. Runs once.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT if a limit is out of range, a certificate cannot
    ///   be used, or nothing protects an address beyond this machine; UNAVAILABLE if the address
    ///   cannot be bound.
    public func run() async throws {
        let listener: any Channel
        let certificates: TLSContextSource?
        do {
            try configuration.validate()
            certificates = try TLSContextSource.server(configuration.security)
            listener = try await bind(certificates)
            let port = listener.localAddress?.port ?? configuration.address.port
            bound.fulfil(.success(RPCAddress(host: configuration.address.host, port: port)))
        } catch {
            bound.fulfil(.failure(error))
            throw error
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [configuration, logger] in
                await certificates?.keepCurrent(every: configuration.certificateInterval, logger)
            }
            // Ends by shutdown or by cancellation; what follows finds out which.
            try? await shutdown.value()
            group.cancelAll()
        }
        try? await listener.close()
        await drain()
    }

    /// The address bound, with the real port; waits until ``run()`` has bound it.
    ///
    /// - Throws: what ``run()`` threw if it could not bind.
    public func boundAddress() async throws -> RPCAddress { try await bound.value() }

    /// Stops accepting, tells the clients, and lets calls in flight finish within the drain
    /// timeout.
    ///
    /// Returns at once; may be called from any thread, also twice.
    public func beginGracefulShutdown() { shutdown.fulfil(.success(())) }

    private func bind(_ certificates: TLSContextSource?) async throws -> any Channel {
        let limits = configuration.limits
        let bootstrap = ServerBootstrap(group: EventLoops.shared)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: limits.waterMark)
            .childChannelInitializer { [router, configuration, connections, logger] channel in
                router.insight?.connectionOpened(until: channel.closeFuture)
                return channel.eventLoop.makeCompletedFuture {
                    if let certificates {
                        try channel.pipeline.syncOperations.addServerTLS(certificates.current)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ServerConnectionHandler(
                            router: router, configuration: configuration,
                            connections: connections, logger: logger))
                }
            }
        let address = configuration.address
        do {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            throw RPCError(
                code: .unavailable,
                message: "cannot listen on \(address); is the port taken or the host not of this "
                    + "machine?", cause: error)
        }
    }

    private func drain() async {
        connections.beginDrain()
        let timeout = Task.isCancelled ? Duration.zero : configuration.drainTimeout
        let timer = EventLoops.shared.next().scheduleTask(in: TimeAmount(timeout)) {
            [connections] in
            connections.endDrain()
        }
        do {
            try await connections.waitUntilEmpty()
        } catch {
            // Cancelled, before or while draining: no patience, but still an end for every call.
            connections.endDrain()
            await Task { [connections] in try? await connections.waitUntilEmpty() }.value
        }
        timer.cancel()
    }
}

extension RPCServerConfiguration {
    /// Checks what can be checked before a server listens.
    ///
    /// - Throws: INVALID_ARGUMENT naming the first setting that cannot be used.
    public func validate() throws(RPCError) {
        try limits.validate()
        try keepalive.validate()
        try age.validate()
        try ConfigurationRange("certificateInterval").check(certificateInterval, .positiveUpToADay)
        if case .plaintext(let beyondLoopback) = security {
            try address.checkPlaintext(beyondLoopback: beyondLoopback)
        }
        guard (0...65_535).contains(address.port), (1...1_000_000).contains(connections),
            drainTimeout >= .zero, lingerTimeout > .zero
        else {
            throw RPCError(
                code: .invalidArgument,
                message: "port, connections or a timeout of the server is out of range")
        }
    }
}

extension RPCLimits {
    /// Above the high mark a channel is not writable, below the low mark it is again.
    var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
        .init(low: max(1, pendingWriteBytes / 2), high: pendingWriteBytes)
    }
}
