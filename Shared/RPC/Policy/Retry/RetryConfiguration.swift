/// Which failed calls a client makes again, how often and when; gRPC A6.
public struct RetryConfiguration: Sendable, Hashable {
    /// Most attempts of any configuration, the first included, as in gRPC.
    public static let attemptsLimit = 5

    /// Attempts of a call, the first included; 1 to 5; 1 means no retries; 3.
    public var attempts = 3
    /// Longest pause before the second attempt; the real one is uniform from 0 on (full jitter).
    public var initialBackoff = Duration.milliseconds(50)
    /// Longest pause before any attempt; 1 s.
    public var maximumBackoff = Duration.seconds(1)
    /// Factor from one longest pause to the next; 2.
    public var backoffMultiplier = 2.0
    /// Codes after which a call may be made again; UNAVAILABLE.
    ///
    /// Each must mean that the call had no effect, or the method must bear a repetition.
    public var retryableCodes: Set<RPCError.Code> = [.unavailable]
    /// Longest pause that a server may ask for (`llara-retry-pushback-ms`); a call that it wants
    /// later is not made again; 60 s.
    public var maximumPushback = Duration.seconds(60)
    /// Repetitions of a call that no server has taken; they follow at once and count neither as
    /// attempts nor against the budget; 4, and from then on as any failure.
    public var transparentRetries = 4

    /// 3 attempts after UNAVAILABLE, pauses up to 50 ms, 100 ms.
    public static let defaults = RetryConfiguration()

    /// One attempt, and repetitions only of what no server has taken.
    public static let transparentOnly: RetryConfiguration = {
        var configuration = RetryConfiguration()
        configuration.attempts = 1
        return configuration
    }()

    /// The defaults.
    public init() {}

    /// Attempts within the limits of this type.
    var allowedAttempts: Int { min(max(1, attempts), Self.attemptsLimit) }
}

/// How much load a client's retries and hedges may add.
///
/// Finagle's retry budget rather than gRPC's token throttle: it bounds the extra load as a share of
/// the calls themselves, so that one number covers retries and hedges, also while nothing fails.
/// The throttle counts failures only and says nothing about hedges.
public struct RetryBudgetConfiguration: Sendable, Hashable {
    /// Retries and hedges for every 100 calls; 20.
    public var percent = 20
    /// Retries and hedges a second that are allowed whatever the load, for clients with few calls;
    /// 10.
    public var minimumPerSecond = 10
    /// For how long a call counts; 10 s.
    public var timeToLive = Duration.seconds(10)

    /// 20 %, at least 10 a second, over 10 s.
    public static let defaults = RetryBudgetConfiguration()

    /// The defaults.
    public init() {}
}

extension RetryConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("retry.attempts").check(attempts, 1...Self.attemptsLimit)
        try ConfigurationRange("retry.initialBackoff").check(initialBackoff, .upToADay)
        try ConfigurationRange("retry.maximumBackoff").check(maximumBackoff, .upToADay)
        try ConfigurationRange("retry.backoffMultiplier").check(backoffMultiplier, 1...10)
        try ConfigurationRange("retry.maximumPushback").check(maximumPushback, .upToADay)
        try ConfigurationRange("retry.transparentRetries").check(transparentRetries, 0...100)
    }
}

extension RetryBudgetConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("retryBudget.percent").check(percent, 0...1_000)
        try ConfigurationRange("retryBudget.minimumPerSecond").check(
            minimumPerSecond, 0...1_000_000)
        try ConfigurationRange("retryBudget.timeToLive").check(
            timeToLive, .seconds(1)...(.seconds(60)))
    }
}
