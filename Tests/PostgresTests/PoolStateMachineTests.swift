import Domain
import Testing

@testable import Postgres

@Suite("the pool's policy")
struct PoolStateMachineTests {
    private let start = ContinuousClock.now
    private var random = SeededGenerator(seed: 1)

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    /// Two connections at most, none kept, two waiters, one second to wait.
    private func machine(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) -> PoolStateMachine {
        var configuration = PostgresConfiguration(url: "")
        configuration.maximumConnections = 2
        configuration.minimumConnections = 0
        configuration.maximumWaiters = 2
        configuration.acquireTimeout = .seconds(1)
        change(&configuration)
        return PoolStateMachine(configuration)
    }

    @Test("a first request opens a connection and gets it")
    func opensOnDemand() {
        var pool = machine()
        #expect(pool.requested(1, deadline: after(500), now: start) == [.open(slot: 0)])
        #expect(pool.opened(slot: 0, now: after(1)) == [.lease(1, slot: 0)])
        #expect(pool.connectionCount == 1)
    }

    @Test("an idle connection is leased at once, the one used last first")
    func reusesLastUsed() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.requested(2, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.opened(slot: 1, now: start)
        #expect(pool.released(slot: 1, isUsable: true, now: start) == [])
        #expect(pool.released(slot: 0, isUsable: true, now: start) == [])
        #expect(pool.requested(3, deadline: after(500), now: start) == [.lease(3, slot: 0)])
        #expect(pool.leaseIdle(deadline: after(500), now: start) == 1)
        #expect(pool.leaseIdle(deadline: after(500), now: start) == nil)
    }

    @Test("waiters are served in order of arrival, and no more connections are opened than allowed")
    func firstComeFirstServed() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.requested(2, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.opened(slot: 1, now: start)
        #expect(pool.requested(3, deadline: after(500), now: start) == [])
        #expect(pool.requested(4, deadline: after(500), now: start) == [])
        #expect(pool.released(slot: 1, isUsable: true, now: start) == [.lease(3, slot: 1)])
        #expect(pool.released(slot: 0, isUsable: true, now: start) == [.lease(4, slot: 0)])
    }

