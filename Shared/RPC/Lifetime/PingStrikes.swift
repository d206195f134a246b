/// Whether a peer asks too often (WIRE 2.7).
struct PingStrikes {
    /// The strike that ends the connection.
    static let limit = 3

    private let shortestInterval: Duration
    private var lastPing: ContinuousClock.Instant?
    private(set) var strikes = 0

    /// Counts against this side's setting 10.
    init(shortestInterval: Duration) { self.shortestInterval = shortestInterval }

    /// A PING without ACK has come; false if the connection is to be closed (TOO_MANY_PINGS).
    mutating func pingReceived(now: ContinuousClock.Instant) -> Bool {
        if let lastPing, lastPing.duration(to: now) < shortestInterval { strikes += 1 }
        lastPing = now
        return strikes < Self.limit
    }

    /// This side sends MESSAGE or TRAILERS: the peer has reason to ask.
    mutating func dataSent() { strikes = 0 }
}
