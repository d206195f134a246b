/// When a client makes a second attempt of a call beside a first that is slow; gRPC A6.
///
/// Only for methods that bear being run twice. Hedges are paid from the client's
/// ``RetryBudgetConfiguration``, so that they stay a share of the load however slow the servers
/// become.
public struct HedgingConfiguration: Sendable, Hashable {
    /// Attempts of a call, the first included; 1 to 5; 2.
    public var attempts = 2
    /// Time after an attempt began before the next one does; best near the method's 95th
    /// percentile, so that one call in twenty is hedged.
    public var delay: Duration
    /// Codes after which the next attempt begins at once; any other failure ends the call.
    public var nonFatalCodes: Set<RPCError.Code> = [.unavailable, .resourceExhausted]
    /// Longest pause that a server may ask for (`llara-retry-pushback-ms`); beyond, no further
    /// attempt begins; 60 s.
    public var maximumPushback = Duration.seconds(60)

    /// Two attempts, the second after `delay`.
    public init(delay: Duration) { self.delay = delay }

    /// Attempts within the limits of this type.
    var allowedAttempts: Int { min(max(1, attempts), RetryConfiguration.attemptsLimit) }
}

extension HedgingConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("hedging.attempts").check(
            attempts, 1...RetryConfiguration.attemptsLimit)
        try ConfigurationRange("hedging.delay").check(delay, .upToADay)
        try ConfigurationRange("hedging.maximumPushback").check(maximumPushback, .upToADay)
    }
}
