/// The pool's policy: who gets which connection, when to connect, when to give up.
///
/// A value without threads, clock or randomness: events come in, actions come out. Slots are the
/// places for connections; a slot is closed, opening, idle or leased. Waiters are served in order
/// of arrival. While the server is away, one slot at a time tries to connect, with pauses.
struct PoolStateMachine {
    typealias RequestID = UInt64
    typealias Instant = ContinuousClock.Instant

    /// Why a request got no connection.
    enum Refusal: Equatable {
        case tooManyWaiters
        case deadlinePassed
        case cancelled
        /// All connections stayed in use for `acquireTimeout`.
        case noneInTime
        /// No connection could be made.
        case unreachable
        case closed
    }

    /// What the shell has to do.
    enum Action: Equatable {
        case lease(RequestID, slot: Int)
        case refuse(RequestID, Refusal)
        case open(slot: Int)
        case close(slot: Int)
    }

    private enum Slot: Equatable {
        case closed
        case opening
        case idle
        case leased
    }

    private struct Waiter {
        let id: RequestID
        let expires: Instant
        let isBoundByDeadline: Bool
    }

    private struct Outage {
        var attempts: Int
        var retryAt: Instant
    }

    private let maximumWaiters: Int
    private let minimumConnections: Int
    private let acquireTimeout: Duration
    private let backoff: Backoff
    private var slots: [Slot]
    /// Idle slots, the last used one last: its server process has the warmest caches.
    private var idle: [Int] = []
    private var waiters: [Waiter] = []
    private var outage: Outage?
    private(set) var isClosed = false

    init(_ configuration: PostgresConfiguration) {
        maximumWaiters = configuration.maximumWaiters
        minimumConnections = configuration.minimumConnections
        acquireTimeout = configuration.acquireTimeout
        backoff = configuration.backoff
        slots = Array(repeating: .closed, count: configuration.maximumConnections)
    }

    /// Requests that wait.
    var waiterCount: Int { waiters.count }
    /// Slots with a usable connection.
    var connectionCount: Int { slots.count { $0 == .idle || $0 == .leased } }
    /// The server could not be reached at the last attempt.
    var isInOutage: Bool { outage != nil }

    /// When `timePassed` has something to do next.
    var nextWakeUp: Instant? {
        let expiry = waiters.lazy.map(\.expires).min()
        guard let outage, !isClosed, !slots.contains(.opening) else { return expiry }
        return min(expiry ?? outage.retryAt, outage.retryAt)
    }

    // MARK: Events

    /// The pool starts: connects as many as are kept without work.
    mutating func started(now: Instant) -> [Action] { openWanted(now: now) }

    /// A call wants a connection.
    mutating func requested(
        _ id: RequestID, deadline: Instant, now: Instant
    ) -> [Action] {
        if isClosed { return [.refuse(id, .closed)] }
        if deadline <= now { return [.refuse(id, .deadlinePassed)] }
        if let slot = leaseIdle(deadline: deadline, now: now) { return [.lease(id, slot: slot)] }
        guard waiters.count < maximumWaiters else { return [.refuse(id, .tooManyWaiters)] }
        let limit = now.advanced(by: acquireTimeout)
        waiters.append(
            Waiter(id: id, expires: min(deadline, limit), isBoundByDeadline: deadline <= limit))
        return openWanted(now: now)
    }

    /// Leases an idle slot without a request, if there is one.
    mutating func leaseIdle(deadline: Instant, now: Instant) -> Int? {
        guard deadline > now, let slot = idle.popLast() else { return nil }
        slots[slot] = .leased
        return slot
    }

    /// The calling task was cancelled; nothing happens if it has its connection already.
    mutating func requestCancelled(_ id: RequestID) -> [Action] {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return [] }
        waiters.remove(at: index)
        return [.refuse(id, .cancelled)]
    }

    /// A slot has its connection.
    mutating func opened(slot: Int, now: Instant) -> [Action] {
        if isClosed {
            slots[slot] = .closed
            return [.close(slot: slot)]
        }
        outage = nil
        return makeAvailable(slot) + openWanted(now: now)
    }

    /// A slot could not connect.
    mutating func openFailed(
        slot: Int, now: Instant, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        slots[slot] = .closed
        // Attempts that ran side by side count once.
        if let outage, now < outage.retryAt { return [] }
        let attempts = (outage?.attempts ?? 0) + 1
        let pause = backoff.pause(afterAttempt: attempts, using: &generator)
        outage = Outage(attempts: attempts, retryAt: now.advanced(by: pause))
        return []
    }

    /// A call gave its connection back.
    mutating func released(slot: Int, isUsable: Bool, now: Instant) -> [Action] {
        if isClosed || !isUsable {
            slots[slot] = .closed
            return [.close(slot: slot)] + openWanted(now: now)
        }
        return makeAvailable(slot)
    }

    /// A connection broke while nobody used it; one in use is reported by its release.
    mutating func lost(slot: Int, now: Instant) -> [Action] {
        guard slots[slot] == .idle else { return [] }
        idle.removeAll { $0 == slot }
        slots[slot] = .closed
        return openWanted(now: now)
    }

    /// The time of `nextWakeUp` has come.
    mutating func timePassed(now: Instant) -> [Action] {
        var actions: [Action] = []
        // Whether refused or not answered: without any connection the server is what is missing.
        let isUnreachable = connectionCount == 0
        waiters.removeAll { waiter in
            guard waiter.expires <= now else { return false }
            let refusal: Refusal =
                isUnreachable
                ? .unreachable : waiter.isBoundByDeadline ? .deadlinePassed : .noneInTime
            actions.append(.refuse(waiter.id, refusal))
            return true
        }
        return actions + openWanted(now: now)
    }

    /// No more connections: waiters are refused, leased ones close when they come back.
    mutating func closed() -> [Action] {
        isClosed = true
        let actions = waiters.map { Action.refuse($0.id, .closed) } + idle.map { .close(slot: $0) }
        for slot in idle { slots[slot] = .closed }
        waiters = []
        idle = []
        return actions
    }

    // MARK: Rules

    private mutating func makeAvailable(_ slot: Int) -> [Action] {
        guard !waiters.isEmpty else {
            slots[slot] = .idle
            idle.append(slot)
            return []
        }
        slots[slot] = .leased
        return [.lease(waiters.removeFirst().id, slot: slot)]
    }

    /// Opens what waiters and the minimum need; during an outage one attempt, when its pause ended.
    private mutating func openWanted(now: Instant) -> [Action] {
        if isClosed { return [] }
        let opening = slots.count { $0 == .opening }
        var wanted = max(waiters.count, minimumConnections - connectionCount) - opening
        if let outage {
            guard now >= outage.retryAt, opening == 0 else { return [] }
            wanted = 1
        }
        var actions: [Action] = []
        for slot in slots.indices where slots[slot] == .closed && wanted > 0 {
            slots[slot] = .opening
            wanted -= 1
            actions.append(.open(slot: slot))
        }
        return actions
    }
}
