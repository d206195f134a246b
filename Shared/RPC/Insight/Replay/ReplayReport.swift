/// What became of calls that were made again, beside what the record says of them.
public struct ReplayReport: Sendable, Equatable {
    /// A status then and now.
    public struct Outcome: Sendable, Hashable {
        /// In the record.
        public var recorded: RPCError.Code
        /// Of the call made again.
        public var replayed: RPCError.Code

        /// Makes an outcome.
        public init(recorded: RPCError.Code, replayed: RPCError.Code) {
            self.recorded = recorded
            self.replayed = replayed
        }
    }

    /// Of all calls, whatever their status.
    public struct Latency: Sendable, Equatable {
        /// Half of the calls took no longer; zero without calls.
        public var median = Duration.zero
        /// 99 of 100 calls took no longer; zero without calls.
        public var percentile99 = Duration.zero

        /// The nearest rank of each.
        init(_ durations: [Duration]) {
            let sorted = durations.sorted()
            guard !sorted.isEmpty else { return }
            func rank(_ percent: Int) -> Duration {
                sorted[max(1, (sorted.count * percent + 99) / 100) - 1]
            }
            median = rank(50)
            percentile99 = rank(99)
        }
    }

    /// Calls with each pair of statuses.
    public internal(set) var outcomes: [Outcome: Int] = [:]
    /// As the caller sees it: from the call to its end.
    public internal(set) var latency = Latency([])
    /// As the server saw it that was recorded, which the way to it is no part of.
    public internal(set) var recordedLatency = Latency([])
    /// Calls that began late because too many were under way.
    public internal(set) var delayed = 0
    /// From the first call to the end of the last.
    public internal(set) var elapsed = Duration.zero

    /// Calls made.
    public var calls: Int { outcomes.values.reduce(0, +) }

    /// Calls whose status is not the recorded one.
    public var changed: Int {
        outcomes.reduce(0) { $0 + ($1.key.recorded == $1.key.replayed ? 0 : $1.value) }
    }

    /// Calls made, by status.
    public var codes: [RPCError.Code: Int] { counts(\.replayed) }

    /// The same calls by their status in the record.
    public var recordedCodes: [RPCError.Code: Int] { counts(\.recorded) }

    private func counts(_ code: KeyPath<Outcome, RPCError.Code>) -> [RPCError.Code: Int] {
        Dictionary(outcomes.map { ($0.key[keyPath: code], $0.value) }, uniquingKeysWith: +)
    }
}
