import Synchronization

/// What bounds one call: its deadline and whether its task was cancelled.
final class CallControl: Sendable {
    /// No statement of the call runs past it.
    let deadline: ContinuousClock.Instant
    private let cancelled = Atomic<Bool>(false)

    init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

    /// The task was cancelled; the caller wakes the thread that works for it.
    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// Why the call must end now, if it must.
    func interruption(now: ContinuousClock.Instant) -> PostgresError? {
        if cancelled.load(ordering: .acquiring) { return .callCancelled }
        return now >= deadline ? .callDeadlinePassed : nil
    }
}

extension PostgresError {
    /// The calling task was cancelled.
    static var callCancelled: PostgresError {
        PostgresError(.cancelled, "the call was cancelled", cause: CancellationError())
    }

    /// The call's time is over.
    static var callDeadlinePassed: PostgresError {
        PostgresError(
            .deadlineExceeded, "the database did not answer before the call's deadline")
    }
}
