/// When a client stops calling a replica by that replica's failures alone.
///
/// The outlier ejection compares replicas and never ejects all; a breaker spares a service that
/// fails as a whole, and its callers the wait. Nygard, "Release It!", 2nd edition, section 5.2.
public struct CircuitBreakerConfiguration: Sendable, Hashable {
    /// Time over which failures are counted; 10 s.
    public var window = Duration.seconds(10)
    /// Share of failed calls from which on it opens, in percent; 50.
    public var failurePercent = 50
    /// Fewest calls within the window for a share to say something; 20.
    public var minimumCalls = 20
    /// Time for which it is open at first; doubled by each failed probe; 1 s.
    public var openTime = Duration.seconds(1)
    /// Longest time for which it is open at once; 30 s.
    public var maximumOpenTime = Duration.seconds(30)
    /// Calls that are let through when the time is over, and that must all succeed; 3.
    public var probes = 3

    /// Opens at half of at least 20 calls in 10 s, for 1 to 30 s.
    public static let defaults = CircuitBreakerConfiguration()

    /// The defaults.
    public init() {}
}

extension CircuitBreakerConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("breaker.window").check(window, .positiveUpToADay)
        try ConfigurationRange("breaker.failurePercent").check(failurePercent, 1...100)
        try ConfigurationRange("breaker.minimumCalls").check(minimumCalls, 1...1_000_000)
        try ConfigurationRange("breaker.openTime").check(openTime, .positiveUpToADay)
        try ConfigurationRange("breaker.maximumOpenTime").check(maximumOpenTime, .positiveUpToADay)
        try ConfigurationRange("breaker.probes").check(probes, 1...1_000)
    }
}
