internal import Synchronization

/// Says to a running decode when it must stop: its caller gave up, or its deadline passed.
final class DecodeControl: Sendable {
    /// When the caller stops waiting; nil if it waits for ever.
    let deadline: ContinuousClock.Instant?
    private let cancelled = Atomic<Bool>(false)
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        deadline: ContinuousClock.Instant?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.deadline = deadline
        self.now = now
    }

    /// Stops the decode at its next operation.
    func cancel() { cancelled.store(true, ordering: .releasing) }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    var hasExpired: Bool { deadline.map { now() >= $0 } ?? false }

    /// Asked before every operation of the model's graph, about a thousand times a decode.
    var mustStop: Bool { isCancelled || hasExpired }
}
