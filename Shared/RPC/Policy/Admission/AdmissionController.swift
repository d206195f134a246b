/// Which calls of one method a server starts, lets wait, or refuses at once.
///
/// The shell (under a mutex) calls ``arrived(_:deadline:now:)`` for each call,
/// ``abandoned(_:)`` when the caller of a call that waits gives up or its deadline passes, and
/// ``ended(started:isSuccess:now:)`` when a handler has returned, whatever became of its call.
///
/// First in, first out: the wait of a call is then known when it comes, so that what cannot be done
/// in time is refused within microseconds, and what is taken is done. The last in first would make
/// calls that were taken wait behind later ones, and be refused when their time is over.
struct AdmissionController<Call: Hashable & Sendable> {
    enum Decision: Equatable {
        case start
        /// Its turn comes by ``Turn/start(_:)``.
        case wait
        /// Answer RESOURCE_EXHAUSTED now.
        case refuse(Refusal)
    }

    struct Refusal: Equatable {
        /// For the status, with what to do.
        var reason: String
        /// For `llara-retry-pushback-ms`: when the present queue will be done.
        var retryAfter: Duration
    }

    /// What to do with a call that has waited.
    enum Turn: Equatable {
        case start(Call)
        /// It took longer than expected, and too little time is left: answer as for a refusal.
        case refuse(Call, Refusal)
    }

    private struct Waiting {
        var call: Call
        var deadline: ContinuousClock.Instant?
    }

    private let configuration: AdmissionConfiguration
    private var limiter: ConcurrencyLimiter?
    private let fixedLimit: Int
    private var waiting = FIFOQueue<Waiting>()
    private var serviceTime = ServiceTime()
    private(set) var running = 0

    init(_ configuration: AdmissionConfiguration, now: ContinuousClock.Instant) {
        self.configuration = configuration
        switch configuration.concurrency {
        case .fixed(let limit): fixedLimit = max(1, limit)
        case .adaptive(let adaptive):
            fixedLimit = 1
            limiter = ConcurrencyLimiter(adaptive, now: now)
        }
    }

    var limit: Int { limiter?.limit ?? fixedLimit }

    var waitingCalls: Int { waiting.count }

    /// How long a call that comes now would wait for its turn.
    var expectedWait: Duration {
        let before = waiting.count + running - limit + 1
        return before > 0 ? serviceTime.mean * before / limit : .zero
    }

    /// A call has come, with its request if it has one.
    mutating func arrived(
        _ call: Call, deadline: ContinuousClock.Instant?, now: ContinuousClock.Instant
    ) -> Decision {
        // With nothing at work the estimate may be out of date, and only a call can correct it.
        let isIdle = running == 0 && waiting.isEmpty
        if let deadline, now >= deadline || !isIdle && now + serviceTime.mean > deadline {
            return .refuse(refusal("too little time is left for this call; give it more"))
        }
        if waiting.isEmpty, running < limit {
            running += 1
            return .start
        }
        guard waiting.count < configuration.waitingCalls else {
            return .refuse(
                refusal("\(waiting.count) calls of this method wait (waitingCalls); try later"))
        }
        let wait = expectedWait
        guard wait <= configuration.maximumWait else {
            return .refuse(
                refusal("calls of this method wait for \(wait) (maximumWait); try later"))
        }
        if let deadline, !isInTime(deadline, wait: wait, now: now) {
            return .refuse(
                refusal("this call would wait for \(wait), and then end too late; try later"))
        }
        waiting.append(Waiting(call: call, deadline: deadline))
        return .wait
    }

    /// The caller of a call that waits has given up; false if the call does not wait.
    mutating func abandoned(_ call: Call) -> Bool {
        waiting.removeAll { $0.call == call } > 0
    }

    /// A handler has returned; returns what is to be done with those that wait.
    ///
    /// - Parameters:
    ///   - started: When the handler began.
    ///   - isSuccess: Whether it did its work. What failed early says nothing of how long that
    ///     takes; what failed, or was stopped, after longer than usual was at least so slow.
    mutating func ended(
        started: ContinuousClock.Instant, isSuccess: Bool, now: ContinuousClock.Instant
    ) -> [Turn] {
        let time = started.duration(to: now)
        if isSuccess || time > serviceTime.mean {
            serviceTime.add(time)
            limiter?.observed(started: started, running: running, now: now)
        }
        running -= 1
        var turns: [Turn] = []
        while running < limit, let next = waiting.takeFirst() {
            if let deadline = next.deadline, now + serviceTime.mean > deadline, running > 0 {
                turns.append(.refuse(next.call, refusal("the calls before took too long")))
            } else {
                running += 1
                turns.append(.start(next.call))
            }
        }
        return turns
    }

    /// Half of what a call has to spare may go for waiting; the other half is for estimates that
    /// are wrong, and for the way of the response.
    private func isInTime(
        _ deadline: ContinuousClock.Instant, wait: Duration, now: ContinuousClock.Instant
    ) -> Bool {
        now.duration(to: deadline) >= serviceTime.upperBound + wait * 2
    }

    private func refusal(_ reason: String) -> Refusal {
        Refusal(reason: reason, retryAfter: max(.milliseconds(1), expectedWait))
    }
}
