/// How a client connects and what it allows.
public struct RPCClientConfiguration: Sendable, Hashable {
    /// Limits of each connection.
    public var limits: RPCLimits
    /// Longest time for one TCP connect; the handshake after it has its own limit.
    public var connectTimeout: Duration
    /// Longest time that a call waits for a connection while some replica is connecting; the
    /// call's deadline may end it earlier.
    public var connectWait: Duration
    /// Pause before connecting again after the first failure, before jitter.
    public var initialBackoff: Duration
    /// Longest pause, before jitter.
    public var maximumBackoff: Duration
    /// Factor from one pause to the next.
    public var backoffMultiplier: Double
    /// Share by which each pause is randomly longer or shorter, so that clients of a restarted
    /// server do not come back all at once.
    public var backoffJitter: Double
    /// Most times that a call which no server has seen is tried again, on another replica if any.
    public var transparentRetries: Int
    /// When a server that is silent while calls are open is asked for a sign of life.
    public var keepalive = KeepaliveConfiguration.defaults
    /// When a connection ends by itself; a client's has no end of its own unless told so.
    public var age = ConnectionAgeConfiguration.endless
    /// Time that calls in flight get when the client shuts down.
    public var drainTimeout: Duration

    /// Connect within 2 s, wait 1 s for a connection, back off from 100 ms to 10 s.
    public static let defaults = RPCClientConfiguration(
        limits: .defaults, connectTimeout: .seconds(2), connectWait: .seconds(1),
        initialBackoff: .milliseconds(100), maximumBackoff: .seconds(10), backoffMultiplier: 1.6,
        backoffJitter: 0.2, transparentRetries: 4, drainTimeout: .seconds(10))
}
