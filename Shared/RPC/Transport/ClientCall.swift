internal import Synchronization

/// One call of a client: its attempts, of which the caller gets one's responses, and its one end.
final class ClientCall: ReplicaCall {
    private struct State {
        var current: PlacedAttempt?
        var tried: Set<RPCAddress> = []
        var retries: CallRetries
        /// Whether a request of a stream of them has been given to a connection.
        var hasWritten = false
        var hasFinishedRequests = false
        var failure: RPCError?
    }

    private let outgoing: OutgoingCall
    /// The one request; nil where the caller writes them.
    private let request: RPCMessage?
    private let pool: ReplicaPool
    private let configuration: RPCClientConfiguration
    private let observed: ObservedOutgoingCall?
    private let waitEnd: ContinuousClock.Instant
    private let state: Mutex<State>

    init(
        _ outgoing: OutgoingCall, request: RPCMessage?, pool: ReplicaPool,
        configuration: RPCClientConfiguration, observed: ObservedOutgoingCall?
    ) {
        self.outgoing = outgoing
        self.request = request
        self.pool = pool
        self.configuration = configuration
        self.observed = observed
        waitEnd = .now.advanced(by: configuration.connectWait)
        // What the caller writes as it goes cannot be written again.
        let retry = request == nil ? .transparentOnly : configuration.retry
        state = Mutex(State(retries: CallRetries(retry, deadline: outgoing.deadline)))
    }

    func start() async throws {
        pool.callStarted()
        try await attempt()
    }

    /// Gives the call to a connection.
    private func attempt() async throws {
        let (tried, failedAttempts) = state.withLock { ($0.tried, $0.retries.failedAttempts) }
        let place = try await pool.acquire(
            ReplicaPool.Request(affinityKey: outgoing.affinityKey, tried: tried), for: outgoing,
            waitEnd: waitEnd)
        let attempt = try PlacedAttempt(
            outgoing, request: request, number: failedAttempts, in: place, of: pool,
            limits: configuration.limits, observed: observed)
        outgoing.reply?.clear()
        state.withLock { state in
            state.current = attempt
            state.tried.insert(place.address)
        }
        attempt.start()
    }

    func write(_ message: RPCMessage?, isLast: Bool) async throws {
        let current: PlacedAttempt? = try state.withLock { state in
            guard request == nil, !state.hasFinishedRequests else {
                throw outgoing.noRequestMayFollow
            }
            state.hasFinishedRequests = isLast
            state.hasWritten = true
            return state.current
        }
        guard let current else { return }
        try await withTaskCancellationHandler {
            try await current.write(message, isLast: isLast, limits: configuration.limits)
        } onCancel: {
            current.abort()
        }
    }

    func next() async throws -> RPCMessage? {
        while let current = state.withLock({ $0.current }) {
            switch await current.next() {
            case .message(let message):
                state.withLock { $0.retries.commit() }
                return message
            case .end(let status):
                guard let error = status.error else { return nil }
                try await tryAgain(AttemptFailure(status), error)
            case .refused(let error):
                // No server has seen it, so that making it again is safe.
                try await tryAgain(AttemptFailure(code: error.code, wasTaken: false), error)
            }
        }
        return nil
    }

    /// Makes another attempt where that is allowed, or throws the failure.
    private func tryAgain(_ failure: AttemptFailure, _ error: RPCError) async throws {
        let decision = state.withLock { state in
            // Requests that have been written went to the attempt that failed.
            state.hasWritten ? .giveUp(.committed) : pool.decide(failure, &state.retries)
        }
        guard case .retry(let pause) = decision else {
            state.withLock { $0.failure = error }
            throw error
        }
        if pause > .zero {
            do { try await Task.sleep(for: pause) } catch { throw outgoing.cancelled }
        }
        try await attempt()
    }

    var failure: RPCError? {
        state.withLock { state in
            guard state.failure == nil,
                case .end(let status)? = state.current?.attempt.responses.end
            else { return state.failure }
            return status.error
        }
    }

    func leave() { state.withLock { $0.current }?.leave() }
}

extension AttemptFailure {
    /// How an attempt's status failed.
    init(_ status: RPCStatus) {
        self.init(
            code: status.code, pushback: RetryPushback(status.metadata.text(RetryPushback.key)))
    }
}