    @Test("as many may wait as the limit says, and one more is refused")
    func boundsWaiters() {
        var pool = machine()
        for id in 1...2 { _ = pool.requested(UInt64(id), deadline: after(500), now: start) }
        #expect(pool.waiterCount == 2)
        #expect(
            pool.requested(3, deadline: after(500), now: start) == [.refuse(3, .tooManyWaiters)])
        #expect(pool.waiterCount == 2)
    }

    @Test("a waiter's deadline removes it, and only it")
    func deadlineRemovesWaiter() {
        var pool = machine { $0.maximumConnections = 1 }
        _ = pool.requested(0, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.requested(2, deadline: after(200), now: start)
        #expect(pool.nextWakeUp == after(200))
        #expect(pool.timePassed(now: after(199)) == [])
        #expect(pool.timePassed(now: after(200)) == [.refuse(2, .deadlinePassed)])
        #expect(pool.nextWakeUp == after(500))
        #expect(pool.released(slot: 0, isUsable: true, now: after(300)) == [.lease(1, slot: 0)])
    }

    @Test("a request whose deadline has passed is refused, even with a connection idle")
    func lateRequest() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.released(slot: 0, isUsable: true, now: start)
        #expect(pool.leaseIdle(deadline: start, now: start) == nil)
        #expect(pool.requested(2, deadline: start, now: start) == [.refuse(2, .deadlinePassed)])
    }

    @Test("a wait longer than the acquire timeout ends with another reason than the deadline")
    func acquireTimeout() {
        var pool = machine { $0.maximumConnections = 1 }
        _ = pool.requested(1, deadline: after(9_000), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.requested(2, deadline: after(9_000), now: start)
        #expect(pool.timePassed(now: after(1_000)) == [.refuse(2, .noneInTime)])
    }

    @Test("a cancelled waiter leaves the queue, and a connection meant for it goes to the next")
    func cancellation() {
        var pool = machine { $0.maximumConnections = 1 }
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.requested(2, deadline: after(500), now: start)
        #expect(pool.requestCancelled(1) == [.refuse(1, .cancelled)])
        #expect(pool.requestCancelled(1) == [])
        #expect(pool.opened(slot: 0, now: start) == [.lease(2, slot: 0)])
        #expect(pool.requestCancelled(2) == [])
    }

    @Test(
        "during an outage one slot at a time tries, with growing pauses, until the server is back")
    func outage() {
        var pool = machine()
        var generator = random
        #expect(pool.requested(1, deadline: after(9_000), now: start) == [.open(slot: 0)])
        #expect(pool.requested(2, deadline: after(9_000), now: start) == [.open(slot: 1)])
        // Two attempts side by side are one failure.
        #expect(pool.openFailed(slot: 0, now: after(1), using: &generator) == [])
        let retry = pool.nextWakeUp
        #expect(retry == nil || retry == after(1_000), "slot 1 still tries")
        #expect(pool.openFailed(slot: 1, now: after(1), using: &generator) == [])
        var previous = after(1)
        var pauses: [Duration] = []
        for _ in 1...4 {
            guard let next = pool.nextWakeUp, next < after(1_000) else { break }
            pauses.append(previous.duration(to: next))
            #expect(pool.timePassed(now: next.advanced(by: .milliseconds(-1))) == [])
            #expect(pool.timePassed(now: next) == [.open(slot: 0)])
            #expect(pool.openFailed(slot: 0, now: next, using: &generator) == [])
            previous = next
        }
        #expect(pauses.count >= 3)
        for (index, pause) in pauses.enumerated() {
            let full = Duration.milliseconds(50) * (1 << index)
            #expect(pause >= full / 2 && pause <= full)
        }
        // Back again: the waiters get what they wait for.
        guard let next = pool.nextWakeUp else { return }
        if next < after(1_000) { _ = pool.timePassed(now: next) }
        #expect(pool.opened(slot: 0, now: next) == [.lease(1, slot: 0), .open(slot: 1)])
        #expect(!pool.isInOutage)
    }

    @Test("during an outage a waiter learns that the server cannot be reached")
    func unreachable() {
        var pool = machine()
        var generator = random
        _ = pool.requested(1, deadline: after(300), now: start)
        _ = pool.openFailed(slot: 0, now: start, using: &generator)
        let refusals = pool.timePassed(now: after(300)).filter { $0 != .open(slot: 0) }
        #expect(refusals == [.refuse(1, .unreachable)])
    }

    @Test("a waiter learns the same while the first connection is still being made")
    func notYetReached() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(300), now: start)
        #expect(pool.timePassed(now: after(300)) == [.refuse(1, .unreachable)])
    }

    @Test("the pool keeps trying without any call, until the minimum is there")
    func keepsTrying() throws {
        var pool = machine { $0.minimumConnections = 1 }
        var generator = random
        #expect(pool.started(now: start) == [.open(slot: 0)])
        _ = pool.openFailed(slot: 0, now: start, using: &generator)
        let next = try #require(pool.nextWakeUp)
        #expect(pool.timePassed(now: next) == [.open(slot: 0)])
        #expect(pool.opened(slot: 0, now: next) == [])
        #expect(pool.nextWakeUp == nil)
    }

    @Test("a broken connection is closed, and a waiter gets a new one")
    func brokenConnection() {
        var pool = machine { $0.maximumConnections = 1 }
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        _ = pool.requested(2, deadline: after(500), now: start)
        #expect(
            pool.released(slot: 0, isUsable: false, now: start)
                == [.close(slot: 0), .open(slot: 0)])
        #expect(pool.opened(slot: 0, now: start) == [.lease(2, slot: 0)])
    }

    @Test(
        "an idle connection that breaks is not leased any more; one in use is left to its release")
    func lostConnections() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        #expect(pool.lost(slot: 0, now: start) == [])
        #expect(pool.connectionCount == 1)
        _ = pool.released(slot: 0, isUsable: true, now: start)
        #expect(pool.lost(slot: 0, now: start) == [])
        #expect(pool.connectionCount == 0)
        #expect(pool.requested(2, deadline: after(500), now: start) == [.open(slot: 0)])
    }

    @Test("a closed pool refuses waiters and new calls, and closes connections as they come back")
    func closing() {
        var pool = machine()
        _ = pool.requested(1, deadline: after(500), now: start)
        _ = pool.requested(2, deadline: after(500), now: start)
        _ = pool.opened(slot: 0, now: start)
        #expect(pool.closed() == [.refuse(2, .closed)])
        #expect(pool.requested(3, deadline: after(500), now: start) == [.refuse(3, .closed)])
        #expect(pool.released(slot: 0, isUsable: true, now: start) == [.close(slot: 0)])
        #expect(pool.opened(slot: 1, now: start) == [.close(slot: 1)])
        #expect(pool.nextWakeUp == nil)
    }
}

@Suite("pauses between attempts")
struct BackoffTests {
    @Test("pauses double from the first to the longest and never leave their upper half")
    func pauses() {
        var generator = SeededGenerator(seed: 7)
        let backoff = Backoff()
        for attempt in [1, 2, 3, 7, 8, 100, 1_000_000] {
            let full = min(backoff.first * (1 << min(attempt - 1, 20)), backoff.longest)
            for _ in 1...50 {
                let pause = backoff.pause(afterAttempt: attempt, using: &generator)
                #expect(pause >= full / 2 && pause <= full)
            }
        }
    }
}
