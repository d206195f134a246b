/// How a client connects, chooses among replicas, tries again, and what it allows.
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
    /// How the replica of each attempt is chosen.
    public var balancing = LoadBalancing.leastLoaded
    /// When a replica that does worse than the others is called no more; nil for never.
    public var ejection: OutlierEjectionConfiguration? = .defaults
    /// When a replica is spared by its own failures alone; nil, the default, for never: where the
    /// others fail as well, refusing is no better than trying.
    public var breaker: CircuitBreakerConfiguration?
    /// Which failed calls are made again; by default only those that no server has taken, as any
    /// other may have had its effect.
    public var retry = RetryConfiguration.transparentOnly
    /// How much load retries and hedges may add.
    public var retryBudget = RetryBudgetConfiguration.defaults
    /// How the connections are protected; plaintext only on this machine unless told so.
    public var security = ClientSecurity.plaintext(beyondLoopback: false)
    /// Sent with every call that brings no `authorization` of its own; nil for none.
    public var bearerToken: String?
    /// Time between two looks at the files of certificates; what has changed is used by the next
    /// connection.
    public var certificateInterval = Duration.seconds(10)
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
        backoffJitter: 0.2, drainTimeout: .seconds(10))
}

extension RPCClientConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try limits.validate()
        try keepalive.validate()
        try age.validate()
        try retry.validate()
        try retryBudget.validate()
        try ejection?.validate()
        try breaker?.validate()
        try ConfigurationRange("connectTimeout").check(connectTimeout, .positiveUpToADay)
        try ConfigurationRange("connectWait").check(connectWait, .upToADay)
        try ConfigurationRange("initialBackoff").check(initialBackoff, .positiveUpToADay)
        try ConfigurationRange("maximumBackoff").check(
            maximumBackoff, initialBackoff...(.seconds(86_400)))
        try ConfigurationRange("backoffMultiplier").check(backoffMultiplier, 1...10)
        try ConfigurationRange("backoffJitter").check(backoffJitter, 0...0.99)
        try ConfigurationRange("drainTimeout").check(drainTimeout, .upToADay)
        try ConfigurationRange("certificateInterval").check(certificateInterval, .positiveUpToADay)
        guard bearerToken.map(BearerToken.isToken) ?? true else {
            throw RPCError(
                code: .invalidArgument,
                message: "bearerToken is not 1 to \(BearerToken.maximumBytes) characters of A-Z "
                    + "a-z 0-9 - . _ ~ + / =")
        }
    }

    /// The pauses between attempts to connect.
    var connectBackoff: ExponentialBackoff {
        ExponentialBackoff(
            initial: initialBackoff, maximum: maximumBackoff, multiplier: backoffMultiplier,
            jitter: .proportional(backoffJitter))
    }
}
