/// A call that has ended.
public struct EndedCall: Sendable, Equatable {
    /// What was called.
    public var method: RPCMethod
    /// Where the call came from.
    public var peer: String
    /// W3C trace id.
    public var traceID: String
    /// From its arrival to its end.
    public var duration: Duration
    /// How it ended.
    public var code: RPCError.Code
    /// When it ended.
    public var end: ContinuousClock.Instant
}

/// The slowest calls of the recent past.
struct SlowCalls {
    /// Most calls that are kept.
    static let limit = 100
    /// Older ones are forgotten.
    static let window = Duration.seconds(600)

    /// Slowest first.
    private var calls: [EndedCall] = []
    /// When the one of them ended that is forgotten next; looked at by every call.
    private var earliestEnd: ContinuousClock.Instant?

    /// Whether a call of this duration would be kept now; most calls end here.
    func keeps(_ duration: Duration, now: ContinuousClock.Instant) -> Bool {
        guard calls.count == Self.limit, let fastest = calls.last, let earliestEnd else {
            return true
        }
        return duration > fastest.duration || earliestEnd.advanced(by: Self.window) < now
    }

    mutating func note(_ call: EndedCall) {
        if calls.count == Self.limit { forget(before: call.end) }
        let place = calls.firstIndex { $0.duration < call.duration } ?? calls.count
        calls.insert(call, at: place)
        if calls.count > Self.limit { calls.removeLast() }
        earliestEnd = calls.map(\.end).min()
    }

    /// Slowest first.
    mutating func recent(now: ContinuousClock.Instant) -> [EndedCall] {
        forget(before: now)
        return calls
    }

    private mutating func forget(before now: ContinuousClock.Instant) {
        calls.removeAll { $0.end.advanced(by: Self.window) < now }
        earliestEnd = calls.map(\.end).min()
    }
}
