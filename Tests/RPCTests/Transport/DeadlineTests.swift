import Testing

@testable import RPC

/// Deadlines, cancellation and trace ids, the same in process and over sockets.
@Suite("Deadlines and cancellation", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("the deadline ends a call on both sides", arguments: Way.allCases)
    func deadlineEnds(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            let start = ContinuousClock.now
            let error = await status {
                _ = try await caller.unary(
                    testMethod("Hang"), RPCMessage(body: []),
                    options: CallOptions(timeout: .seconds(2)))
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(ContinuousClock.now - start >= .seconds(2))
            try await signals.cancelledIfStarted()
        }
    }

    @Test(
        "a deadline that passes while its call starts reaches the handler", arguments: Way.allCases)
    func shortDeadlines(way: Way) async throws {
        let (begun, ended) = (Counter(), Counter())
        var router = RPCRouter()
        router.unary(testMethod("Wait")) { _, _ in
            begun.add()
            defer { ended.add() }
            try await OneShot<Void>().value()
            return RPCMessage(body: [])
        }
        try await way.withCaller(of: router) { caller in
            for microseconds in 1...300 {
                let error = await status {
                    _ = try await caller.unary(
                        testMethod("Wait"), RPCMessage(body: []),
                        options: CallOptions(timeout: .microseconds(microseconds)))
                }
                #expect(error?.code == .deadlineExceeded)
            }
            while ended.value < begun.value { await Task.yield() }
        }
    }

    @Test(
        "a handler that ignores cancellation does not hold up its caller", arguments: Way.allCases)
    func stubbornHandler(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            let error = await status {
                _ = try await caller.unary(
                    testMethod("Stubborn"), RPCMessage(body: []),
                    options: CallOptions(timeout: .seconds(2)))
            }
            #expect(error?.code == .deadlineExceeded)
            signals.released.fulfil(.success(()))
        }
    }

    @Test("a call whose deadline has passed is not started", arguments: Way.allCases)
    func passedDeadline(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            for timeout in [Duration.zero, .seconds(-1)] {
                let error = await status {
                    _ = try await caller.unary(
                        testMethod("Echo"), RPCMessage(body: []),
                        options: CallOptions(timeout: timeout))
                }
                #expect(error?.code == .deadlineExceeded)
            }
        }
    }

    @Test("cancelling the calling task reaches the handler", arguments: Way.allCases)
    func cancellationReachesHandler(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            try await withThrowingTaskGroup(of: RPCError?.self) { group in
                group.addTask {
                    await status {
                        _ = try await caller.unary(
                            testMethod("Hang"), RPCMessage(body: []), options: .defaults)
                    }
                }
                _ = try await signals.started.value()
                group.cancelAll()
                let error = try await group.next() ?? nil
                #expect(error?.code == .cancelled)
                try await signals.cancelled.value()
            }
        }
    }

    @Test("a task that is cancelled before it calls gets CANCELLED", arguments: Way.allCases)
    func cancelledBefore(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let error = await withTaskGroup(of: RPCError?.self) { group in
                group.cancelAll()
                group.addTask {
                    await status {
                        _ = try await caller.unary(
                            testMethod("Hang"), RPCMessage(body: []), options: .defaults)
                    }
                }
                return await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
        }
    }

    @Test("cancelling the reader of a stream stops the handler", arguments: Way.allCases)
    func cancelledReader(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = await status {
                        try await caller.serverStreaming(
                            testMethod("Flood"), sizeRequest(10), options: .defaults
                        ) { stream in for try await _ in stream {} }
                    }
                }
                _ = try await signals.started.value()
                group.cancelAll()
                try await signals.cancelled.value()
                try await group.waitForAll()
            }
        }
    }

    @Test("the deadline ends a stream that is being read", arguments: Way.allCases)
    func deadlineEndsStream(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            let error = await status {
                try await caller.serverStreaming(
                    testMethod("Flood"), sizeRequest(10),
                    options: CallOptions(timeout: .seconds(2))
                ) { stream in for try await _ in stream {} }
            }
            #expect(error?.code == .deadlineExceeded)
            try await signals.cancelledIfStarted()
        }
    }

    @Test("deadline and trace id pass through two hops", arguments: Way.allCases)
    func twoHops(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { last in
            var router = RPCRouter()
            // Asks for more time than its own caller has left.
            for name in ["Trace", "Remaining"] {
                router.unary(testMethod(name)) { request, _ in
                    try await last.unary(
                        testMethod(name), request, options: CallOptions(timeout: .seconds(3600)))
                }
            }
            try await way.withCaller(of: router) { first in
                let options = CallOptions(timeout: .seconds(20))
                let remaining = try await first.unary(
                    testMethod("Remaining"), RPCMessage(body: []), options: options)
                let text = String(decoding: remaining.body, as: UTF8.self)
                let seconds = try #require(Double(text.split(separator: " ")[0]))
                #expect(seconds > 0 && seconds <= 20)

                var metadata = Metadata()
                let id = "4bf92f3577b34da6a3ce929d0e0e4736"
                metadata.add(text: "00-\(id)-00f067aa0ba902b7-01", for: "traceparent")
                let trace = try await first.unary(
                    testMethod("Trace"), RPCMessage(body: []),
                    options: CallOptions(metadata: metadata))
                #expect(String(decoding: trace.body, as: UTF8.self) == id)
            }
        }
    }

    @Test("an absent or malformed trace id is replaced by a new one", arguments: Way.allCases)
    func traceIDIsMade(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            var malformed = Metadata()
            malformed.add(text: "00-zz-1-01", for: "traceparent")
            for metadata in [Metadata(), malformed] {
                let trace = try await caller.unary(
                    testMethod("Trace"), RPCMessage(body: []),
                    options: CallOptions(metadata: metadata))
                #expect(trace.body.count == 32)
            }
        }
    }

    @Test("a call that times out in the second hop says so in the first", arguments: Way.allCases)
    func deadlineInSecondHop(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { last in
            var router = RPCRouter()
            router.unary(testMethod("Hang")) { request, _ in
                try await last.unary(testMethod("Hang"), request, options: .defaults)
            }
            try await way.withCaller(of: router) { first in
                let error = await status {
                    _ = try await first.unary(
                        testMethod("Hang"), RPCMessage(body: []),
                        options: CallOptions(timeout: .seconds(2)))
                }
                #expect(error?.code == .deadlineExceeded)
                try await signals.cancelledIfStarted()
            }
        }
    }
}
