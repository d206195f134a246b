import Testing

@testable import RPC

@Suite("Hedged calls over sockets", .timeLimit(.minutes(1)))
struct HedgingTests {
    private func named(_ name: String, _ calls: Counter) -> RPCRouter {
        var router = RPCRouter()
        router.unary(testMethod("Hang")) { _, context in
            calls.add()
            context.reply.trailing.add(text: name, for: "x-server")
            return RPCMessage(body: Array(name.utf8))
        }
        return router
    }

    private func options(_ delay: Duration) -> CallOptions {
        var options = CallOptions(timeout: .seconds(30), reply: ReplyMetadata())
        options.hedging = HedgingConfiguration(delay: delay)
        return options
    }

    /// Two replicas, asked in turn.
    private func withTwo(
        _ one: RPCRouter, _ other: RPCRouter,
        _ body: @Sendable (RPCClient) async throws -> Void
    ) async throws {
        try await withServer(one) { _, first in
            try await withServer(other) { _, second in
                try await withClient(
                    of: [first, second],
                    change: {
                        $0.balancing = .roundRobin
                        $0.ejection = nil
                    }
                ) { client in
                    try await connectAll(client)
                    try await body(client)
                }
            }
        }
    }

    /// Waits until calls find a second replica.
    private func connectAll(_ client: RPCClient) async throws {
        var peers: Set<String> = []
        while peers.count < 2 {
            let options = CallOptions(timeout: .seconds(30), reply: ReplyMetadata())
            _ = await status {
                _ = try await client.unary(
                    testMethod("Who"), RPCMessage(body: []), options: options)
            }
            peers.insert(options.reply?.trailing.text("x-who") ?? "")
            peers.remove("")
        }
    }

    private func knowing(_ name: String, _ router: RPCRouter) -> RPCRouter {
        var router = router
        router.unary(testMethod("Who")) { _, context in
            context.reply.trailing.add(text: name, for: "x-who")
            return RPCMessage(body: [])
        }
        return router
    }

    @Test("the answer of a second replica ends the wait for a slow first, which is cancelled")
    func slowFirst() async throws {
        let signals = HandlerSignals()
        let calls = Counter()
        try await withTwo(
            knowing("slow", testRouter(signals)), knowing("fast", named("fast", calls))
        ) { client in
            // Of two calls in turn one begins at the slow one.
            for _ in 0..<2 {
                let options = options(.milliseconds(2))
                let answer = try await client.unary(
                    testMethod("Hang"), RPCMessage(body: []), options: options)
                #expect(answer.body == Array("fast".utf8))
                #expect(options.reply?.trailing.text("x-server") == "fast")
            }
            try await signals.cancelled.value()
        }
        #expect(calls.value == 2)
    }

    @Test("a fast first is not hedged")
    func fastFirst() async throws {
        let calls = Counter()
        try await withTwo(
            knowing("a", named("a", calls)), knowing("b", named("b", calls))
        ) { client in
            for _ in 0..<10 {
                _ = try await client.unary(
                    testMethod("Hang"), RPCMessage(body: []), options: options(.seconds(20)))
            }
        }
        #expect(calls.value == 10)
    }

    @Test("a refusal makes the second attempt begin at once; its failure is the call's")
    func refusal() async throws {
        var ill = RPCRouter()
        let calls = Counter()
        ill.unary(testMethod("Hang")) { _, _ in
            calls.add()
            throw RPCError(code: .unavailable, message: "ill")
        }
        let router = ill
        try await withTwo(knowing("a", router), knowing("b", router)) { client in
            let error = await status {
                _ = try await client.unary(
                    testMethod("Hang"), RPCMessage(body: []), options: options(.seconds(20)))
            }
            #expect(error?.code == .unavailable && error?.message == "ill")
        }
        #expect(calls.value == 2)
    }

    @Test("a caller that gives up ends all attempts")
    func givingUp() async throws {
        let (one, other) = (HandlerSignals(), HandlerSignals())
        try await withTwo(
            knowing("a", testRouter(one)), knowing("b", testRouter(other))
        ) { client in
            let call = Task {
                await status {
                    _ = try await client.unary(
                        testMethod("Hang"), RPCMessage(body: []), options: options(.milliseconds(1))
                    )
                }
            }
            _ = try await one.started.value()
            _ = try await other.started.value()
            call.cancel()
            #expect(await call.value?.code == .cancelled)
            try await one.cancelled.value()
            try await other.cancelled.value()
        }
    }
}
