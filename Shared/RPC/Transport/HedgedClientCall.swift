internal import Synchronization

/// One call of a client whose request may go to several replicas: the first answer is the caller's,
/// the other attempts are cancelled.
///
/// For calls that may be made again, with one request. What decides is ``HedgedCall``; this makes
/// the attempts, waits for their first deliveries and for the time of the next.
final class HedgedClientCall: ReplicaCall {
    private struct State {
        var hedge: HedgedCall
        var attempts: [Int: PlacedAttempt] = [:]
        var tried: Set<RPCAddress> = []
        /// What came first of each attempt.
        var deliveries: [Int: MessageQueue.Delivery] = [:]
        var isLeft = false
        var hasReadFirst = false
    }

    /// What the caller reads first, and where the rest is.
    private struct Answer: Sendable {
        var first: MessageQueue.Delivery
        var attempt: PlacedAttempt
    }

    private let outgoing: OutgoingCall
    private let request: RPCMessage
    private let pool: ReplicaPool
    private let limits: RPCLimits
    private let observed: ObservedOutgoingCall?
    private let waitEnd: ContinuousClock.Instant
    private let state: Mutex<State>
    private let answer = OneShot<Answer>()

    init(
        _ outgoing: OutgoingCall, request: RPCMessage, hedging: HedgingConfiguration,
        pool: ReplicaPool, configuration: RPCClientConfiguration, observed: ObservedOutgoingCall?
    ) {
        self.outgoing = outgoing
        self.request = request
        self.pool = pool
        limits = configuration.limits
        self.observed = observed
        waitEnd = .now.advanced(by: configuration.connectWait)
        state = Mutex(State(hedge: HedgedCall(hedging, deadline: outgoing.deadline)))
    }

    /// Makes the first attempt; the others follow by time, or when one fails.
    func start() async throws {
        pool.callStarted()
        let place = try await pool.acquire(
            ReplicaPool.Request(affinityKey: outgoing.affinityKey), for: outgoing,
            waitEnd: waitEnd)
        _ = state.withLock { $0.hedge.begin(now: .now) }
        try begin(0, in: place)
        Task { await beginByTime() }
    }

    private func begin(_ number: Int, in place: ReplicaPool.Place) throws {
        var own = outgoing
        // The caller is to see the winner's alone.
        own.reply = outgoing.reply.map { _ in ReplyMetadata() }
        let attempt = try PlacedAttempt(
            own, request: request, number: number, in: place, of: pool, limits: limits,
            observed: observed, isHedged: true)
        let isLeft = state.withLock { state in
            state.attempts[number] = attempt
            state.tried.insert(place.address)
            return state.isLeft
        }
        attempt.start()
        if isLeft { return attempt.leave() }
        Task { delivered(await attempt.attempt.responses.next(), of: number) }
    }

    private func beginByTime() async {
        while let wake = state.withLock({ $0.isLeft ? nil : $0.hedge.nextWake }) {
            do { try await Task.sleep(until: wake, clock: .continuous) } catch { return }
            perform(state.withLock { pool.wake(&$0.hedge) })
        }
    }

    /// What came first of an attempt.
    private func delivered(_ delivery: MessageQueue.Delivery, of number: Int) {
        let actions = state.withLock { state in
            state.deliveries[number] = delivery
            guard let failure = AttemptFailure(delivery) else {
                return state.hedge.answered(number)
            }
            return pool.failed(number, failure, of: &state.hedge)
        }
        perform(actions)
    }

    private func perform(_ actions: [HedgedCall.Action]) {
        for action in actions {
            switch action {
            case .begin(let number): hedge(number)
            case .cancel(let number): state.withLock { $0.attempts[number] }?.leave()
            case .deliver(let number):
                let found = state.withLock { state -> Answer? in
                    guard let first = state.deliveries[number],
                        let attempt = state.attempts[number]
                    else { return nil }
                    return Answer(first: first, attempt: attempt)
                }
                if let found { answer.fulfil(.success(found)) }
            }
        }
    }

    /// A further attempt, on a replica that this call has not tried.
    private func hedge(_ number: Int) {
        let asked = ReplicaPool.Request(
            affinityKey: outgoing.affinityKey, tried: state.withLock { $0.tried },
            repeatsIfNecessary: false)
        if let place = pool.acquireAtOnce(asked), (try? begin(number, in: place)) != nil { return }
        perform(state.withLock { $0.hedge.couldNotBegin(number) })
    }

    func write(_ request: RPCMessage?, isLast: Bool) async throws {
        throw outgoing.noRequestMayFollow
    }

    func next() async throws -> RPCMessage? {
        let found: Answer
        do {
            found = try await answer.value()
        } catch {
            leave()
            throw outgoing.cancelled
        }
        let isFirst = state.withLock { state in
            defer { state.hasReadFirst = true }
            return !state.hasReadFirst
        }
        let delivery = isFirst ? found.first : await found.attempt.next()
        if let reply = found.attempt.attempt.call.reply { outgoing.reply?.adopt(reply) }
        switch delivery {
        case .message(let message): return message
        case .end(let status):
            if let error = status.error { throw error }
            return nil
        case .refused(let error): throw error
        }
    }

    var failure: RPCError? {
        guard case .success(let found)? = answer.current,
            case .end(let status)? = found.attempt.attempt.responses.end
        else { return nil }
        return status.error
    }

    func leave() {
        let all = state.withLock { state in
            state.isLeft = true
            return Array(state.attempts.values)
        }
        for attempt in all { attempt.leave() }
    }
}

extension AttemptFailure {
    /// What the first delivery of an attempt says; nil for a response and for OK.
    fileprivate init?(_ delivery: MessageQueue.Delivery) {
        switch delivery {
        case .message: return nil
        case .end(let status) where status.code == .ok: return nil
        case .end(let status): self.init(status)
        case .refused(let error): self.init(code: error.code, wasTaken: false)
        }
    }
}
