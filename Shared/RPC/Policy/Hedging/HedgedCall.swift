/// The attempts of one hedged call: when another begins, which one the caller gets, which are
/// cancelled.
///
/// The shell calls ``begin(now:)`` once and ``wake(budget:now:)`` at ``nextWake``; reports the
/// first response (or the successful end) of an attempt by ``answered(_:)``, its failure by
/// ``failed(_:_:budget:now:)``, and an attempt for which no other replica was there by
/// ``couldNotBegin(_:)``. It does the actions in order. Attempts are numbered from 0, which is what
/// `llara-attempt` says.
struct HedgedCall {
    enum Action: Equatable {
        /// Send the request once more, to a replica that this call has not tried.
        case begin(attempt: Int)
        case cancel(attempt: Int)
        /// The call is this attempt's: its response, or its failure, goes to the caller.
        case deliver(attempt: Int)
    }

    private let configuration: HedgingConfiguration
    private let deadline: ContinuousClock.Instant?
    private var begun = 0
    private var inFlight: Set<Int> = []
    private var isOver = false
    /// Whether further attempts may begin.
    private var mayHedge = true
    /// The failure to deliver if all attempts fail.
    private var lastFailed = 0
    private var wake: ContinuousClock.Instant?

    init(_ configuration: HedgingConfiguration, deadline: ContinuousClock.Instant?) {
        self.configuration = configuration
        self.deadline = deadline
    }

    /// When ``wake(budget:now:)`` is to be called; nil if no attempt will begin by time alone.
    var nextWake: ContinuousClock.Instant? {
        isOver || !mayHedge || begun >= configuration.allowedAttempts ? nil : wake
    }

    /// The call begins; its first attempt costs no budget.
    mutating func begin(now: ContinuousClock.Instant) -> [Action] {
        assert(begun == 0, "a call begins once")
        return [beginAttempt(now: now)]
    }

    /// The delay, or the pause that a server asked for, is over.
    mutating func wake(
        budget: inout RetryBudget, now: ContinuousClock.Instant
    ) -> [Action] {
        guard let due = nextWake, due <= now else { return [] }
        return hedge(budget: &budget, now: now)
    }

    /// An attempt has its first response, or its successful end: the others are not needed.
    mutating func answered(_ attempt: Int) -> [Action] {
        guard !isOver, inFlight.contains(attempt) else { return [] }
        return deliver(attempt)
    }

    /// An attempt has failed.
    mutating func failed(
        _ attempt: Int, _ failure: AttemptFailure, budget: inout RetryBudget,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard !isOver, inFlight.remove(attempt) != nil else { return [] }
        lastFailed = attempt
        // What no server took says nothing about the call itself, whatever its code.
        guard !failure.wasTaken || configuration.nonFatalCodes.contains(failure.code) else {
            return deliver(attempt)
        }
        switch failure.pushback {
        case .stop: mayHedge = false
        case .none: return hedge(budget: &budget, now: now)
        case .after(let pause):
            mayHedge = mayHedge && pause <= configuration.maximumPushback && isInTime(now + pause)
            wake = now + pause
        }
        return deliverIfNothingIsLeft()
    }

    /// No replica was there for an attempt that was to begin: waiting for the others is all.
    mutating func couldNotBegin(_ attempt: Int) -> [Action] {
        guard !isOver, inFlight.remove(attempt) != nil else { return [] }
        mayHedge = false
        // The failure of an attempt that was made says more than this one's.
        if attempt == 0 { lastFailed = attempt }
        return deliverIfNothingIsLeft()
    }

    /// The caller gives up, or the deadline has passed; returns what is to be cancelled.
    mutating func abandoned() -> [Action] {
        guard !isOver else { return [] }
        isOver = true
        return inFlight.sorted().map { .cancel(attempt: $0) }
    }

    private mutating func hedge(
        budget: inout RetryBudget, now: ContinuousClock.Instant
    ) -> [Action] {
        guard mayHedge, begun < configuration.allowedAttempts, isInTime(now),
            budget.withdraw(now: now)
        else {
            // Without budget this call makes do with what it has: asking again would only wait.
            mayHedge = false
            return deliverIfNothingIsLeft()
        }
        return [beginAttempt(now: now)]
    }

    private mutating func beginAttempt(now: ContinuousClock.Instant) -> Action {
        let attempt = begun
        begun += 1
        inFlight.insert(attempt)
        wake = now + configuration.delay
        return .begin(attempt: attempt)
    }

    private mutating func deliverIfNothingIsLeft() -> [Action] {
        inFlight.isEmpty && nextWake == nil ? deliver(lastFailed) : []
    }

    private mutating func deliver(_ attempt: Int) -> [Action] {
        isOver = true
        inFlight.remove(attempt)
        return [.deliver(attempt: attempt)] + inFlight.sorted().map { .cancel(attempt: $0) }
    }

    private func isInTime(_ instant: ContinuousClock.Instant) -> Bool {
        deadline.map { instant < $0 } ?? true
    }
}
