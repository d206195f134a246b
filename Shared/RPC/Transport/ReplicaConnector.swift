internal import Logging
internal import NIOCore
internal import NIOPosix

/// Keeps one replica connected: connects, waits until the connection is of no more use, pauses,
/// and begins again.
struct ReplicaConnector: Sendable {
    let address: RPCAddress
    /// What stands in the replica's certificate unless the configuration says otherwise.
    let serverName: String
    /// nil for plaintext.
    let certificates: TLSContextSource?
    let configuration: RPCClientConfiguration
    let pool: ReplicaPool
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var backoff = configuration.connectBackoff
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let started = ContinuousClock.now
            pool.connecting(address)
            let reason: String
            var wasReady = false
            do {
                reason = try await connectAndWait()
                wasReady = true
            } catch {
                if Task.isCancelled { return }
                reason = Self.describe(error)
            }
            logger.debug(
                "a replica is not connected",
                metadata: ["address": "\(address)", "reason": "\(reason)"])
            // The pause counts from the attempt's beginning: a connection that has served for a
            // while is replaced at once, one that breaks as soon as it is made is not.
            let pause = backoff.next(using: &generator)
            let lasted = ContinuousClock.now - started
            guard lasted < pause else {
                if lasted > configuration.maximumBackoff { backoff.reset() }
                continue
            }
            // Calls wait for a replica that has just been there, as when it restarts; they do not
            // wait for one that cannot be reached.
            if !wasReady { pool.failed(address, reason: reason) }
            do { try await Task.sleep(for: pause - lasted) } catch { return }
        }
    }

    /// One connection's life up to its last new call; returns why that was the last.
    private func connectAndWait() async throws -> String {
        let connection = try await connect()
        do {
            let settings = try await connection.signals.ready.value()
            let live = ReplicaPool.Live(connection: connection, settings: settings)
            guard let id = pool.ready(address, live) else { throw CancellationError() }
            // Not a task: a caller that finds the connection dead must find it gone from the pool.
            connection.signals.unusable.whenDone { [pool, address] in
                pool.lost(address, connection: id)
            }
            connection.signals.closed.whenDone { [pool] in pool.closed(connection: id) }
        } catch {
            connection.close()
            throw error
        }
        return try await connection.signals.unusable.value()
    }

    private var certificateName: String {
        if case .tls(_, _, let name?) = configuration.security { name } else { serverName }
    }

    private func connect() async throws -> ClientConnection {
        let bootstrap = ClientBootstrap(group: EventLoops.shared)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: configuration.limits.waterMark)
        if case .plaintext(let beyondLoopback) = configuration.security {
            try address.checkPlaintext(beyondLoopback: beyondLoopback)
        }
        let result = OneShot<ClientConnection>()
        let (address, configuration, logger) = (address, configuration, logger)
        let (certificates, name) = (certificates, certificateName)
        // In a task of its own, because a connect under way cannot be cancelled: whoever waits may
        // leave, and what comes too late is closed.
        Task {
            do {
                let connection = try await bootstrap.connect(
                    host: address.host, port: address.port
                ) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = ClientConnectionHandler(
                            address: address, configuration: configuration, logger: logger)
                        let connection = ClientConnection(
                            handler: handler, eventLoop: channel.eventLoop)
                        if let certificates {
                            try channel.pipeline.syncOperations.addClientTLS(
                                certificates.current, name: name)
                        }
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return connection
                    }
                }
                if !result.fulfil(.success(connection)) { connection.close() }
            } catch {
                result.fulfil(.failure(error))
            }
        }
        do {
            return try await result.value()
        } catch {
            if !result.fulfil(.failure(error)), case .success(let late)? = result.current {
                late.close()
            }
            throw error
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case let error as RPCError: error.message
        case is NIOConnectionError: "connecting failed; is a server listening there?"
        default: "\(error)"
        }
    }
}
