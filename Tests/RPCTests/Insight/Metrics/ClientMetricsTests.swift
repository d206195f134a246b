import CoreMetrics
import MetricsTestKit
import Testing

@testable import RPC

@Suite("Metrics of a client", .timeLimit(.minutes(1)))
struct ClientMetricsTests {
    let metrics = TestMetrics()

    private var insight: RPCInsight { RPCInsight(metrics: metrics) }

    /// Values of a timer or recorder of the method Flaky, by status.
    private func durations(_ label: String) -> [String: Int] {
        let ended = metrics.timers(label: label).filter {
            $0.dimensions[0].1 == "test.v1.Test/Flaky"
        }
        return Dictionary(
            ended.map { ($0.dimensions[2].1, $0.values.count) }, uniquingKeysWith: +)
    }

    private func router(failures: Int) -> RPCRouter {
        let calls = Counter()
        var router = RPCRouter()
        router.unary(testMethod("Flaky")) { request, _ in
            calls.add()
            if calls.value <= failures { throw RPCError(code: .unavailable, message: "ill") }
            return request
        }
        return router
    }

    private static let fast: RetryConfiguration = {
        var retry = RetryConfiguration.defaults
        retry.initialBackoff = .milliseconds(1)
        retry.maximumBackoff = .milliseconds(2)
        return retry
    }()

