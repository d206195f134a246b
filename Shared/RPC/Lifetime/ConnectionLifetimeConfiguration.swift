/// When a side asks a silent peer whether it is still there.
public struct KeepaliveConfiguration: Sendable, Hashable {
    /// Time without a byte from the peer before it is asked by PING; nil for never; 30 s.
    ///
    /// Never shorter than the peer's setting 10 allows.
    public var interval: Duration? = .seconds(30)
    /// Longest wait for any byte after PING; then the connection is closed; 10 s.
    public var timeout = Duration.seconds(10)
    /// Whether the peer is asked while no call is open; false, which saves both sides' time.
    public var permitsWithoutCalls = false

    /// Asks after 30 s of silence while calls are open, waits 10 s.
    public static let defaults = KeepaliveConfiguration()

    /// The defaults.
    public init() {}
}

/// When a connection ends by itself; gRPC A9.
public struct ConnectionAgeConfiguration: Sendable, Hashable {
    /// Time without any call before the connection is ended; nil for never; 30 min.
    public var idleTimeout: Duration? = .seconds(1_800)
    /// Age at which the connection is ended, so that clients find new replicas; nil for never.
    ///
    /// Each connection's is up to 10 % longer or shorter, so that those of a restarted server do
    /// not all end at once.
    public var maximumAge: Duration?
    /// Time that open calls get once the connection ends by age or idleness; then it is closed; 10
    /// s.
    public var grace = Duration.seconds(10)

    /// Idle for 30 min, any age, 10 s of grace.
    public static let defaults = ConnectionAgeConfiguration()
    /// As long as the peer likes.
    public static let endless: ConnectionAgeConfiguration = {
        var configuration = ConnectionAgeConfiguration()
        configuration.idleTimeout = nil
        return configuration
    }()

    /// The defaults.
    public init() {}
}

extension KeepaliveConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("keepalive.interval").check(interval, .positiveUpToADay)
        try ConfigurationRange("keepalive.timeout").check(timeout, .positiveUpToADay)
    }
}

extension ConnectionAgeConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("connectionAge.idleTimeout").check(idleTimeout, .positiveUpToADay)
        try ConfigurationRange("connectionAge.maximumAge").check(maximumAge, .positiveUpToADay)
        try ConfigurationRange("connectionAge.grace").check(grace, .upToADay)
    }
}
