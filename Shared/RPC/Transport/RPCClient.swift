public import Logging
internal import NIOCore

/// Calls a service on its replicas over TCP.
///
/// Calls may be made from any task, also before ``run()``: they wait for a connection up to
/// ``RPCClientConfiguration/connectWait``. A call that no server has seen is tried again on another
/// replica; one that was under way when its connection broke fails with UNAVAILABLE, unless
/// ``RPCClientConfiguration/retry`` says that it may be made again.
public final class RPCClient: RPCCaller {
    private let resolver: RPCResolver
    private let configuration: RPCClientConfiguration
    private let logger: Logger
    private let pool: ReplicaPool
    private let insight: ClientInsight?
    private let shutdown = OneShot<Void>()

    /// A client of `replicas`, connected while ``run()`` runs.
    public convenience init(
        replicas: [RPCAddress], configuration: RPCClientConfiguration = .defaults, logger: Logger,
        insight: RPCInsight = .process
    ) {
        self.init(
            resolver: .fixed(replicas), configuration: configuration, logger: logger,
            insight: insight)
    }

    /// A client of whatever replicas `resolver` finds, connected while ``run()`` runs; it tells
    /// `insight` what it does.
    public init(
        resolver: RPCResolver, configuration: RPCClientConfiguration = .defaults, logger: Logger,
        insight: RPCInsight = .process
    ) {
        let insight = ClientInsight(insight, target: resolver.target)
        self.insight = insight
        self.resolver = resolver
        self.configuration = configuration
        self.logger = logger
        pool = ReplicaPool(configuration, metrics: insight?.metrics) { address, reason in
            if let reason {
                logger.notice(
                    "a replica is called no more for a while",
                    metadata: ["address": "\(address)", "reason": "\(reason)"])
            } else {
                logger.notice("a replica is called again", metadata: ["address": "\(address)"])
            }
        }
        // Before ``run()``, so that early calls wait instead of finding no replica at all.
        if case .fixed(let addresses) = resolver { _ = pool.resolved(addresses) }
    }

    /// Keeps connections; returns after ``beginGracefulShutdown()`` when the calls in flight have
    /// ended, or when the task is cancelled.
    ///
    /// Runs once.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT if a setting is out of range or a certificate cannot
    ///   be used.
    public func run() async throws {
        let certificates: TLSContextSource?
        do throws(RPCError) {
            try configuration.validate()
            try resolver.validate()
            certificates = try TLSContextSource.client(configuration.security)
        } catch {
            // Calls that wait for a connection learn why there will be none.
            _ = pool.shutDown(error)
            throw error
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepReplicas(certificates) }
            group.addTask { [configuration, logger] in
                await certificates?.keepCurrent(every: configuration.certificateInterval, logger)
            }
            try? await shutdown.value()
            group.cancelAll()
        }
        await drain()
    }

    /// Connects to the replicas that the resolver finds, and leaves those that it finds no more.
    private func keepReplicas(_ certificates: TLSContextSource?) async {
        await withTaskGroup(of: Void.self) { group in
            var connectors: [RPCAddress: OneShot<Void>] = [:]
            while !Task.isCancelled {
                if let addresses = await resolve() {
                    let change = pool.resolved(addresses)
                    for address in change.removed {
                        connectors.removeValue(forKey: address)?.fulfil(.success(()))
                    }
                    for connection in change.leaving { connection.beginDrain() }
                    for address in addresses where connectors[address] == nil {
                        let leave = OneShot<Void>()
                        connectors[address] = leave
                        group.addTask {
                            await self.connect(to: address, certificates, until: leave)
                        }
                    }
                }
                guard let interval = resolver.interval else { break }
                try? await Task.sleep(for: interval)
            }
            await group.waitForAll()
        }
    }

    private func connect(
        to address: RPCAddress, _ certificates: TLSContextSource?, until leave: OneShot<Void>
    ) async {
        let connector = ReplicaConnector(
            address: address, serverName: resolver.serverName(of: address),
            certificates: certificates, configuration: configuration, pool: pool, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await connector.run() }
            try? await leave.value()
            group.cancelAll()
        }
    }

    /// The addresses now; nil, with a line in the log, where they cannot be told: those that were
    /// known stay.
    private func resolve() async -> [RPCAddress]? {
        do {
            return try await resolver.addresses()
        } catch {
            logger.warning(
                "the replicas' addresses cannot be told",
                metadata: ["reason": "\((error as? RPCError)?.message ?? "\(type(of: error))")"])
            return nil
        }
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
        let outgoing = try OutgoingCall(
            method, options: options, limits: limits, bearerToken: configuration.bearerToken)
        try request?.check(
            "request", limits: limits, peerMessageBytes: .max, peerAttachments: .max)
        try options.hedging?.validate()
        let observed = insight?.begin(method, parent: options.metadata)
        if let hedging = options.hedging, let request {
            let call = HedgedClientCall(
                outgoing, request: request, hedging: hedging, pool: pool,
                configuration: configuration, observed: observed)
            return try await use(call, observed, body)
        }
        let call = ClientCall(
            outgoing, request: request, pool: pool, configuration: configuration,
            observed: observed)
        return try await use(call, observed, body)
    }

    private func use<Result: Sendable>(
        _ call: some ReplicaCall, _ observed: ObservedOutgoingCall?,
        _ body: @Sendable (RPCCall) async throws -> Result
    ) async throws -> Result {
        do {
            try await call.start()
            let result = try await body(RPCCall(call))
            call.leave()
            observed?.end(call.failure)
            return result
        } catch {
            call.leave()
            observed?.end(error as? RPCError ?? call.failure)
            throw error
        }
    }
}

/// A call on a replica, with however many attempts.
protocol ReplicaCall: CallTransport {
    /// Makes the first attempt.
    func start() async throws

    /// The caller has its result or wants none.
    func leave()
}
