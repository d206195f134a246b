/// The replicas of a client, what is known of each, and which one the next attempt takes.
///
/// The shell (under a mutex) tells what the resolver, the connections and the outlier ejection
/// say; asks ``pick(_:now:using:)`` for each attempt, which reserves a place; and ends each picked
/// attempt by exactly one ``ended(_:_:latency:now:)`` or ``gaveBack(_:)``. Decisions follow from the events
/// and the generator alone.
struct Balancer<Endpoint: Hashable & Sendable & CustomStringConvertible> {
    /// What one attempt asks for.
    struct Request {
        /// The same key goes to the same replica; for ``LoadBalancing/affinity`` only.
        var affinityKey: UInt64?
        /// Replicas that earlier attempts of this call have tried.
        var tried: Set<Endpoint> = []
        /// Whether a tried replica is better than none: yes for a retry, no for a hedge.
        var repeatsIfNecessary = true
    }

    /// Where an attempt goes.
    enum Pick: Equatable {
        case use(Endpoint)
        /// None can be used, but some may soon: look again when ``ready(_:places:)`` or
        /// ``failed(_:reason:)`` has been called.
        case wait
        /// Every connected replica has as many calls in flight as it takes.
        case allFull
        /// Only replicas are left that this call has tried.
        case allTried
        /// No replica is connected or about to be; the text says why, replica by replica.
        case unavailable(reason: String)
    }

    /// What a replica must be, in the order in which it is asked for.
    enum Need: CaseIterable {
        case wellAndUntried
        case untried
        case anything
    }

    private let policy: LoadBalancing
    /// In the resolver's order, or in a random one for pick-first.
    private(set) var members: [BalancedEndpoint<Endpoint>] = []
    private var indices: [Endpoint: Int] = [:]
    /// Where round robin goes on, or where pick-first stays.
    private var position = 0

    init(_ policy: LoadBalancing) { self.policy = policy }

    // MARK: Membership and readiness

    /// The resolver has a new list; who stays keeps what is known of it.
    ///
    /// Returns who came and who left, for connecting and draining. Duplicates count once.
    mutating func update(
        _ endpoints: [Endpoint], using generator: inout some RandomNumberGenerator
    ) -> (added: [Endpoint], removed: [Endpoint]) {
        let current = policy == .pickFirst ? stuckEndpoint : nil
        var list: [Endpoint] = []
        var seen: Set<Endpoint> = []
        for endpoint in endpoints where seen.insert(endpoint).inserted { list.append(endpoint) }
        let added = list.filter { indices[$0] == nil }
        let removed = members.map(\.endpoint).filter { !seen.contains($0) }
        if policy == .pickFirst { list.shuffle(using: &generator) }
        members = list.map { endpoint in
            indices[endpoint].map { members[$0] } ?? BalancedEndpoint(endpoint)
        }
        indices = [:]
        for (index, endpoint) in list.enumerated() { indices[endpoint] = index }
        position = current.flatMap { indices[$0] } ?? (list.isEmpty ? 0 : position % list.count)
        return (added, removed)
    }

    /// Whether the resolver's list has it.
    func isMember(_ endpoint: Endpoint) -> Bool { indices[endpoint] != nil }

    private var stuckEndpoint: Endpoint? {
        members.indices.contains(position) ? members[position].endpoint : nil
    }

    /// A connection is being made, or the last one was lost and another will be.
    mutating func connecting(_ endpoint: Endpoint) { set(endpoint, .connecting) }

    /// The replica takes calls, this many at a time over all its connections.
    mutating func ready(_ endpoint: Endpoint, places: Int) {
        set(endpoint, .ready(places: places))
    }

    /// Connecting has failed, or the replica says that it does not serve; a pause follows.
    mutating func failed(_ endpoint: Endpoint, reason: String) {
        set(endpoint, .failed(reason: reason))
    }

    /// Whether the outlier ejection wants no calls on it; it gets them when no other is left.
    mutating func setEjected(_ endpoint: Endpoint, _ isEjected: Bool) {
        if let index = indices[endpoint] { members[index].isEjected = isEjected }
    }

    private mutating func set(
        _ endpoint: Endpoint, _ readiness: BalancedEndpoint<Endpoint>.Readiness
    ) {
        if let index = indices[endpoint] { members[index].readiness = readiness }
    }

    // MARK: Attempts

