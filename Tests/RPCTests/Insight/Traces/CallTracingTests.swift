import InMemoryTracing
import Testing
import Tracing

@testable import RPC

@Suite("Traces of calls", .timeLimit(.minutes(1)))
struct CallTracingTests {
    let tracer = W3CTracer()

    private var insight: RPCInsight { RPCInsight(tracer: tracer) }

    @Test("are one from the first caller through a service to the last")
    func chain() async throws {
        let seen = OneShot<String>()
        var encoder = RPCRouter()
        encoder.unary(testMethod("Encode")) { request, context in
            seen.fulfil(.success(context.traceID))
            return request
        }
        let last = encoder
        try await withServer(last, insight: insight) { _, encoderAddress in
            try await withClient(of: [encoderAddress], insight: insight) { encoderClient in
                var gateway = RPCRouter()
                gateway.unary(testMethod("Recommend")) { request, _ in
                    try await encoderClient.unary(testMethod("Encode"), request)
                }
                let first = gateway
                try await withServer(first, insight: insight) { _, address in
                    try await withClient(of: [address], insight: insight) { client in
                        _ = try await client.unary(testMethod("Recommend"), RPCMessage(body: []))
                    }
                }
            }
        }
        let spans = await tracer.spans(6)
        let chain = ["Recommend", "Encode"].flatMap { name in
            ["Sent", "Attempt", "Recv"].map { "\($0).test.v1.Test/\(name)" }
        }.map { spans[$0] }
        #expect(!chain.contains { $0 == nil })
        #expect(Set(chain.map { $0?.traceID }).count == 1)
        #expect(chain.first??.parentSpanID == nil)
        for (parent, child) in zip(chain, chain.dropFirst()) {
            #expect(child?.parentSpanID == parent?.spanID)
        }
        #expect(try await seen.value() == chain.first??.traceID)
        #expect(
            chain.map { $0?.kind } == [.internal, .client, .server, .internal, .client, .server])
    }

    @Test("go on from the context that a caller names itself")
    func ownParent() async throws {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        try await withServer(testRouter(), insight: insight) { _, address in
            try await withClient(of: [address], insight: insight) { client in
                var options = CallOptions(timeout: .seconds(30))
                options.metadata.add(text: "00-\(id)-00f067aa0ba902b7-01", for: TraceContext.key)
                _ = try await client.unary(
                    testMethod("Echo"), RPCMessage(body: []), options: options)
            }
        }
        let spans = await tracer.spans(3)
        #expect(Set(spans.values.map(\.traceID)) == [id])
        #expect(spans["Sent.test.v1.Test/Echo"]?.parentSpanID == "00f067aa0ba902b7")
    }

    @Test("begin at a server where only that has a tracer, with the id that its caller made")
    func serverAlone() async throws {
        let seen = OneShot<String>()
        var router = RPCRouter()
        router.unary(testMethod("Get")) { request, context in
            seen.fulfil(.success(context.metadata.text(TraceContext.key) ?? ""))
            return request
        }
        let served = router
        try await withServer(served, insight: insight) { _, address in
            try await withClient(of: [address]) { client in
                _ = try await client.unary(testMethod("Get"), RPCMessage(body: []))
            }
        }
        let span = await tracer.spans(1)["Recv.test.v1.Test/Get"]
        let header = try await seen.value()
        #expect(span?.traceID == TraceContext.traceID(fromHeader: header))
    }

    @Test("of calls that bring none make the id that handlers see and log")
    func withoutHeader() async throws {
        let server = try #require(ServerInsight(insight, methods: [testMethod("Get")]))
        var context = CallContext(method: testMethod("Get"))
        let queue = MessageQueue(capacity: 1)
        let call = server.begin(&context, queue, Nobody())
        _ = call.finish(nil, .ok)
        #expect(tracer.memory.finishedSpans.first?.traceID == context.traceID)
    }

    private struct Nobody: Responder {
        func write(_ message: RPCMessage) async throws -> Int { 0 }
        func send(_ metadata: Metadata) async throws {}
        func finish(_ last: RPCMessage?, _ status: RPCStatus) -> SentEnd {
            SentEnd(code: status.code)
        }
    }

    @Test("have a span for each attempt, with how many were before")
    func attempts() async throws {
        let calls = Counter()
        var router = RPCRouter()
        router.unary(testMethod("Flaky")) { request, _ in
            calls.add()
            if calls.value == 1 { throw RPCError(code: .unavailable, message: "user Zoe is ill") }
            return request
        }
        let flaky = router
        try await withServer(flaky) { _, address in
            try await withClient(of: [address], change: { $0.retry = .defaults }, insight: insight)
            {
                client in
                _ = try await client.unary(
                    testMethod("Flaky"), RPCMessage(body: []),
                    options: CallOptions(timeout: .seconds(30)))
            }
        }
        _ = await tracer.spans(3)
        let attempts = tracer.memory.finishedSpans.filter { $0.operationName.hasPrefix("Attempt.") }
        #expect(attempts.count == 2)
        #expect(
            attempts.map { $0.attributes.get("previous-rpc-attempts") } == [.int64(0), .int64(1)])
        #expect(attempts[0].status?.code == .error && attempts[0].status?.message == "UNAVAILABLE")
        #expect(attempts[1].status == nil)
        #expect(attempts[1].attributes.get("rpc.response.status_code") == .string("OK"))
    }

    @Test("of methods that there are not have one name")
    func unknown() async throws {
        let caller = InProcessTransport(
            router: testRouter(), logger: quietLogger, insight: insight)
        let error = await status {
            _ = try await caller.unary(testMethod("Invented"), RPCMessage(body: []))
        }
        #expect(error?.code == .unimplemented)
        #expect(await tracer.spans(1)["Recv.other"]?.status?.message == "UNIMPLEMENTED")
    }

    @Test("go on within a process")
    func inProcess() async throws {
        let caller = InProcessTransport(
            router: testRouter(), logger: quietLogger, insight: insight)
        let parent = tracer.startSpan("task")
        _ = try await InstrumentationContext.$current.withValue(parent.context) {
            try await caller.unary(testMethod("Echo"), RPCMessage(body: []))
        }
        parent.end()
        let spans = await tracer.spans(2)
        #expect(spans["Recv.test.v1.Test/Echo"]?.parentSpanID == parent.spanID)
    }

    @Test("travel beside the runtime's own id where a tracer has other keys")
    func otherKeys() throws {
        let memory = InMemoryTracer()
        let tracing = CallTracing(tracer: memory)
        let outgoing = try OutgoingCall(testMethod("A"), options: .defaults, limits: .defaults)
        let span = memory.startSpan("a")
        let sent = tracing.carrying(span.context, in: outgoing.metadata, limits: .defaults)
        #expect(sent.text(TraceContext.key) == outgoing.metadata.text(TraceContext.key))
        #expect(sent.text(InMemoryTracer.traceIDKey) == span.traceID)
        #expect(tracing.traceID(of: span) == nil)
    }

    @Test("are not sent where metadata would break a rule or a limit by them")
    func limits() {
        var carrier = Metadata()
        MetadataCarrier().inject("a\nb", forKey: "a", into: &carrier)
        MetadataCarrier().inject("b", forKey: "not a key", into: &carrier)
        #expect(carrier.isEmpty)
        let tracing = CallTracing(tracer: tracer)
        let span = tracer.startSpan("a")
        var limits = RPCLimits.defaults
        limits.metadataEntries = 1
        var full = Metadata()
        full.add(text: "1", for: "x")
        #expect(tracing.carrying(span.context, in: full, limits: limits) == full)
        limits.metadataEntries = 2
        #expect(tracing.carrying(span.context, in: full, limits: limits).text("traceparent") != nil)
        span.end()
    }
}
