/// The attempts of one call that is not hedged: whether and when another follows a failure.
///
/// The shell makes one for each call, calls ``commit()`` when the first response has gone to the
/// caller, and asks ``attemptFailed(_:budget:expected:now:using:)`` after each failure.
struct CallRetries {
    enum Decision: Equatable {
        /// Make another attempt after the pause, on a replica not tried yet if there is one.
        case retry(after: Duration)
        /// The failure is the call's end.
        case giveUp(Reason)
    }

    /// Why no attempt follows; for metrics and logs.
    enum Reason: Equatable {
        /// The caller has seen a response, and must not see it twice.
        case committed
        case codeNotRetryable
        /// The server said so, or named a time beyond the limit.
        case pushback
        case attemptsUsed
        /// Another attempt could not end in time.
        case deadline
        /// The client's retries are too large a share of its calls.
        case budget
    }

    private let configuration: RetryConfiguration
    private let deadline: ContinuousClock.Instant?
    private var backoff: ExponentialBackoff
    private var isCommitted = false
    private var transparentRetries = 0
    /// Failed attempts that may have reached a server: what `llara-attempt` says to the next one.
    private(set) var failedAttempts = 0

    init(_ configuration: RetryConfiguration, deadline: ContinuousClock.Instant?) {
        self.configuration = configuration
        self.deadline = deadline
        backoff = ExponentialBackoff(
            initial: configuration.initialBackoff, maximum: configuration.maximumBackoff,
            multiplier: configuration.backoffMultiplier, jitter: .full)
    }

    /// The caller has been given a response message: the call is this attempt's from now on.
    mutating func commit() { isCommitted = true }

    /// An attempt has failed.
    ///
    /// - Parameter expected: How long an attempt usually takes, for example the balancer's latency;
    ///   without it an attempt may be made until the deadline itself.
    mutating func attemptFailed(
        _ failure: AttemptFailure, budget: inout RetryBudget, expected: Duration? = nil,
        now: ContinuousClock.Instant, using generator: inout some RandomNumberGenerator
    ) -> Decision {
        if isCommitted { return .giveUp(.committed) }
        if !failure.wasTaken, transparentRetries < configuration.transparentRetries {
            guard isInTime(after: .zero, expected, now: now) else { return .giveUp(.deadline) }
            transparentRetries += 1
            return .retry(after: .zero)
        }
        failedAttempts += 1
        guard configuration.retryableCodes.contains(failure.code) else {
            return .giveUp(.codeNotRetryable)
        }
        guard failedAttempts < configuration.allowedAttempts else { return .giveUp(.attemptsUsed) }
        guard let pause = pause(after: failure.pushback, using: &generator) else {
            return .giveUp(.pushback)
        }
        guard isInTime(after: pause, expected, now: now) else { return .giveUp(.deadline) }
        // Last, because it costs: nothing is withdrawn for an attempt that is not made.
        guard budget.withdraw(now: now) else { return .giveUp(.budget) }
        return .retry(after: pause)
    }

    private mutating func pause(
        after pushback: RetryPushback, using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        switch pushback {
        case .none: return backoff.next(using: &generator)
        case .stop: return nil
        case .after(let pause):
            // The server knows better than the exponent, which starts anew after it (gRPC A6).
            backoff.reset()
            return pause <= configuration.maximumPushback ? pause : nil
        }
    }

    private func isInTime(
        after pause: Duration, _ expected: Duration?, now: ContinuousClock.Instant
    ) -> Bool {
        guard let deadline else { return true }
        return now + pause + (expected ?? .zero) < deadline
    }
}
