internal import NIOCore
internal import Synchronization

/// The replicas of a client, their connections, what is known of each, and the calls that wait for
/// one.
final class ReplicaPool: Sendable {
    /// A connection that takes calls.
    struct Live: Sendable {
        var connection: ClientConnection
        var settings: Settings
    }

    /// What one attempt was given: a place on a replica, to be given back by exactly one
    /// ``ended(_:_:latency:)`` or ``giveBack(_:)``.
    struct Place: Sendable {
        var address: RPCAddress
        var live: Live
        fileprivate var permit: CircuitBreaker.Permit?
    }

    private struct State {
        var balancer: Balancer<RPCAddress>
        var ejector: OutlierEjector<RPCAddress>?
        var breakers: [RPCAddress: CircuitBreaker] = [:]
        var budget: RetryBudget
        var generator = SystemRandomNumberGenerator()
        /// The connection of each replica that takes calls.
        var live: [RPCAddress: (id: Int, live: Live)] = [:]
        /// Every connection that is not closed, those that only finish their calls among them.
        var connections: [Int: ClientConnection] = [:]
        /// Replaced, and fulfilled, whenever a call that waits should look again.
        var change = OneShot<Void>()
        var nextConnection = 0
        /// Why no more calls are taken; nil while they are.
        var shutDownReason: RPCError?

        /// Breakers that are open or half open.
        var openBreakers: Int { breakers.values.count { !$0.isClosed } }
    }

    private let state: Mutex<State>
    private let configuration: RPCClientConfiguration
    private let metrics: ClientMetrics?
    private let ejected: @Sendable (RPCAddress, _ reason: String?) -> Void

    /// An empty pool; `ejected` is told of replicas that are called no more, and (without a reason)
    /// of those that are called again.
    init(
        _ configuration: RPCClientConfiguration, metrics: ClientMetrics? = nil,
        ejected: @escaping @Sendable (RPCAddress, _ reason: String?) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.metrics = metrics
        self.ejected = ejected
        state = Mutex(
            State(
                balancer: Balancer(configuration.balancing),
                ejector: configuration.ejection.map { OutlierEjector($0, now: .now) },
                budget: RetryBudget(configuration.retryBudget)))
    }

    // MARK: Calls

    /// What one attempt asks for.
    struct Request: Sendable {
        var affinityKey: UInt64?
        /// Replicas that this call has tried.
        var tried: Set<RPCAddress> = []
        /// Whether one that was tried is better than none.
        var repeatsIfNecessary = true
    }

    /// A place for an attempt.
    ///
    /// Waits while some replica is connecting, until `waitEnd` or the call's deadline; a call that
    /// waits for readiness waits until its deadline whatever the replicas' state.
    func acquire(
        _ request: Request, for call: OutgoingCall, waitEnd: ContinuousClock.Instant
    ) async throws -> Place {
        let end = call.waitsForReady ? call.deadline ?? waitEnd : waitEnd
        while true {
            let (choice, change) = state.withLock { state in
                (choose(request, in: &state), state.change)
            }
            switch choice {
            case .use(let place): return place
            case .wait: try await wait(for: change, call, until: end)
            case .fail(let error) where call.waitsForReady && error.code == .unavailable:
                try await wait(for: change, call, until: end, error)
            case .fail(let error): throw error
            }
        }
    }

    /// A place for a hedge; nil where no other replica takes one now.
    func acquireAtOnce(_ request: Request) -> Place? {
        let choice = state.withLock { choose(request, in: &$0) }
        return if case .use(let place) = choice { place } else { nil }
    }

    private enum Choice {
        case use(Place)
        case wait
        case fail(RPCError)
    }

