public import Logging
internal import NIOCore

/// Calls a service on a static list of replicas over TCP, each in turn.
///
/// Calls may be made from any task, also before ``run()``: they wait for a connection up to
/// ``RPCClientConfiguration/connectWait``. A call that no server has seen is tried again on another
/// replica; one that was under way when its connection broke fails with UNAVAILABLE.
public final class RPCClient: RPCCaller {
    private let replicas: [RPCAddress]
    private let configuration: RPCClientConfiguration
    private let logger: Logger
    private let pool: ReplicaPool
    private let random: @Sendable () -> Double
    private let shutdown = OneShot<Void>()

    /// A client of `replicas`, connected while ``run()`` runs.
    public convenience init(
        replicas: [RPCAddress], configuration: RPCClientConfiguration = .defaults, logger: Logger
    ) {
        self.init(
            replicas: replicas, configuration: configuration, logger: logger,
            random: { Double.random(in: 0..<1) })
    }

    /// With `random`, uniform in 0..<1, for the jitter of pauses.
    init(
        replicas: [RPCAddress], configuration: RPCClientConfiguration, logger: Logger,
        random: @escaping @Sendable () -> Double
    ) {
        self.replicas = replicas
        self.configuration = configuration
        self.logger = logger
        self.random = random
        pool = ReplicaPool(replicas, configuration: configuration)
    }

    /// Keeps connections; returns after ``beginGracefulShutdown()`` when the calls in flight have
    /// ended, or when the task is cancelled.
    ///
    /// Runs once.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT if a limit is out of range.
    public func run() async throws {
        try configuration.validate()
        await withTaskGroup(of: Void.self) { group in
            for (index, address) in replicas.enumerated() {
                let connector = ReplicaConnector(
                    index: index, address: address, configuration: configuration, pool: pool,
                    logger: logger, random: random)
                group.addTask { await connector.run() }
            }
            try? await shutdown.value()
            group.cancelAll()
        }
        await drain()
    }

    /// Refuses new calls and lets those in flight finish.
    ///
    /// Returns at once.
    public func beginGracefulShutdown() { shutdown.fulfil(.success(())) }

    private func drain() async {
        let open = pool.shutDown()
        for connection in open { connection.beginDrain() }
        let timeout = Task.isCancelled ? Duration.zero : configuration.drainTimeout
        let timer = EventLoops.shared.next().scheduleTask(in: TimeAmount(timeout)) {
            for connection in open { connection.close() }
        }
        defer { timer.cancel() }
        for connection in open {
            do {
                try await connection.signals.closed.value()
            } catch {
                for connection in open { connection.close() }
            }
        }
    }

    /// Makes a call on a replica.
    ///
    /// - Throws: ``RPCError`` if the call cannot be started, and what `body` throws.
    public func call<Result: Sendable>(
        _ method: RPCMethod, _ request: RPCMessage?, options: CallOptions,
        _ body: @Sendable (RPCCall) async throws -> Result
    ) async throws -> Result {
        let limits = configuration.limits
        // What this side does not allow fails here, connected or not.
        let outgoing = try OutgoingCall(method, options: options, limits: limits)
        try request?.check(
            "request", limits: limits, peerMessageBytes: .max, peerAttachments: .max)
        let call = ClientCall(
            outgoing, request: request, pool: pool, configuration: configuration)
        defer { call.leave() }
        try await call.start()
        return try await body(RPCCall(call))
    }
}

extension RPCClientConfiguration {
    func validate() throws(RPCError) {
        try limits.validate()
        try keepalive.validate()
        try age.validate()
        guard connectTimeout > .zero, connectWait >= .zero, initialBackoff > .zero,
            maximumBackoff >= initialBackoff, backoffMultiplier >= 1,
            (0..<1).contains(backoffJitter), (0...100).contains(transparentRetries),
            drainTimeout >= .zero
        else {
            throw RPCError(
                code: .invalidArgument,
                message: "a timeout, backoff or retry setting of the client is out of range")
        }
    }
}
