import Synchronization
import Testing

@testable import RPC

@Suite("Interceptors", .timeLimit(.minutes(1)))
struct InterceptorTests {
    /// Writes its name into a list on the way in and out.
    private struct Recorder: ServerInterceptor {
        let name: String
        let list: Names

        func intercept(
            _ context: CallContext, _ next: @Sendable () async throws -> Void
        ) async throws {
            list.add("+\(name)")
            defer { list.add("-\(name)") }
            try await next()
        }
    }

    private final class Names: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test("run in order around the handler, also of methods that there are not")
    func order() async throws {
        let list = Names()
        var router = testRouter()
        router.add(Recorder(name: "a", list: list))
        router.add(Recorder(name: "b", list: list))
        let caller = InProcessTransport(router: router, logger: quietLogger)
        _ = try await caller.unary(testMethod("Echo"), RPCMessage(body: []))
        #expect(list.all == ["+a", "+b", "-b", "-a"])
        let error = await status {
            _ = try await caller.unary(testMethod("None"), RPCMessage(body: []))
        }
        #expect(error?.code == .unimplemented && list.all.count == 8)
    }
}

@Suite("Tokens", .timeLimit(.minutes(1)))
struct TokenInterceptorTests {
    /// Not a digest, but one that tells texts apart.
    @Sendable private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        Array((bytes + [UInt8](repeating: 0, count: 32)).prefix(32))
    }

    private func router() throws -> RPCRouter {
        var router = testRouter()
        let reader = BearerToken(
            name: "reader", sha256: Self.digest(Array("abc".utf8)), scopes: [.inference])
        router.add(
            try TokenInterceptor(
                [reader],
                services: ["test.v1.Test": .inference, "open.v1": nil as AccessScope?],
                methods: [testMethod("Forbidden"): .admin], sha256: Self.digest))
        router.unary(RPCMethod(service: "open.v1", name: "Echo")) { request, _ in request }
        router.unary(RPCMethod(service: "other.v1", name: "Echo")) { request, _ in request }
        return router
    }

    private func code(
        _ service: String, _ authorization: String?, method: String = "Echo",
        _ way: Way = .inProcess
    ) async throws -> RPCError.Code? {
        try await way.withCaller(of: try router()) { caller in
            var options = CallOptions(timeout: .seconds(30))
            if let authorization { options.metadata.add(text: authorization, for: "authorization") }
            return await status {
                _ = try await caller.unary(
                    RPCMethod(service: service, name: method), RPCMessage(body: []),
                    options: options)
            }?.code
        }
    }

    @Test("a call needs a known token with the scope of its service")
    func scopes() async throws {
        #expect(try await code("test.v1.Test", nil) == .unauthenticated)
        #expect(try await code("test.v1.Test", "Bearer xyz") == .unauthenticated)
        #expect(try await code("test.v1.Test", "Bearer abc") == nil)
        #expect(try await code("open.v1", nil) == nil)
        #expect(try await code("other.v1", "Bearer abc") == .permissionDenied, "admin is needed")
        #expect(
            try await code("test.v1.Test", "Bearer abc", method: "Forbidden") == .permissionDenied)
    }

    @Test("a client sends the token it is told with every call that brings none")
    func clientToken() async throws {
        let router = try router()
        try await withServer(router) { _, address in
            for (token, own, code) in [
                ("abc", nil, nil), ("xyz", nil, .unauthenticated),
                ("abc", "Bearer xyz", .unauthenticated), ("xyz", "Bearer abc", nil),
            ] as [(String, String?, RPCError.Code?)] {
                try await withClient(of: [address], change: { $0.bearerToken = token }) { client in
                    var options = CallOptions(timeout: .seconds(30))
                    if let own { options.metadata.add(text: own, for: "authorization") }
                    let error = await status {
                        _ = try await client.unary(
                            testMethod("Echo"), RPCMessage(body: []), options: options)
                    }
                    #expect(error?.code == code)
                }
            }
        }
        let error = await status {
            try await withClient(of: [], change: { $0.bearerToken = "two words" }) { _ in }
        }
        #expect(error?.code == .invalidArgument)
    }
}

@Suite("Admission of calls", .timeLimit(.minutes(1)))
struct AdmissionInterceptorTests {
    private func router(
        _ signals: HandlerSignals, waiting: Int
    ) throws -> RPCRouter {
        var router = testRouter(signals)
        var one = AdmissionConfiguration.defaults
        one.concurrency = .fixed(1)
        one.waitingCalls = waiting
        router.add(try AdmissionInterceptor([testMethod("Stubborn"): one]))
        return router
    }