    /// Chooses for one attempt; what is used has one more call in flight.
    mutating func pick(
        _ request: Request, now: ContinuousClock.Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Pick {
        guard let index = choose(request, now: now, using: &generator) else {
            return reasonForNone(request)
        }
        members[index].inFlight += 1
        return .use(members[index].endpoint)
    }

    /// A picked attempt is over, or was given up.
    ///
    /// - Parameter latency: Time from the request to the first response, or to the end.
    mutating func ended(
        _ endpoint: Endpoint, _ outcome: EndpointOutcome, latency: Duration,
        now: ContinuousClock.Instant
    ) {
        guard let index = indices[endpoint] else { return }
        // One that left and came back starts at 0, while calls of its former life still end.
        members[index].inFlight = max(0, members[index].inFlight - 1)
        members[index].ended(outcome, latency: latency, now: now)
    }

    /// A picked attempt was not made, as when a circuit breaker forbade it.
    mutating func gaveBack(_ endpoint: Endpoint) {
        guard let index = indices[endpoint] else { return }
        members[index].inFlight = max(0, members[index].inFlight - 1)
    }

    /// The usual latency of a replica in seconds; nil before its first answer.
    func latencySeconds(of endpoint: Endpoint, now: ContinuousClock.Instant) -> Double? {
        indices[endpoint].flatMap { members[$0].latency.seconds(now: now) }
    }

    // MARK: Choice

    /// Replicas in three steps: those that are well and untried, then the ejected, then the tried.
    private mutating func choose(
        _ request: Request, now: ContinuousClock.Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Int? {
        for need in Need.allCases where need != .anything || request.repeatsIfNecessary {
            let index =
                switch (policy, request.affinityKey) {
                case (.pickFirst, _): sticking(need, request)
                case (.roundRobin, _): inTurn(need, request)
                case (.affinity, let key?): rendezvous(key, need, request)
                case (.leastLoaded, _), (.affinity, nil):
                    lessLoadedOfTwo(need, request, now: now, using: &generator)
                }
            if let index { return index }
        }
        return nil
    }

    private mutating func sticking(_ need: Need, _ request: Request) -> Int? {
        if members.indices.contains(position), isUsable(position, need, request) {
            return position
        }
        guard let index = firstUsable(need, request) else { return nil }
        position = index
        return index
    }

    private mutating func inTurn(_ need: Need, _ request: Request) -> Int? {
        for step in members.indices {
            let index = (position + step) % members.count
            guard isUsable(index, need, request) else { continue }
            position = (index + 1) % members.count
            return index
        }
        return nil
    }

    private func lessLoadedOfTwo(
        _ need: Need, _ request: Request, now: ContinuousClock.Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Int? {
        guard members.count > 1 else { return firstUsable(need, request) }
        // Mostly all replicas are usable, and two can be drawn without looking at the rest.
        var (one, other) = Self.twoDifferent(of: members.count, using: &generator)
        if !isUsable(one, need, request) || !isUsable(other, need, request) {
            let usable = members.indices.filter { isUsable($0, need, request) }
            guard usable.count > 1 else { return usable.first }
            (one, other) = Self.twoDifferent(of: usable.count, using: &generator)
            (one, other) = (usable[one], usable[other])
        }
        return members[other].load(now: now) < members[one].load(now: now) ? other : one
    }

    private static func twoDifferent(
        of count: Int, using generator: inout some RandomNumberGenerator
    ) -> (Int, Int) {
        let one = Int.random(in: 0..<count, using: &generator)
        let step = Int.random(in: 1..<count, using: &generator)
        return (one, (one + step) % count)
    }

    private func firstUsable(_ need: Need, _ request: Request) -> Int? {
        members.indices.first { isUsable($0, need, request) }
    }

    func isUsable(_ index: Int, _ need: Need, _ request: Request) -> Bool {
        guard members[index].hasRoom else { return false }
        switch need {
        case .anything: return true
        case .untried: return !request.tried.contains(members[index].endpoint)
        case .wellAndUntried:
            return !members[index].isEjected && !request.tried.contains(members[index].endpoint)
        }
    }

    private func reasonForNone(_ request: Request) -> Pick {
        let ready = members.filter(\.isReady)
        if ready.contains(where: { $0.hasRoom }) { return .allTried }
        if !ready.isEmpty { return .allFull }
        if members.contains(where: { $0.readiness == .connecting }) { return .wait }
        return .unavailable(reason: reasonsForNone)
    }

    /// Why no replica can be used, each with its address.
    var reasonsForNone: String {
        guard !members.isEmpty else { return "this client has no replica's address" }
        let reasons = members.map { "\($0.endpoint): \($0.readiness)" }
        return "no replica is connected: " + reasons.joined(separator: "; ")
    }
}
