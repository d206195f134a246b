import Domain
import Testing

@testable import RPC

@Suite("Connection lifetime")
struct ConnectionLifetimeTests {
    private func lifetime(
        interval: Duration? = .seconds(30), withoutCalls: Bool = false,
        idle: Duration? = nil, age: Duration? = nil, peerPing: Duration = .seconds(10),
        calls: Int = 1, seed: UInt64 = 1
    ) -> ConnectionLifetime {
        var generator = SeededGenerator(seed: seed)
        var keepalive = KeepaliveConfiguration.defaults
        keepalive.interval = interval
        keepalive.permitsWithoutCalls = withoutCalls
        var ages = ConnectionAgeConfiguration.defaults
        ages.idleTimeout = idle
        ages.maximumAge = age
        var lifetime = ConnectionLifetime(
            keepalive: keepalive, age: ages, peerPingInterval: peerPing, now: start,
            using: &generator)
        for _ in 0..<calls { lifetime.callOpened() }
        return lifetime
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    // MARK: Keepalive

    @Test("asks after 30 s of silence, and closes 10 s after that")
    func silence() {
        var lifetime = lifetime()
        #expect(lifetime.nextWake == at(30))
        #expect(lifetime.wake(now: at(29.999)) == nil)
        #expect(lifetime.wake(now: at(30)) == .sendPing)
        #expect(lifetime.nextWake == at(40))
        #expect(lifetime.wake(now: at(39.999)) == nil)
        #expect(lifetime.wake(now: at(40)) == .close(.silence(.seconds(10))))
        #expect(lifetime.nextWake == nil)
        #expect(lifetime.wake(now: at(99)) == nil)
    }

    @Test("any byte is an answer, and puts the next question off")
    func answer() {
        var lifetime = lifetime()
        #expect(lifetime.wake(now: at(30)) == .sendPing)
        lifetime.received(now: at(39))
        #expect(lifetime.wake(now: at(40)) == nil)
        #expect(lifetime.nextWake == at(69))
        lifetime.received(now: at(60))
        #expect(lifetime.wake(now: at(69)) == nil)
        #expect(lifetime.nextWake == at(90))
    }

    @Test("while no call is open nothing is asked, unless that is permitted")
    func withoutCalls() {
        var quiet = lifetime(calls: 0)
        #expect(quiet.nextWake == nil)
        #expect(quiet.wake(now: at(99)) == nil)
        var permitted = lifetime(withoutCalls: true, calls: 0)
        #expect(permitted.wake(now: at(30)) == .sendPing)
    }

    @Test("a connection that slept is asked as soon as a call opens")
    func slept() {
        var lifetime = lifetime(calls: 0)
        lifetime.callOpened()
        #expect(lifetime.nextWake == at(30))
        #expect(lifetime.wake(now: at(1_000)) == .sendPing)
        #expect(lifetime.nextWake == at(1_010))
    }

    @Test("a peer that was asked must answer although the last call has ended")
    func lastCallEnds() {
        var lifetime = lifetime()
        #expect(lifetime.wake(now: at(30)) == .sendPing)
        lifetime.callEnded(now: at(31))
        #expect(lifetime.wake(now: at(40)) == .close(.silence(.seconds(10))))
    }

    @Test("never asks more often than the peer allows, with a tenth to spare")
    func peerInterval() {
        var lifetime = lifetime(interval: .seconds(1), peerPing: .seconds(10))
        #expect(lifetime.nextWake == at(11))
        #expect(lifetime.wake(now: at(11)) == .sendPing)
        lifetime.received(now: at(11.5))
        #expect(lifetime.nextWake == at(22.5))
    }

    @Test("with keepalive off nothing is asked")
    func off() {
        #expect(lifetime(interval: nil).nextWake == nil)
    }

    @Test("what a keepalive sends is never a strike at the other side")
    func strikes() {
        var lifetime = lifetime(interval: .milliseconds(1), peerPing: .seconds(10))
        var strikes = PingStrikes(shortestInterval: .seconds(10))
        for _ in 0..<100 {
            guard let next = lifetime.nextWake else { break }
            #expect(lifetime.wake(now: next) == .sendPing)
            #expect(strikes.pingReceived(now: next) == true)
            lifetime.received(now: next)
        }
        #expect(strikes.strikes == 0)
    }

    // MARK: Idle

    @Test("drains after 30 min without a call, and closes after the grace")
    func idle() {
        var lifetime = lifetime(idle: .seconds(1_800), calls: 0)
        #expect(lifetime.nextWake == at(1_800))
        #expect(lifetime.wake(now: at(1_799)) == nil)
        #expect(lifetime.wake(now: at(1_800)) == .drain(.idle(.seconds(1_800))))
        #expect(lifetime.nextWake == at(1_810))
        #expect(lifetime.wake(now: at(1_809)) == nil)
        #expect(lifetime.wake(now: at(1_810)) == .close(.grace(.seconds(10))))
    }

    @Test("an open call, however quiet, is not idleness; the time counts from the last one's end")
    func idleCalls() {
        var lifetime = lifetime(interval: nil, idle: .seconds(60), calls: 2)
        #expect(lifetime.nextWake == nil)
        lifetime.callEnded(now: at(100))
        #expect(lifetime.wake(now: at(500)) == nil)
        lifetime.callEnded(now: at(500))
        #expect(lifetime.nextWake == at(560))
        lifetime.callOpened()
        #expect(lifetime.nextWake == nil)
        lifetime.callEnded(now: at(600))
        #expect(lifetime.wake(now: at(660)) == .drain(.idle(.seconds(60))))
    }

    // MARK: Age

    @Test("an age of 100 s is 90 to 110 s, differently for each connection")
    func jitter() throws {
        let ends = try (0..<200 as Range<UInt64>).map { seed in
            try #require(lifetime(interval: nil, age: .seconds(100), seed: seed).nextWake)
        }
        #expect(ends.allSatisfy { (at(90)...at(110)).contains($0) })
        #expect(try #require(ends.min()) < at(92))
        #expect(try #require(ends.max()) > at(108))
    }

    @Test("at its age a connection drains, once; calls that outlive the grace are cut off")
    func age() throws {
        var lifetime = lifetime(interval: nil, age: .seconds(100))
        let end = try #require(lifetime.nextWake)
        #expect(lifetime.wake(now: end - .milliseconds(1)) == nil)
        guard case .drain(.age)? = lifetime.wake(now: end) else {
            Issue.record("no drain")
            return
        }
        #expect(lifetime.wake(now: end) == nil)
        #expect(lifetime.nextWake == end + .seconds(10))
        #expect(lifetime.wake(now: end + .seconds(10)) == .close(.grace(.seconds(10))))
    }

    @Test("during the grace a silent peer is still found")
    func silenceDuringGrace() {
        var lifetime = lifetime(interval: .seconds(15), idle: .seconds(4))
        #expect(lifetime.wake(now: at(15)) == .sendPing)
        lifetime.callEnded(now: at(16))
        #expect(lifetime.wake(now: at(20)) == .drain(.idle(.seconds(4))))
        #expect(lifetime.nextWake == at(25))
        #expect(lifetime.wake(now: at(25)) == .close(.silence(.seconds(10))))
    }

    @Test("a drain that began otherwise ends the watch over age and idleness, not over silence")
    func otherDrain() {
        var lifetime = lifetime(idle: .seconds(5), age: .seconds(10))
        lifetime.drainBegan()
        #expect(lifetime.wake(now: at(20)) == nil)
        #expect(lifetime.nextWake == at(30))
        #expect(lifetime.wake(now: at(30)) == .sendPing)
        #expect(lifetime.wake(now: at(40)) == .close(.silence(.seconds(10))))
    }

    @Test("a closed connection asks for nothing")
    func closed() {
        var lifetime = lifetime(idle: .seconds(5), age: .seconds(10))
        lifetime.closed()
        #expect(lifetime.nextWake == nil)
        #expect(lifetime.wake(now: at(99)) == nil)
    }
}

@Suite("Ping strikes")
struct PingStrikesTests {
    @Test("the third PING that comes too soon closes the connection")
    func third() {
        var strikes = PingStrikes(shortestInterval: .seconds(10))
        let pings: [Double] = [0, 9.999, 12, 22, 23]
        let verdicts = pings.map { strikes.pingReceived(now: start + .seconds($0)) }
        #expect(verdicts == [true, true, true, true, false])
    }

    @Test("data sent forgives the strikes")
    func data() {
        var strikes = PingStrikes(shortestInterval: .seconds(10))
        for round in 0..<50 {
            #expect(strikes.pingReceived(now: start + .seconds(round)) == true)
            if round.isMultiple(of: 2) { strikes.dataSent() }
        }
        #expect(strikes.pingReceived(now: start + .seconds(50)) == true)
        #expect(strikes.pingReceived(now: start + .seconds(51)) == false)
    }

    @Test("with a shortest interval of nothing any number is taken")
    func unlimited() {
        var strikes = PingStrikes(shortestInterval: .zero)
        for _ in 0..<1_000 { #expect(strikes.pingReceived(now: start) == true) }
    }
}