    @Test("have each attempt by its status, and the call with its retries once")
    func retries() async throws {
        try await withServer(router(failures: 2)) { _, address in
            try await withClient(
                of: [address], change: { $0.retry = Self.fast }, insight: insight
            ) { client in
                try await connect(client)
                _ = try await client.unary(
                    testMethod("Flaky"), RPCMessage(body: [1]),
                    options: CallOptions(timeout: .seconds(30)))
            }
            let labels = [("grpc.method", "test.v1.Test/Flaky"), ("grpc.target", "\(address)")]
            #expect(
                metrics.counterTotal(label: "grpc.client.attempt.started", dimensions: labels) == 3)
            let retries = metrics.recorders(label: "grpc.client.call.retries", dimensions: labels)
            #expect(retries.flatMap(\.values) == [2])
            let sent = metrics.recorders(
                label: "grpc.client.attempt.sent_total_compressed_message_size",
                dimensions: labels + [("grpc.status", "OK")])
            #expect(sent.flatMap(\.values) == [9])
            let received = metrics.recorders(
                label: "grpc.client.attempt.rcvd_total_compressed_message_size",
                dimensions: labels + [("grpc.status", "OK")])
            #expect(received.flatMap(\.values) == [9])
        }
        #expect(durations("grpc.client.attempt.duration") == ["UNAVAILABLE": 2, "OK": 1])
        #expect(durations("grpc.client.call.duration") == ["OK": 1])
    }

    @Test("say how the call ended that its caller or its deadline ended")
    func stopped() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals)) { _, address in
            try await withClient(of: [address], insight: insight) { client in
                try await connect(client)
                let call = Task {
                    await status {
                        _ = try await client.unary(testMethod("Hang"), RPCMessage(body: []))
                    }
                }
                _ = try await signals.started.value()
                let open = metrics.meters(label: "llara.rpc.client.open_streams")
                #expect(open.first?.lastValue == 1)
                call.cancel()
                _ = await call.value
                await until { open.first?.lastValue == 0 }
                let error = await status {
                    _ = try await client.unary(
                        testMethod("Hang"), RPCMessage(body: []),
                        options: CallOptions(timeout: .milliseconds(20)))
                }
                #expect(error?.code == .deadlineExceeded)
                await until { open.first?.lastValue == 0 }
            }
        }
        for label in ["grpc.client.attempt.duration", "grpc.client.call.duration"] {
            let ended = metrics.timers(label: label).filter {
                $0.dimensions[0].1 == "test.v1.Test/Hang"
            }
            #expect(Set(ended.map(\.dimensions[2].1)) == ["CANCELLED", "DEADLINE_EXCEEDED"])
        }
    }

    @Test("have the hedges of a call, whose other attempts end as cancelled")
    func hedges() async throws {
        var fast = RPCRouter()
        fast.unary(testMethod("Hang")) { request, _ in request }
        let quick = fast
        try await withServer(testRouter()) { _, slow in
            try await withServer(quick) { _, other in
                try await withClient(
                    of: [slow, other], change: { $0.balancing = .roundRobin }, insight: insight
                ) { client in
                    let open = metrics.meters(label: "grpc.subchannel.open_connections")
                    await until { open.first?.lastValue == 2 }
                    var options = CallOptions(timeout: .seconds(30))
                    options.hedging = HedgingConfiguration(delay: .milliseconds(2))
                    // Of two calls in turn one begins at the slow one.
                    for _ in 0..<2 {
                        _ = try await client.unary(
                            testMethod("Hang"), RPCMessage(body: []), options: options)
                    }
                    let streams = metrics.meters(label: "llara.rpc.client.open_streams")
                    await until { streams.first?.lastValue == 0 }
                }
            }
        }
        let hedges = metrics.recorders(label: "grpc.client.call.hedges").flatMap(\.values)
        #expect(!hedges.isEmpty && hedges.allSatisfy { $0 == 1 })
        let attempts = metrics.timers(label: "grpc.client.attempt.duration")
        #expect(Set(attempts.map(\.dimensions[2].1)) == ["OK", "CANCELLED"])
        let calls = metrics.timers(label: "grpc.client.call.duration")
        #expect(calls.map(\.dimensions[2].1) == ["OK"])
    }

    @Test("tell retries, transparent retries and hedges apart")
    func kinds() throws {
        let client = try #require(ClientInsight(insight, target: "a:1"))
        let address = RPCAddress(host: "a", port: 1)
        func call(_ numbers: [Int], isHedged: Bool = false) throws {
            let observed = client.begin(testMethod("A"), parent: Metadata())
            for number in numbers {
                var outgoing = try OutgoingCall(
                    testMethod("A"), options: .defaults, limits: .defaults)
                let attempt = observed.beginAttempt(
                    number, isHedged: isHedged, on: address, &outgoing, limits: .defaults)
                attempt.end(.end(.ok), receivedBytes: 0)
            }
            observed.end(nil)
        }
        try call([0])
        try call([0, 0, 1, 2])
        try call([0, 1], isHedged: true)
        func values(_ label: String) -> [Double] {
            metrics.recorders(label: label).flatMap(\.values)
        }
        #expect(values("grpc.client.call.retries") == [2])
        #expect(values("grpc.client.call.transparent_retries") == [1])
        #expect(values("grpc.client.call.hedges") == [1])
    }

    @Test("give methods beyond the most that have labels of their own one label")
    func methods() {
        let client = ClientMetrics(metrics, target: "a:1")
        func labels() -> Set<String> {
            Set(metrics.counters(label: "grpc.client.attempt.started").map(\.dimensions[0].1))
        }
        for number in 0..<ClientMetrics.maximumMethods {
            client[testMethod("A\(number)")].attemptStarted.increment()
        }
        #expect(labels().count == ClientMetrics.maximumMethods + 1)
        for number in 0..<10 { client[testMethod("B\(number)")].attemptStarted.increment() }
        #expect(labels().count == ClientMetrics.maximumMethods + 1)
        let other = metrics.counterTotal(
            label: "grpc.client.attempt.started",
            dimensions: [("grpc.method", "other"), ("grpc.target", "a:1")])
        #expect(other == 10)
    }

    @Test("name what is called as the user did")
    func targets() {
        let addresses = (1...5).map { RPCAddress(host: "a", port: $0) }
        #expect(RPCResolver.fixed([addresses[0]]).target == "a:1")
        #expect(RPCResolver.fixed(Array(addresses.prefix(4))).target == "a:1,a:2,a:3,a:4")
        #expect(RPCResolver.fixed(addresses).target == "a:1,a:2,a:3,a:4,…")
        #expect(RPCResolver.file(path: "/x", interval: .seconds(1)).target == "file:/x")
        #expect(RPCResolver.dns(addresses[0], timeToLive: .seconds(1)).target == "dns:///a:1")
    }

    @Test("have the open connections, and the ejection of a replica")
    func ejection() async throws {
        try await withServer(router(failures: .max)) { _, one in
            try await withServer(router(failures: 0)) { _, two in
                try await withClient(
                    of: [one, two], change: { $0.balancing = .roundRobin }, insight: insight
                ) { client in
                    let open = metrics.meters(label: "grpc.subchannel.open_connections")
                    await until { open.first?.lastValue == 2 }
                    for _ in 0..<60 {
                        _ = try? await client.unary(
                            testMethod("Flaky"), RPCMessage(body: []),
                            options: CallOptions(timeout: .seconds(30)))
                    }
                    let ejected = metrics.meters(label: "llara.rpc.client.ejected_replicas")
                    #expect(ejected.first?.lastValue == 1)
                }
            }
        }
        let total = metrics.counterTotal(label: "grpc.lb.outlier_detection.ejections_enforced")
        #expect(total == 1)
        let open = metrics.meters(label: "grpc.subchannel.open_connections")
        await until { open.first?.lastValue == 0 }
    }

    @Test("have the state of circuit breakers")
    func breaker() async throws {
        try await withServer(router(failures: .max)) { _, address in
            try await withClient(
                of: [address],
                change: {
                    $0.ejection = nil
                    $0.breaker = .defaults
                    $0.breaker?.minimumCalls = 5
                    $0.breaker?.openTime = .seconds(60)
                }, insight: insight
            ) { client in
                try await connect(client)
                for _ in 0..<20 {
                    _ = try? await client.unary(testMethod("Flaky"), RPCMessage(body: []))
                }
            }
            let opened = metrics.counterTotal(
                label: "llara.rpc.client.breaker_transitions",
                dimensions: [
                    ("grpc.target", "\(address)"), ("llara.rpc.breaker_state", "open"),
                ])
            #expect(opened == 1)
            let open = metrics.meters(label: "llara.rpc.client.open_breakers")
            #expect(open.first?.lastValue == 1)
        }
    }
}
