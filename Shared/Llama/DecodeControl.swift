internal import Synchronization

/// Says to a running decode when it must stop: its caller gave up, or its deadline passed.
final class DecodeControl: Sendable {
    /// When the caller stops waiting; nil if it waits for ever.
    let deadline: ContinuousClock.Instant?
    private let cancelled = Atomic<Bool>(false)

    init(deadline: ContinuousClock.Instant?) { self.deadline = deadline }

    /// Stops the decode at its next operation.
    func cancel() { cancelled.store(true, ordering: .releasing) }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    var hasExpired: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

    var mustStop: Bool { isCancelled || hasExpired }
}
