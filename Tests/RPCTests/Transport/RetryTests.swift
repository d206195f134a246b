import Synchronization
import Testing

@testable import RPC

@Suite("Calls made again", .timeLimit(.minutes(1)))
struct RetryTests {
    /// Fails the first `failures` calls with `code`, and counts all of them.
    private func router(
        _ calls: Counter, failures: Int, code: RPCError.Code = .unavailable, pushback: String? = nil
    ) -> RPCRouter {
        var router = RPCRouter()
        router.unary(testMethod("Flaky")) { _, context in
            calls.add()
            guard calls.value <= failures else {
                return RPCMessage(
                    body: Array((context.metadata.text("llara-attempt") ?? "0").utf8))
            }
            if let pushback { context.reply.trailing.add(text: pushback, for: RetryPushback.key) }
            throw RPCError(code: code, message: "not now")
        }
        return router
    }

    private func call(
        _ router: RPCRouter, _ retry: RetryConfiguration = fast, timeout: Duration = .seconds(30)
    ) async throws -> Result<RPCMessage, RPCError> {
        try await withServer(router) { _, address in
            try await withClient(of: [address], change: { $0.retry = retry }) { client in
                try await connect(client)
                do {
                    return .success(
                        try await client.unary(
                            testMethod("Flaky"), RPCMessage(body: []),
                            options: CallOptions(timeout: timeout)))
                } catch let error as RPCError {
                    return .failure(error)
                }
            }
        }
    }

    private static let fast: RetryConfiguration = {
        var retry = RetryConfiguration.defaults
        retry.initialBackoff = .milliseconds(1)
        retry.maximumBackoff = .milliseconds(2)
        return retry
    }()

    @Test("a call that may be repeated is, and says how often")
    func repeated() async throws {
        let calls = Counter()
        let result = try await call(router(calls, failures: 2))
        #expect(try result.get().body == Array("2".utf8))
        #expect(calls.value == 3)
    }

    @Test("by default nothing is repeated that a server has taken")
    func defaults() async throws {
        let calls = Counter()
        let result = try await call(router(calls, failures: 1), .transparentOnly)
        #expect(throws: RPCError.self) { try result.get() }
        #expect(calls.value == 1)
    }

    @Test("other codes, and a server that says no, end it")
    func noRepetition() async throws {
        let aborted = Counter()
        _ = try await call(router(aborted, failures: 1, code: .aborted))
        #expect(aborted.value == 1)
        let pushed = Counter()
        _ = try await call(router(pushed, failures: 1, pushback: "-1"))
        #expect(pushed.value == 1)
        let later = Counter()
        let result = try await call(router(later, failures: 1, pushback: "5"))
        #expect(later.value == 2 && (try? result.get()) != nil)
    }

    @Test("attempts are bounded, and the last failure is the call's")
    func bounded() async throws {
        let calls = Counter()
        let result = try await call(router(calls, failures: 100))
        #expect(calls.value == 3)
        let error = #expect(throws: RPCError.self) { try result.get() }
        #expect(error?.code == .unavailable && error?.message == "not now")
    }

    @Test("another replica is tried first")
    func anotherReplica() async throws {
        var failing = RPCRouter()
        let failed = Counter()
        failing.unary(testMethod("Flaky")) { _, _ in
            failed.add()
            throw RPCError(code: .unavailable, message: "ill")
        }
        let healthy = router(Counter(), failures: 0)
        let ill = failing
        try await withServer(ill) { _, one in
            try await withServer(healthy) { _, two in
                try await withClient(
                    of: [one, two],
                    change: {
                        $0.retry = Self.fast
                        $0.balancing = .roundRobin
                        $0.ejection = nil
                    }
                ) { client in
                    try await connect(client)
                    for _ in 0..<10 {
                        _ = try await client.unary(
                            testMethod("Flaky"), RPCMessage(body: []),
                            options: CallOptions(timeout: .seconds(30)))
                    }
                }
            }
        }
        #expect(failed.value > 0)
    }

    @Test("a replica that fails in a row is called no more while another is well")
    func ejected() async throws {
        var failing = RPCRouter()
        let failed = Counter()
        failing.unary(testMethod("Flaky")) { _, _ in
            failed.add()
            throw RPCError(code: .unavailable, message: "ill")
        }
        let ill = failing
        let healthy = router(Counter(), failures: 0)
        try await withServer(ill) { _, one in
            try await withServer(healthy) { _, two in
                try await withClient(
                    of: [one, two], change: { $0.balancing = .roundRobin }
                ) { client in
                    try await connect(client)
                    for _ in 0..<60 {
                        _ = try? await client.unary(
                            testMethod("Flaky"), RPCMessage(body: []),
                            options: CallOptions(timeout: .seconds(30)))
                    }
                }
            }
        }
        #expect(failed.value == OutlierEjectionConfiguration.defaults.consecutiveFailures)
    }

    @Test("a call that waits for readiness outlives a server that is not there yet")
    func waitForReady() async throws {
        let address = try await withServer(testRouter()) { _, address in address }
        try await withClient(of: [address], change: { $0.connectWait = .milliseconds(1) }) {
            client in
            while await status(of: {
                _ = try await client.unary(testMethod("Echo"), RPCMessage(body: [1]))
            })?.message.contains("connecting failed") != true {}
            let answer = Task {
                var options = CallOptions(timeout: .seconds(30))
                options.waitsForReady = true
                return try await client.unary(
                    testMethod("Echo"), RPCMessage(body: [2]), options: options)
            }
            try await withServer(testRouter(), change: { $0.address = address }) { _, _ in
                let response = try await answer.value
                #expect(response.body == [2])
            }
        }
    }
}
