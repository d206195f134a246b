/// How recorded calls are made again.
public struct ReplayConfiguration: Sendable {
    /// When each call begins.
    public enum Pace: Sendable, Hashable {
        /// With the spacing of the record, divided by `speed`: 2 is twice as fast.
        case original(speed: Double)
        /// As soon as fewer than so many are under way.
        case inFlight(Int)
    }

    /// When each call begins.
    public var pace = Pace.original(speed: 1)
    /// Most calls under way with ``Pace/original(speed:)``; beyond, the next waits and counts as
    /// delayed.
    public var mostInFlight = 1_000
    /// Time for a call that was recorded without a deadline; nil for no end.
    ///
    /// The others have the time that they had.
    public var timeout: Duration? = .seconds(60)
    /// Sent beside each call, in place of what the record has under the same keys: records hold no
    /// tokens.
    public var metadata = Metadata()

    /// With the record's own spacing.
    public static let defaults = ReplayConfiguration()

    /// The defaults.
    public init() {}

    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        switch pace {
        case .original(let speed):
            try ConfigurationRange("replay.speed").check(speed, 0.001...1000)
        case .inFlight(let calls):
            try ConfigurationRange("replay.inFlight").check(calls, Self.callsInFlight)
        }
        try ConfigurationRange("replay.mostInFlight").check(mostInFlight, Self.callsInFlight)
        try ConfigurationRange("replay.timeout").check(timeout, .positiveUpToADay)
        if let wrong = metadata.malformation {
            throw RPCError(code: .invalidArgument, message: "replay.metadata: \(wrong)")
        }
    }

    private static let callsInFlight = 1...100_000

    /// Most calls under way.
    var places: Int {
        switch pace {
        case .original: mostInFlight
        case .inFlight(let calls): calls
        }
    }

    /// When a call is due, from the beginning; nil for as soon as there is a place.
    func due(_ call: RecordedCall, first: Duration) -> Duration? {
        switch pace {
        case .original(let speed): (call.arrival - first) / speed
        case .inFlight: nil
        }
    }

    /// What belongs to the call that was recorded, and not to the one that is made of it.
    private static let ownKeys: Set<String> = [
        TraceContext.key, "tracestate", ClientAttempt.key,
    ]

    /// How a call is made again.
    func options(of call: RecordedCall) -> CallOptions {
        var sent = metadata
        let replaced = Set(metadata.entries.map(\.key)).union(Self.ownKeys)
        for entry in call.metadata.entries where !replaced.contains(entry.key) {
            sent.append(entry)
        }
        return CallOptions(timeout: call.remaining ?? timeout, metadata: sent)
    }
}
