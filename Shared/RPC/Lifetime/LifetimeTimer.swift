internal import NIOCore

/// Wakes a connection's ``ConnectionLifetime`` when it is due.
///
/// Used on the event loop only.
final class LifetimeTimer {
    private var lifetime: ConnectionLifetime
    private let eventLoop: any EventLoop
    private let act: (ConnectionLifetime.Action) -> Void
    private var timer: Scheduled<Void>?
    private var wake: ContinuousClock.Instant?

    /// Begins; `act` does what is due and must not hold the timer strongly.
    init(
        _ lifetime: ConnectionLifetime, on eventLoop: any EventLoop,
        act: @escaping (ConnectionLifetime.Action) -> Void
    ) {
        self.lifetime = lifetime
        self.eventLoop = eventLoop
        self.act = act
        arm()
    }

    /// Tells the lifetime of an event that can only put off the next wake: the hot path, on which
    /// no timer is touched.
    func note<Result>(_ event: (inout ConnectionLifetime) -> Result) -> Result { event(&lifetime) }

    /// Tells the lifetime of an event after which something may be due sooner.
    func tell<Result>(_ event: (inout ConnectionLifetime) -> Result) -> Result {
        defer { arm() }
        return event(&lifetime)
    }

    /// Stops for good.
    func cancel() {
        lifetime.closed()
        timer?.cancel()
    }

    private func arm() {
        guard let due = lifetime.nextWake else { return }
        if let wake, wake <= due { return }
        timer?.cancel()
        wake = due
        timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(until: due)) {
            [weak self] () -> Void in self?.fire()
        }
    }

    private func fire() {
        wake = nil
        if let action = lifetime.wake(now: .now) { act(action) }
        arm()
    }
}