    private func choose(_ request: Request, in state: inout State) -> Choice {
        if let reason = state.shutDownReason { return .fail(reason) }
        let now = ContinuousClock.now
        var asked = Balancer<RPCAddress>.Request(
            affinityKey: request.affinityKey, tried: request.tried,
            repeatsIfNecessary: request.repeatsIfNecessary)
        while true {
            switch state.balancer.pick(asked, now: now, using: &state.generator) {
            case .wait: return .wait
            case .allFull:
                return .fail(
                    RPCError(
                        code: .resourceExhausted,
                        message: "every connection has its most calls in flight "
                            + "(concurrentStreams); try later"))
            case .allTried:
                return .fail(
                    RPCError(
                        code: .unavailable, message: "no further replica takes this call now"))
            case .unavailable(let reason):
                return .fail(RPCError(code: .unavailable, message: reason))
            case .use(let address):
                if let place = place(on: address, in: &state, now: now) { return .use(place) }
                // Its breaker is open: as if this call had tried it, and never again.
                state.balancer.gaveBack(address)
                asked.tried.insert(address)
                asked.repeatsIfNecessary = false
            }
        }
    }

    private func place(
        on address: RPCAddress, in state: inout State, now: ContinuousClock.Instant
    ) -> Place? {
        guard let live = state.live[address]?.live else { return nil }
        guard state.breakers[address] != nil else {
            return Place(address: address, live: live, permit: nil)
        }
        guard let (permit, transition) = state.breakers[address]?.acquire(now: now) else {
            return nil
        }
        tell(transition, in: state)
        return Place(address: address, live: live, permit: permit)
    }

    private func tell(_ transition: CircuitBreaker.Transition?, in state: State) {
        guard let metrics, let transition else { return }
        metrics.breakerChanged(transition, now: state.openBreakers)
    }

    /// No attempt was made in a place.
    func giveBack(_ place: Place) {
        state.withLock { $0.balancer.gaveBack(place.address) }
    }

    /// The attempt in a place is over.
    ///
    /// - Parameter latency: Time from the request to the first response, or to the end.
    func ended(_ place: Place, _ outcome: EndpointOutcome, latency: Duration) {
        let now = ContinuousClock.now
        let actions = state.withLock { state in
            state.balancer.ended(place.address, outcome, latency: latency, now: now)
            if let permit = place.permit {
                let transition = state.breakers[place.address]?.ended(permit, outcome, now: now)
                tell(transition ?? nil, in: state)
            }
            var actions =
                state.ejector?.record(place.address, outcome, latency: latency, now: now) ?? []
            if let due = state.ejector?.nextEvaluation, due <= now {
                actions += state.ejector?.evaluate(now: now) ?? []
            }
            apply(actions, to: &state)
            return actions
        }
        report(actions)
    }

    private func apply(_ actions: [OutlierEjector<RPCAddress>.Action], to state: inout State) {
        for action in actions {
            switch action {
            case .eject(let address, _): state.balancer.setEjected(address, true)
            case .restore(let address): state.balancer.setEjected(address, false)
            }
        }
        guard let metrics, !actions.isEmpty else { return }
        let ejections = actions.count { if case .eject = $0 { true } else { false } }
        metrics.ejected(ejections, now: state.ejector?.ejected.count ?? 0)
    }

    private func report(_ actions: [OutlierEjector<RPCAddress>.Action]) {
        for action in actions {
            switch action {
            case .eject(let address, let reason): ejected(address, reason)
            case .restore(let address): ejected(address, nil)
            }
        }
    }

    /// A call's first attempt is made.
    func callStarted() { state.withLock { $0.budget.callStarted(now: .now) } }

    /// Asks a call's retries what follows a failed attempt, with the client's budget.
    func decide(_ failure: AttemptFailure, _ retries: inout CallRetries) -> CallRetries.Decision {
        state.withLock { state in
            retries.attemptFailed(
                failure, budget: &state.budget, now: .now, using: &state.generator)
        }
    }

    /// Wakes a hedged call, with the client's budget.
    func wake(_ hedge: inout HedgedCall) -> [HedgedCall.Action] {
        state.withLock { hedge.wake(budget: &$0.budget, now: .now) }
    }

    /// Tells a hedged call of a failed attempt, with the client's budget.
    func failed(
        _ attempt: Int, _ failure: AttemptFailure, of hedge: inout HedgedCall
    ) -> [HedgedCall.Action] {
        state.withLock { hedge.failed(attempt, failure, budget: &$0.budget, now: .now) }
    }