    private func stubborn(_ caller: any RPCCaller, reply: ReplyMetadata? = nil) async -> RPCError? {
        await status {
            _ = try await caller.unary(
                testMethod("Stubborn"), RPCMessage(body: [1]),
                options: CallOptions(timeout: .seconds(30), reply: reply))
        }
    }

    @Test("a call waits for its turn, one more is refused at once with a time to come back")
    func turns() async throws {
        let signals = HandlerSignals()
        let router = try router(signals, waiting: 1)
        try await Way.sockets.withCaller(of: router) { caller in
            let first = Task { await stubborn(caller) }
            _ = try await signals.started.value()
            let ended = Counter()
            let others = (0..<2).map { _ in
                Task {
                    let reply = ReplyMetadata()
                    let error = await stubborn(caller, reply: reply)
                    ended.add()
                    return (error, reply.trailing.text(RetryPushback.key))
                }
            }
            // Whichever came second waits; the other has its answer while nobody has been served.
            while ended.value == 0 { await Task.yield() }
            signals.released.fulfil(.success(()))
            #expect(await first.value == nil)
            let results = [await others[0].value, await others[1].value]
            let refused = results.filter { $0.0 != nil }
            #expect(refused.count == 1 && refused.first?.0?.code == .resourceExhausted)
            #expect(refused.first?.1.flatMap { Int($0) } ?? 0 >= 1)
            // A method that is not held up is served all the while.
            let echo = try await caller.unary(testMethod("Echo"), RPCMessage(body: [2]))
            #expect(echo.body == [2])
        }
    }

    /// Refuses a method, as a call comes or in its task.
    private struct Refusing: ServerInterceptor {
        let method: RPCMethod
        let atOnce: Bool
        let intercepted: Counter
        let ended: Counter

        private func check(_ context: CallContext) throws {
            guard context.method != method else {
                throw RPCError(code: .permissionDenied, message: "no")
            }
        }

        func arrived(_ context: CallContext) throws { if atOnce { try check(context) } }

        func intercept(
            _ context: CallContext, _ next: @Sendable () async throws -> Void
        ) async throws {
            intercepted.add()
            if !atOnce { try check(context) }
            try await next()
        }

        func ended(_ context: CallContext, _ code: RPCError.Code) {
            if code == .permissionDenied { ended.add() }
        }
    }

    @Test(
        "a call that another interceptor refuses has an end and gives its place back",
        arguments: [true, false], Way.allCases)
    func refusedElsewhere(atOnce: Bool, way: Way) async throws {
        let (intercepted, ended) = (Counter(), Counter())
        var router = testRouter()
        var one = AdmissionConfiguration.defaults
        one.concurrency = .fixed(1)
        one.waitingCalls = 0
        router.add(try AdmissionInterceptor([testMethod("Echo"): one]))
        router.add(
            Refusing(
                method: testMethod("Echo"), atOnce: atOnce, intercepted: intercepted, ended: ended))
        let served = router
        try await way.withCaller(of: served) { caller in
            let before = intercepted.value
            for number in 1...3 {
                let error = await status {
                    _ = try await caller.unary(testMethod("Echo"), RPCMessage(body: [1]))
                }
                // Not RESOURCE_EXHAUSTED: the place was free again.
                #expect(error?.code == .permissionDenied)
                #expect(ended.value == number)
            }
            #expect(intercepted.value - before == (atOnce ? 0 : 3))
        }
    }

    @Test("a caller that gives up while it waits frees its place")
    func givingUp() async throws {
        let signals = HandlerSignals()
        let router = try router(signals, waiting: 1)
        try await Way.sockets.withCaller(of: router) { caller in
            let first = Task { await stubborn(caller) }
            _ = try await signals.started.value()
            for _ in 0..<20 {
                let waiting = Task { await stubborn(caller) }
                for _ in 0..<20 { await Task.yield() }
                waiting.cancel()
                #expect(await waiting.value?.code == .cancelled)
            }
            signals.released.fulfil(.success(()))
            #expect(await first.value == nil)
            // The place of a call that gave up is free when the server has heard of it.
            var last = await stubborn(caller)
            while last != nil { last = await stubborn(caller) }
        }
    }
}
