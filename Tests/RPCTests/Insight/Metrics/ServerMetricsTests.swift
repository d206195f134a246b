import CoreMetrics
import MetricsTestKit
import Testing

@testable import RPC

@Suite("Metrics of a server", .timeLimit(.minutes(1)))
struct ServerMetricsTests {
    let metrics = TestMetrics()

    private func labels(_ method: String, _ status: String? = nil) -> [(String, String)] {
        [("grpc.method", method)] + (status.map { [("grpc.status", $0)] } ?? [])
    }

    /// Waits for a call to be counted with its status.
    private func ended(_ method: String, _ status: String) async -> TestTimer {
        let labels = labels(method, status)
        await until {
            !metrics.timers(label: "grpc.server.call.duration", dimensions: labels).isEmpty
        }
        return metrics.timers(label: "grpc.server.call.duration", dimensions: labels)[0]
    }

    private func sizes(_ label: String, _ status: String = "OK") -> [Double] {
        metrics.recorders(label: label, dimensions: labels("test.v1.Test/Echo", status))
            .flatMap(\.values)
    }

    @Test("have each call by method and status, with its time and its bytes on the wire")
    func call() async throws {
        try await withServer(testRouter(), insight: RPCInsight(metrics: metrics)) { _, address in
            try await withClient(of: [address]) { client in
                _ = try await client.unary(
                    testMethod("Echo"), RPCMessage(body: [UInt8](repeating: 7, count: 100)))
            }
        }
        let timer = await ended("test.v1.Test/Echo", "OK")
        #expect(timer.values.count == 1 && timer.values[0] > 0)
        let started = metrics.counterTotal(
            label: "grpc.server.call.started", dimensions: labels("test.v1.Test/Echo"))
        #expect(started == 1)
        // Eight bytes of lengths before the body; see WIRE.md, section 3.
        await until { !sizes("grpc.server.call.rcvd_total_compressed_message_size").isEmpty }
        #expect(sizes("grpc.server.call.sent_total_compressed_message_size") == [108])
        #expect(sizes("grpc.server.call.rcvd_total_compressed_message_size") == [108])
    }

    @Test("count compressed messages as they travel, and all messages of a stream")
    func streams() async throws {
        try await withServer(testRouter(), insight: RPCInsight(metrics: metrics)) { _, address in
            try await withClient(of: [address]) { client in
                let request = RPCMessage(
                    body: [UInt8](repeating: 7, count: 10_000), isCompressed: true)
                _ = try await client.unary(testMethod("Echo"), request)
                try await client.serverStreaming(testMethod("Count"), RPCMessage(body: [3])) {
                    for try await _ in $0 {}
                }
            }
        }
        _ = await ended("test.v1.Test/Echo", "OK")
        await until { !sizes("grpc.server.call.rcvd_total_compressed_message_size").isEmpty }
        #expect(sizes("grpc.server.call.rcvd_total_compressed_message_size")[0] < 1000)
        let sent = "grpc.server.call.sent_total_compressed_message_size"
        let count = labels("test.v1.Test/Count", "OK")
        await until { !metrics.recorders(label: sent, dimensions: count).flatMap(\.values).isEmpty }
        #expect(metrics.recorders(label: sent, dimensions: count).flatMap(\.values) == [27])
    }

    @Test("give names that callers invent one label")
    func invented() async throws {
        let router = testRouter()
        let caller = InProcessTransport(
            router: router, logger: quietLogger, insight: RPCInsight(metrics: metrics))
        for number in 0..<20 {
            let error = await status {
                _ = try await caller.unary(testMethod("Invented\(number)"), RPCMessage(body: []))
            }
            #expect(error?.code == .unimplemented)
        }
        let timer = await ended("other", "UNIMPLEMENTED")
        await until { timer.values.count == 20 }
        let started = metrics.counters(label: "grpc.server.call.started")
        #expect(started.count == router.methods.count + 1)
    }

    @Test(
        "have the status that the caller has seen",
        arguments: [
            (RPCError.Code.cancelled, nil, false, RPCError.Code.cancelled),
            (.cancelled, nil, true, .deadlineExceeded),
            (.cancelled, RPCError.Code.resourceExhausted, false, .resourceExhausted),
            (.cancelled, .ok, true, .deadlineExceeded),
            (.ok, nil, true, .ok),
            (.notFound, .ok, true, .notFound),
        ])
    func codes(
        sent: RPCError.Code, requests: RPCError.Code?, isPastDeadline: Bool, seen: RPCError.Code
    ) {
        let end = requests.map { MessageQueue.Delivery.end(RPCStatus(code: $0, message: "")) }
        let code = ObservedCall.code(sent: sent, requests: end, isPastDeadline: isPastDeadline)
        #expect(code == seen)
    }

    @Test("tell a call that its deadline ended from one that its caller gave up")
    func stopped() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals), insight: RPCInsight(metrics: metrics)) {
            _, address in
            try await withClient(of: [address]) { client in
                try await connect(client)
                let call = Task {
                    await status {
                        _ = try await client.unary(testMethod("Hang"), RPCMessage(body: []))
                    }
                }
                _ = try await signals.started.value()
                let open = metrics.meters(label: "llara.rpc.server.open_streams")
                await until { open.first?.lastValue == 1 }
                call.cancel()
                _ = await call.value
                _ = await ended("test.v1.Test/Hang", "CANCELLED")
                await until { open.first?.lastValue == 0 }
                _ = await status {
                    _ = try await client.unary(
                        testMethod("Hang"), RPCMessage(body: []),
                        options: CallOptions(timeout: .milliseconds(1)))
                }
            }
        }
        // Where the deadline had passed before the call was sent there is nothing to count.
        let statuses = metrics.timers(label: "grpc.server.call.duration").map(\.dimensions[1].1)
        #expect(Set(statuses).isSubset(of: ["UNIMPLEMENTED", "CANCELLED", "DEADLINE_EXCEEDED"]))
    }

    @Test("have the number of open connections")
    func connections() async throws {
        let label = "llara.rpc.server.open_connections"
        try await withServer(testRouter(), insight: RPCInsight(metrics: metrics)) { _, address in
            try await withClient(of: [address]) { client in
                try await connect(client)
                #expect(metrics.meters(label: label).first?.lastValue == 1)
            }
        }
        await until { metrics.meters(label: label).first?.lastValue == 0 }
    }

    @Test("have the calls that admission refused, by method")
    func refusals() async throws {
        let signals = HandlerSignals()
        var router = testRouter(signals)
        var one = AdmissionConfiguration.defaults
        one.concurrency = .fixed(1)
        one.waitingCalls = 0
        router.add(
            try AdmissionInterceptor(
                [testMethod("Stubborn"): one], insight: RPCInsight(metrics: metrics)))
        let caller = InProcessTransport(router: router, logger: quietLogger, insight: .none)
        let first = Task {
            await status {
                _ = try await caller.unary(testMethod("Stubborn"), RPCMessage(body: []))
            }
        }
        _ = try await signals.started.value()
        let refused = await status {
            _ = try await caller.unary(testMethod("Stubborn"), RPCMessage(body: []))
        }
        #expect(refused?.code == .resourceExhausted)
        signals.released.fulfil(.success(()))
        #expect(await first.value == nil)
        let count = metrics.counterTotal(
            label: "llara.rpc.server.admission_refusals",
            dimensions: labels("test.v1.Test/Stubborn"))
        #expect(count == 1)
    }
}
