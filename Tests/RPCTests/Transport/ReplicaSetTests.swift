import Testing

@testable import RPC

@Suite("Replica set")
struct ReplicaSetTests {
    private func replicas(_ count: Int) -> ReplicaSet {
        ReplicaSet((0..<count).map { RPCAddress(host: "replica-\($0)", port: 7000) })
    }

    private func failure(_ pick: ReplicaSet.Pick) -> RPCStatus? {
        if case .fail(let status) = pick { status } else { nil }
    }

    @Test("calls take the connected replicas in turn")
    func roundRobin() {
        var set = replicas(3)
        for index in 0..<3 { set.ready(index, connection: 10 + index) }
        let picks = (0..<6).map { _ in set.pick { _ in true } }
        #expect(picks == [10, 11, 12, 10, 11, 12].map { .use(connection: $0) })
        set.lost(1, connection: 11)
        let rest = (0..<4).map { _ in set.pick { _ in true } }
        #expect(rest == [10, 12, 10, 12].map { .use(connection: $0) })
    }

    @Test("a replica without room is passed over; without any room the call is refused")
    func room() {
        var set = replicas(2)
        set.ready(0, connection: 0)
        set.ready(1, connection: 1)
        #expect(set.pick { $0 == 1 } == .use(connection: 1))
        #expect(set.pick { $0 == 1 } == .use(connection: 1))
        #expect(failure(set.pick { _ in false })?.code == .resourceExhausted)
    }

    @Test("a call waits while some replica is connecting and fails when none is")
    func waiting() {
        var set = replicas(2)
        #expect(set.pick { _ in true } == .wait)
        set.failed(0, reason: "refused")
        #expect(set.pick { _ in true } == .wait)
        set.failed(1, reason: "no such host")
        let status = failure(set.pick { _ in true })
        #expect(status?.code == .unavailable)
        #expect(status?.message.contains("replica-0:7000: refused") == true)
        #expect(status?.message.contains("replica-1:7000: no such host") == true)
        set.connecting(1)
        #expect(set.pick { _ in true } == .wait)
    }

    @Test("the loss of an old connection does not touch the new one")
    func oldConnection() {
        var set = replicas(1)
        set.ready(0, connection: 1)
        set.ready(0, connection: 2)
        set.lost(0, connection: 1)
        #expect(set.pick { _ in true } == .use(connection: 2))
    }

    @Test("without replicas, or after shutdown, a call fails at once")
    func noReplicas() {
        var none = replicas(0)
        #expect(failure(none.pick { _ in true })?.code == .unavailable)
        var shut = replicas(1)
        shut.ready(0, connection: 1)
        shut.shutDown()
        #expect(failure(shut.pick { _ in true })?.code == .unavailable)
    }
}

@Suite("Backoff")
struct BackoffTests {
    @Test("pauses grow up to the longest and begin again after a reset")
    func growth() {
        var configuration = RPCClientConfiguration.defaults
        configuration.initialBackoff = .milliseconds(100)
        configuration.maximumBackoff = .milliseconds(350)
        configuration.backoffMultiplier = 2
        var backoff = Backoff(configuration)
        let pauses = (0..<4).map { _ in backoff.next(random: 0.5) }
        #expect(
            pauses == [
                .milliseconds(100), .milliseconds(200), .milliseconds(350), .milliseconds(350),
            ])
        backoff.reset()
        #expect(backoff.next(random: 0.5) == .milliseconds(100))
    }

    @Test("jitter moves a pause by its share either way")
    func jitter() {
        var configuration = RPCClientConfiguration.defaults
        configuration.initialBackoff = .milliseconds(100)
        configuration.backoffMultiplier = 1
        configuration.backoffJitter = 0.25
        var backoff = Backoff(configuration)
        #expect(backoff.next(random: 0) == .milliseconds(75))
        #expect(backoff.next(random: 1) == .milliseconds(125))
    }
}

@Suite("Addresses")
struct AddressTests {
    @Test(
        "addresses are read and written",
        arguments: ["localhost:0", "127.0.0.1:65535", "[::1]:80", "ranker-0.local:7003"])
    func good(text: String) throws {
        #expect("\(try RPCAddress(parsing: text))" == text)
    }

    @Test(
        "what is no address says what one is",
        arguments: [
            "", "host", ":80", "host:", "host:65536", "host:-1", "host:+1", "::1:80", "[]:80",
            "[::1]", "a b:80", "host:8o",
        ])
    func bad(text: String) throws {
        #expect(throws: RPCError.self) { try RPCAddress(parsing: text) }
    }
}