    private func wait(
        for change: OneShot<Void>, _ call: OutgoingCall, until waitEnd: ContinuousClock.Instant,
        _ reason: RPCError? = nil
    ) async throws {
        let wake = OneShot<Bool>()
        let end = min(waitEnd, call.deadline ?? waitEnd)
        let timer = EventLoops.shared.next().scheduleTask(in: TimeAmount(until: end)) {
            _ = wake.fulfil(.success(false))
        }
        defer { timer.cancel() }
        change.whenDone { wake.fulfil(.success(true)) }
        do {
            if try await wake.value() { return }
        } catch {
            throw call.cancelled
        }
        let unavailable = reason ?? unavailable
        guard let deadline = call.deadline, deadline <= waitEnd else { throw unavailable }
        throw RPCError(
            code: .deadlineExceeded,
            message: "\(call.method) was not sent before its deadline: \(unavailable.message)")
    }

    private var unavailable: RPCError {
        RPCError(
            code: .unavailable,
            message: state.withLock { $0.balancer.reasonsForNone })
    }

    // MARK: What the connecting side reports

    /// The resolver has a new list; returns who came, and the connections of who left.
    func resolved(
        _ addresses: [RPCAddress]
    ) -> (added: [RPCAddress], removed: [RPCAddress], leaving: [ClientConnection]) {
        let (result, actions) = update { state in
            let (added, removed) = state.balancer.update(addresses, using: &state.generator)
            let actions = state.ejector?.update(addresses) ?? []
            apply(actions, to: &state)
            for address in added {
                state.breakers[address] = configuration.breaker.map { CircuitBreaker($0) }
            }
            var leaving: [ClientConnection] = []
            for address in removed {
                state.breakers[address] = nil
                if let (_, live) = state.live.removeValue(forKey: address) {
                    leaving.append(live.connection)
                }
            }
            if !removed.isEmpty {
                metrics?.ejected(0, now: state.ejector?.ejected.count ?? 0)
                metrics?.breakersReplaced(now: state.openBreakers)
            }
            return ((added, removed, leaving), actions)
        }
        report(actions)
        return result
    }

    func connecting(_ address: RPCAddress) { update { $0.balancer.connecting(address) } }

    func failed(_ address: RPCAddress, reason: String) {
        update { $0.balancer.failed(address, reason: reason) }
    }

    /// A handshake is complete; returns the connection's number, nil after shutdown, and for a
    /// replica that has left the resolver's list meanwhile.
    func ready(_ address: RPCAddress, _ live: Live) -> Int? {
        update { state in
            guard state.shutDownReason == nil, state.balancer.isMember(address) else { return nil }
            let id = state.nextConnection
            state.nextConnection += 1
            state.connections[id] = live.connection
            metrics?.connectionOpened()
            state.live[address] = (id, live)
            let places = min(
                live.settings.concurrentStreams, configuration.limits.concurrentStreams)
            state.balancer.ready(address, places: places)
            return id
        }
    }

    /// A connection takes no more calls; those on it go on, and a later one stays as it is.
    func lost(_ address: RPCAddress, connection: Int) {
        update { state in
            guard state.live[address]?.id == connection else { return }
            state.live[address] = nil
            state.balancer.connecting(address)
        }
    }

    /// A connection is closed.
    func closed(connection: Int) {
        update { $0.connections[connection] = nil }
        metrics?.connectionClosed()
    }

    /// Takes no more calls, which fail with `reason`; returns the connections that are open.
    func shutDown(
        _ reason: RPCError = RPCError(
            code: .unavailable, message: "this client has been shut down")
    ) -> [ClientConnection] {
        update { state in
            state.shutDownReason = reason
            return Array(state.connections.values)
        }
    }

    @discardableResult
    private func update<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, changed) = state.withLock { state in
            let result = body(&state)
            let changed = state.change
            state.change = OneShot()
            return (result, changed)
        }
        changed.fulfil(.success(()))
        return result
    }
}
