internal import Synchronization

/// One call of a client: its tries, of which at most one reaches a handler, and its one end.
final class ClientCall: ResponseReader {
    private struct Try: Sendable {
        var attempt: ClientAttempt
        var connection: ClientConnection
    }

    private struct State {
        var current: Try?
        var tries = 0
    }

    private let outgoing: OutgoingCall
    private let request: RPCMessage
    private let pool: ReplicaPool
    private let configuration: RPCClientConfiguration
    private let waitEnd: ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ outgoing: OutgoingCall, request: RPCMessage, pool: ReplicaPool,
        configuration: RPCClientConfiguration
    ) {
        self.outgoing = outgoing
        self.request = request
        self.pool = pool
        self.configuration = configuration
        waitEnd = .now.advanced(by: configuration.connectWait)
    }

    /// Gives the call to a connection.
    func start() async throws {
        let live = try await pool.acquire(for: outgoing, waitEnd: waitEnd)
        let encoded: EncodedMessage
        do {
            try checkAgainstPeer(live.settings)
            encoded = EncodedMessage(request)
        } catch {
            live.connection.release()
            throw error
        }
        let responses = MessageQueue(capacity: .max, ledger: live.connection.ledger)
        let attempt = ClientAttempt(outgoing, request: encoded, responses: responses)
        state.withLock { state in
            state.current = Try(attempt: attempt, connection: live.connection)
            state.tries += 1
        }
        live.connection.start(attempt)
    }

    private func checkAgainstPeer(_ peer: Settings) throws(RPCError) {
        try request.check(
            "request", limits: configuration.limits, peerMessageBytes: peer.messageBytes,
            peerAttachments: peer.attachments)
        var limits = configuration.limits
        limits.metadataBytes = peer.metadataBytes
        limits.metadataEntries = peer.metadataEntries
        if let violation = outgoing.metadata.violation(of: limits) { throw violation }
    }

    func next() async throws -> RPCMessage? {
        while let current = state.withLock({ $0.current }) {
            let delivery = await withTaskCancellationHandler {
                await current.attempt.responses.next()
            } onCancel: {
                abort(current)
            }
            switch delivery {
            case .message(let message): return message
            case .end(let status):
                if let error = status.error { throw error }
                return nil
            case .refused(let error):
                // No server has seen it, so that making it again is safe.
                guard state.withLock({ $0.tries <= configuration.transparentRetries }) else {
                    throw error
                }
                try await start()
            }
        }
        return nil
    }

    /// The caller has its result or wants none.
    func leave() {
        guard let current = state.withLock({ $0.current }) else { return }
        abort(current)
        current.attempt.responses.discard()
    }

    private func abort(_ current: Try) {
        let end = MessageQueue.End.status(RPCStatus(outgoing.cancelled))
        guard current.attempt.responses.finish(end, discarding: true) else { return }
        current.connection.abandon(current.attempt)
    }
}
