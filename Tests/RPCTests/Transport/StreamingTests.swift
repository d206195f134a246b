import Testing

@testable import RPC

@Suite("Streams of requests", .timeLimit(.minutes(1)))
struct StreamingTests {
    private func message(_ number: UInt8) -> RPCMessage { RPCMessage(body: [number]) }

    @Test("a stream of requests has one response", arguments: Way.allCases)
    func clientStreaming(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let sum = try await caller.clientStreaming(testMethod("Sum")) { requests in
                for number: UInt8 in 1...10 { try await requests.write(message(number)) }
            }
            #expect(sum.body == [55])
            let empty = try await caller.clientStreaming(testMethod("Sum")) { _ in }
            #expect(empty.body == [0])
        }
    }

    @Test("both sides write in turns, many times", arguments: Way.allCases)
    func pingPong(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            try await caller.bidirectionalStreaming(testMethod("EchoStream")) { call in
                var responses = call.responses.makeAsyncIterator()
                for number: UInt8 in 0..<200 {
                    try await call.requests.write(message(number))
                    #expect(try await responses.next()?.body == [number])
                }
                try await call.requests.finish()
                #expect(try await responses.next() == nil)
            }
        }
    }

    @Test("far more than the windows hold goes both ways at once", arguments: Way.allCases)
    func large(way: Way) async throws {
        var limits = RPCLimits.defaults
        limits.streamWindowBytes = 65_536
        limits.connectionWindowBytes = 131_072
        limits.pendingWriteBytes = 65_536
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            try await caller.bidirectionalStreaming(testMethod("EchoStream")) { call in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for number: UInt8 in 0..<40 {
                            var body = [UInt8](repeating: number, count: 100_000)
                            body[0] = number
                            try await call.requests.write(RPCMessage(body: body))
                        }
                        try await call.requests.finish()
                    }
                    var numbers: [UInt8] = []
                    for try await response in call.responses {
                        #expect(response.body.count == 100_000)
                        numbers.append(response.body[0])
                    }
                    #expect(numbers == Array(0..<40))
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("small messages behind a reader that is late are not lost", arguments: Way.allCases)
    func smallThenLarge(way: Way) async throws {
        var limits = RPCLimits.defaults
        limits.streamWindowBytes = 65_536
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            try await caller.bidirectionalStreaming(testMethod("EchoStream")) { call in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for number in 0..<60 {
                            let count = number.isMultiple(of: 3) ? 200_000 : 1
                            try await call.requests.write(
                                RPCMessage(body: [UInt8](repeating: UInt8(number), count: count)))
                        }
                        try await call.requests.finish()
                    }
                    var next = 0
                    for try await response in call.responses {
                        for _ in 0..<10 { await Task.yield() }
                        #expect(response.body.first == UInt8(next))
                        next += 1
                    }
                    #expect(next == 60)
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("a handler that fails early ends the writer, who learns why", arguments: Way.allCases)
    func failEarly(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let error = await status {
                _ = try await caller.clientStreaming(testMethod("FailEarly")) { requests in
                    while true { try await requests.write(message(1)) }
                }
            }
            #expect(error?.code == .aborted)
        }
    }

    @Test("nothing follows the last request", arguments: Way.allCases)
    func afterTheLast(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            try await caller.bidirectionalStreaming(testMethod("EchoStream")) { call in
                try await call.requests.finish()
                let error = await status { try await call.requests.write(message(1)) }
                #expect(error?.code == .failedPrecondition)
            }
            let single = await status {
                try await caller.call(testMethod("Echo"), message(1), options: .defaults) { call in
                    try await call.requests.write(message(2))
                }
            }
            #expect(single?.code == .failedPrecondition)
        }
    }

    @Test("leaving a call under way stops its handler", arguments: Way.allCases)
    func leaving(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            try await caller.bidirectionalStreaming(testMethod("Flood")) { call in
                try await call.requests.write(sizeRequest(10))
                try await call.requests.finish()
                var responses = call.responses.makeAsyncIterator()
                _ = try await responses.next()
            }
            try await signals.cancelled.value()
        }
    }

    @Test("metadata goes back before the response and with the status", arguments: Way.allCases)
    func replyMetadata(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            var options = CallOptions(timeout: .seconds(30), reply: ReplyMetadata())
            options.metadata.add(text: "one", for: "x-initial")
            options.metadata.add(binary: [1, 0, 255], for: "x-trailing-bin")
            let response = try await caller.unary(
                testMethod("EchoMetadata"), message(7), options: options)
            #expect(response.body == [7])
            #expect(options.reply?.initial.text("x-initial") == "one")
            #expect(options.reply?.trailing.binary("x-trailing-bin") == [1, 0, 255])
        }
    }

    @Test("a handler's second or late metadata is refused", arguments: Way.allCases)
    func lateMetadata(way: Way) async throws {
        var router = RPCRouter()
        router.serverStreaming(testMethod("Late")) { _, context, writer in
            try await writer.write(RPCMessage(body: [1]))
            try await context.sendMetadata(Metadata())
        }
        try await way.withCaller(of: router) { caller in
            let error = await status {
                try await caller.serverStreaming(testMethod("Late"), message(1)) { stream in
                    for try await _ in stream {}
                }
            }
            #expect(error?.code == .failedPrecondition)
        }
    }
}
