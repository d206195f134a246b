/// When a client stops calling a replica that does worse than the others, and for how long.
///
/// Algorithms and defaults of gRPC A50 (Envoy's outlier detection), and two of our own: failures in
/// a row, and latency far above the others'. A criterion that is nil is off.
public struct OutlierEjectionConfiguration: Sendable, Hashable {
    /// Ejects a replica whose success rate is far below the mean of all.
    public struct SuccessRate: Sendable, Hashable {
        /// By how many standard deviations below the mean; 1.9.
        public var standardDeviations = 1.9
        /// Fewest replicas with enough calls for a mean to say something; 5.
        public var minimumHosts = 5
        /// Fewest calls of a replica within an interval; 100.
        public var minimumCalls = 100

        /// gRPC's defaults.
        public init() {}
    }

    /// Ejects a replica by its own failures alone.
    public struct FailurePercentage: Sendable, Hashable {
        /// From this share of failed calls on, in percent; 85.
        public var threshold = 85
        /// Fewest replicas with enough calls; 5.
        public var minimumHosts = 5
        /// Fewest calls of a replica within an interval; 50.
        public var minimumCalls = 50

        /// gRPC's defaults.
        public init() {}
    }

    /// Ejects a replica whose median latency is far above the median of the others' medians.
    public struct Latency: Sendable, Hashable {
        /// Beyond this multiple of the others' median; 3.
        public var factor = 3.0
        /// And by at least this much, so that microseconds are no reason; 20 ms.
        public var minimumExcess = Duration.milliseconds(20)
        /// Fewest replicas with enough calls; 3, because of two nobody can say which is odd.
        public var minimumHosts = 3
        /// Fewest calls of a replica within an interval; 20.
        public var minimumCalls = 20

        /// Three times the others' median and 20 ms above it.
        public init() {}
    }

    /// Time between two evaluations; 10 s.
    public var interval = Duration.seconds(10)
    /// Length of the first ejection; each further one is longer by the same; 30 s.
    public var baseEjection = Duration.seconds(30)
    /// Longest ejection; 300 s.
    public var maximumEjection = Duration.seconds(300)
    /// Most replicas ejected at a time, in percent; at least one may be, and never the last; 10.
    public var maximumEjectedPercent = 10
    /// Failures in a row that eject at once, without waiting for the interval; 5, nil for never.
    public var consecutiveFailures: Int? = 5
    /// See ``SuccessRate``.
    public var successRate: SuccessRate? = SuccessRate()
    /// See ``FailurePercentage``.
    public var failurePercentage: FailurePercentage? = FailurePercentage()
    /// See ``Latency``.
    public var latency: Latency? = Latency()

    /// All criteria with their defaults.
    public static let defaults = OutlierEjectionConfiguration()

    /// The defaults.
    public init() {}
}

extension OutlierEjectionConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("ejection.interval").check(interval, .positiveUpToADay)
        try ConfigurationRange("ejection.baseEjection").check(baseEjection, .positiveUpToADay)
        try ConfigurationRange("ejection.maximumEjection").check(maximumEjection, .positiveUpToADay)
        try ConfigurationRange("ejection.maximumEjectedPercent").check(
            maximumEjectedPercent, 0...100)
        try ConfigurationRange("ejection.consecutiveFailures").check(
            consecutiveFailures, 1...1_000_000)
        try ConfigurationRange("ejection.successRate.standardDeviations").check(
            successRate?.standardDeviations, 0...100)
        try ConfigurationRange("ejection.successRate.minimumHosts").check(
            successRate?.minimumHosts, 1...1_000_000)
        try ConfigurationRange("ejection.successRate.minimumCalls").check(
            successRate?.minimumCalls, 1...1_000_000)
        try ConfigurationRange("ejection.failurePercentage.threshold").check(
            failurePercentage?.threshold, 1...100)
        try ConfigurationRange("ejection.failurePercentage.minimumHosts").check(
            failurePercentage?.minimumHosts, 1...1_000_000)
        try ConfigurationRange("ejection.failurePercentage.minimumCalls").check(
            failurePercentage?.minimumCalls, 1...1_000_000)
        try ConfigurationRange("ejection.latency.factor").check(latency?.factor, 1...1_000)
        try ConfigurationRange("ejection.latency.minimumExcess").check(
            latency?.minimumExcess, .upToADay)
        try ConfigurationRange("ejection.latency.minimumHosts").check(
            latency?.minimumHosts, 2...1_000_000)
        try ConfigurationRange("ejection.latency.minimumCalls").check(
            latency?.minimumCalls, 1...1_000_000)
    }
}
