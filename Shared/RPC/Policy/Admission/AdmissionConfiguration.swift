/// How many calls of one method a server runs at a time, and which wait.
public struct AdmissionConfiguration: Sendable, Hashable {
    /// How many run at a time.
    public enum Concurrency: Sendable, Hashable {
        /// Always this many; for an engine that orders its own work.
        case fixed(Int)
        /// As many as leave latency near its minimum; for handlers that compute or that wait for
        /// something with limits of its own.
        case adaptive(AdaptiveConcurrency)
    }

    /// See ``Concurrency``; adaptive by default.
    public var concurrency = Concurrency.adaptive(.defaults)
    /// Most calls that wait for their turn; 1,000.
    public var waitingCalls = 1_000
    /// Longest expected wait for a turn; a call that would wait longer is refused; 1 s.
    ///
    /// A call with a deadline waits for at most half of the time that it has to spare.
    public var maximumWait = Duration.seconds(1)

    /// An adaptive limit, 1,000 calls waiting for at most 1 s.
    public static let defaults = AdmissionConfiguration()

    /// The defaults.
    public init() {}
}

/// Bounds and pace of an adaptive limit of concurrency.
///
/// Envoy's adaptive concurrency with gradient controller; brpc's auto limiter has the same parts.
public struct AdaptiveConcurrency: Sendable, Hashable {
    /// Lowest limit, which also holds while the minimum latency is measured; 4.
    ///
    /// At least the number of cores that a handler's method may use, or measuring costs goodput.
    public var minimum = 4
    /// Highest limit; 1,000.
    public var maximum = 1_000
    /// Limit before anything is known; 16.
    public var initial = 16
    /// By which share the latency may exceed its minimum before the limit sinks; 0.25.
    public var tolerance = 0.25
    /// Shortest time between two changes of the limit; 100 ms.
    public var window = Duration.milliseconds(100)
    /// Calls that a change of the limit, or a measurement of the minimum, needs; 25.
    public var samples = 25
    /// Time between two measurements of the minimum latency; 60 s.
    ///
    /// Without them a minimum from better days would hold the limit down for ever.
    public var measurementInterval = Duration.seconds(60)

    /// 4 to 1,000, changed every 100 ms, the minimum measured every 60 s.
    public static let defaults = AdaptiveConcurrency()

    /// The defaults.
    public init() {}
}

extension AdaptiveConcurrency {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("admission.concurrency.minimum").check(minimum, 1...1_000_000)
        try ConfigurationRange("admission.concurrency.maximum").check(maximum, minimum...1_000_000)
        try ConfigurationRange("admission.concurrency.initial").check(initial, minimum...maximum)
        try ConfigurationRange("admission.concurrency.tolerance").check(tolerance, 0...10)
        try ConfigurationRange("admission.concurrency.window").check(window, .positiveUpToADay)
        try ConfigurationRange("admission.concurrency.samples").check(samples, 1...10_000)
        try ConfigurationRange("admission.concurrency.measurementInterval").check(
            measurementInterval, .positiveUpToADay)
    }
}

extension AdmissionConfiguration {
    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        switch concurrency {
        case .fixed(let limit):
            try ConfigurationRange("admission.concurrency").check(limit, 1...1_000_000)
        case .adaptive(let adaptive): try adaptive.validate()
        }
        try ConfigurationRange("admission.waitingCalls").check(waitingCalls, 0...1_000_000)
        try ConfigurationRange("admission.maximumWait").check(maximumWait, .upToADay)
    }
}
