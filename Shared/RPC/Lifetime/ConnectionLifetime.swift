/// When a connection asks its peer for a sign of life, and when it ends by itself.
///
/// Lives on the event loop from the end of the handshake on. The shell reports received bytes and
/// opened and ended calls, keeps one timer, and calls ``wake(now:)`` when it fires. It arms the
/// timer for ``nextWake`` after each wake, and after an event if ``nextWake`` is earlier than the
/// timer; a timer that fires too early does no harm, so that bytes received need not touch it.
struct ConnectionLifetime {
    enum Action: Equatable {
        /// Send PING; any byte from the peer is an answer.
        case sendPing
        /// Begin to drain: GOAWAY (SHUTDOWN) from a server, no further call from a client. Close
        /// when the last call has ended.
        case drain(Reason)
        /// Close now; open calls end with UNAVAILABLE.
        case close(Reason)
    }

    /// Why a connection ends.
    enum Reason: Equatable, CustomStringConvertible {
        case silence(Duration)
        case idle(Duration)
        case age(Duration)
        case grace(Duration)

        /// For the log and for GOAWAY.
        var description: String {
            switch self {
            case .silence(let time): "the peer has not answered PING within \(time)"
            case .idle(let time): "no call for \(time)"
            case .age(let time): "the connection is \(time) old"
            case .grace(let time): "calls were still open \(time) after the drain began"
            }
        }
    }

    private enum Drain: Equatable {
        case no
        /// Whoever began it ends it.
        case withoutEnd
        case until(ContinuousClock.Instant)
    }

    /// Setting 10 counts on arrival, where two PINGs may be nearer than they were sent.
    private static let pingMargin = 1.1
    private static let ageJitter = 0.1

    private let keepalive: KeepaliveConfiguration
    private let age: ConnectionAgeConfiguration
    private let pingInterval: Duration?
    private let oldAt: ContinuousClock.Instant?
    private let ownAge: Duration
    private var openCalls = 0
    private var lastReceived: ContinuousClock.Instant
    private var lastPing: ContinuousClock.Instant?
    private var isAwaitingAnswer = false
    /// When the last call ended; nil while one is open.
    private var idleSince: ContinuousClock.Instant?
    private var drain = Drain.no
    private var isClosed = false
    private var strikes: PingStrikes

    /// A connection whose handshake is complete.
    ///
    /// - Parameters:
    ///   - pingInterval: This side's setting 10.
    ///   - peerPingInterval: The peer's setting 10.
    init(
        keepalive: KeepaliveConfiguration, age: ConnectionAgeConfiguration,
        pingInterval ownPingInterval: Duration = .zero, peerPingInterval: Duration,
        now: ContinuousClock.Instant,
        using generator: inout some RandomNumberGenerator
    ) {
        self.keepalive = keepalive
        self.age = age
        pingInterval = keepalive.interval.map { max($0, peerPingInterval * Self.pingMargin) }
        let share = Double.random(
            in: (1 - Self.ageJitter)...(1 + Self.ageJitter), using: &generator)
        ownAge = (age.maximumAge ?? .zero) * share
        oldAt = age.maximumAge == nil ? nil : now + ownAge
        lastReceived = now
        idleSince = now
        strikes = PingStrikes(shortestInterval: ownPingInterval)
    }

    // MARK: Events

    /// Any bytes have come from the peer.
    mutating func received(now: ContinuousClock.Instant) {
        lastReceived = max(lastReceived, now)
        isAwaitingAnswer = false
    }

    /// A PING without ACK has come; false if the connection is to be closed (TOO_MANY_PINGS).
    mutating func pingReceived(now: ContinuousClock.Instant) -> Bool {
        strikes.pingReceived(now: now)
    }

    /// This side sends MESSAGE or TRAILERS: the peer has reason to ask.
    mutating func dataSent() { strikes.dataSent() }

    /// A call was opened, by either side.
    mutating func callOpened() {
        openCalls += 1
        idleSince = nil
    }

    /// A call has ended, in whatever way.
    mutating func callEnded(now: ContinuousClock.Instant) {
        assert(openCalls > 0, "a call ends once")
        openCalls = max(0, openCalls - 1)
        if openCalls == 0 { idleSince = now }
    }

    /// A drain began for another reason: GOAWAY from the peer, or this side's shutdown.
    ///
    /// Whoever began it says how long it may last; age and idleness count no more.
    mutating func drainBegan() {
        if drain == .no { drain = .withoutEnd }
    }

    /// The connection is closed, or is being closed.
    mutating func closed() { isClosed = true }

    // MARK: Time

    /// When ``wake(now:)`` is to be called; nil if nothing will happen by itself.
    var nextWake: ContinuousClock.Instant? {
        isClosed ? nil : [answerDue, pingDue, idleEnd, ageEnd, graceEnd].compactMap(\.self).min()
    }

    /// What is to be done now: nothing, if the timer came early.
    mutating func wake(now: ContinuousClock.Instant) -> Action? {
        guard !isClosed else { return nil }
        if let due = answerDue, due <= now { return close(.silence(keepalive.timeout)) }
        if let due = graceEnd, due <= now { return close(.grace(age.grace)) }
        if let due = ageEnd, due <= now { return beginDrain(.age(ownAge), now: now) }
        if let due = idleEnd, due <= now {
            return beginDrain(.idle(age.idleTimeout ?? .zero), now: now)
        }
        guard let due = pingDue, due <= now else { return nil }
        lastPing = now
        isAwaitingAnswer = true
        return .sendPing
    }

    private var mayPing: Bool { openCalls > 0 || keepalive.permitsWithoutCalls }

    /// A connection that slept without calls is asked at once when a call opens: it may be dead.
    private var pingDue: ContinuousClock.Instant? {
        guard let pingInterval, mayPing, !isAwaitingAnswer else { return nil }
        return max(lastReceived, lastPing ?? lastReceived) + pingInterval
    }

    private var answerDue: ContinuousClock.Instant? {
        isAwaitingAnswer ? lastPing.map { $0 + keepalive.timeout } : nil
    }

    private var idleEnd: ContinuousClock.Instant? {
        guard drain == .no, let idleSince, let timeout = age.idleTimeout else { return nil }
        return idleSince + timeout
    }

    private var ageEnd: ContinuousClock.Instant? { drain == .no ? oldAt : nil }

    private var graceEnd: ContinuousClock.Instant? {
        if case .until(let end) = drain { end } else { nil }
    }

    private mutating func beginDrain(_ reason: Reason, now: ContinuousClock.Instant) -> Action {
        drain = .until(now + age.grace)
        return .drain(reason)
    }

    private mutating func close(_ reason: Reason) -> Action {
        isClosed = true
        return .close(reason)
    }
}
