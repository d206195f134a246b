import Domain
import Testing

@testable import RPC

/// Limits of calls, the same in process and over sockets.
@Suite("Limits of calls", .timeLimit(.minutes(1)))
struct LimitTests {
    private func echo(_ caller: any RPCCaller, _ message: RPCMessage) async -> RPCError? {
        await status {
            let answer = try await caller.unary(testMethod("Echo"), message, options: .defaults)
            #expect(answer == message)
        }
    }

    @Test(
        "a request at the limit passes, one byte more fails, and calls go on",
        arguments: Way.allCases)
    func requestBytes(way: Way) async throws {
        var limits = RPCLimits.defaults
        limits.sentMessageBytes = 1008
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            for (size, code) in [(1000, nil), (1001, RPCError.Code.resourceExhausted), (0, nil)] {
                let error = await echo(caller, RPCMessage(body: [UInt8](repeating: 1, count: size)))
                #expect(error?.code == code)
            }
        }
    }

    @Test(
        "a response at the limit passes, one byte more fails, and calls go on",
        arguments: Way.allCases)
    func responseBytes(way: Way) async throws {
        var limits = RPCLimits.defaults
        limits.receivedMessageBytes = 1008
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            for (size, code) in [(1000, nil), (1001, RPCError.Code.resourceExhausted), (0, nil)] {
                let error = await status {
                    let answer = try await caller.unary(
                        testMethod("Large"), sizeRequest(size), options: .defaults)
                    #expect(answer.body.count == size)
                }
                #expect(error?.code == code)
            }
        }
    }

    @Test("messages far larger than a frame pass", arguments: Way.allCases)
    func largeMessages(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let values = (0..<1_000_000).map { Float($0) }
            let message = RPCMessage(
                body: [UInt8](repeating: 3, count: 1_000_001),
                attachments: [FloatTensor(rows: 1000, columns: 1000, values: values)])
            #expect(await echo(caller, message) == nil)
        }
    }

    @Test("the default limit is 16 MiB, to the byte", arguments: Way.allCases)
    func defaultLimit(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let most = 16 * 1024 * 1024 - RPCMessage.headerBytes
            #expect(await echo(caller, RPCMessage(body: [UInt8](repeating: 3, count: most))) == nil)
            let error = await echo(caller, RPCMessage(body: [UInt8](repeating: 3, count: most + 1)))
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test("attachments at the limit pass, one more fails", arguments: Way.allCases)
    func attachments(way: Way) async throws {
        var limits = RPCLimits.defaults
        limits.attachments = 2
        let tensor = FloatTensor(rows: 1, columns: 1, values: [1])
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            let two = RPCMessage(body: [], attachments: [tensor, tensor])
            #expect(await echo(caller, two) == nil)
            let three = RPCMessage(body: [], attachments: [tensor, tensor, tensor])
            #expect(await echo(caller, three)?.code == .resourceExhausted)
        }
    }

    @Test("rows without columns cannot be sent", arguments: Way.allCases)
    func emptyRows(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            let message = RPCMessage(
                body: [], attachments: [FloatTensor(rows: 3, columns: 0, values: [])])
            #expect(await echo(caller, message)?.code == .invalidArgument)
        }
    }

    @Test("metadata at the limit passes, one entry more fails", arguments: Way.allCases)
    func metadata(way: Way) async throws {
        var limits = RPCLimits.defaults
        // One of them is the trace id.
        limits.metadataEntries = 3
        try await way.withCaller(of: testRouter(), limits: limits) { caller in
            for (count, code) in [(2, nil), (3, RPCError.Code.resourceExhausted)] {
                var metadata = Metadata()
                for number in 0..<count { metadata.add(text: "v", for: "k\(number)") }
                let options = CallOptions(metadata: metadata)
                let error = await status {
                    _ = try await caller.unary(
                        testMethod("Echo"), RPCMessage(body: []), options: options)
                }
                #expect(error?.code == code)
            }
        }
    }

    @Test("calls at the limit run, one more is refused at once", arguments: Way.allCases)
    func concurrentCalls(way: Way) async throws {
        let signals = HandlerSignals()
        var limits = RPCLimits.defaults
        limits.concurrentStreams = 1
        try await way.withCaller(of: testRouter(signals), limits: limits) { caller in
            try await withThrowingTaskGroup(of: RPCMessage.self) { group in
                group.addTask {
                    try await caller.unary(
                        testMethod("Stubborn"), RPCMessage(body: [5]), options: .defaults)
                }
                _ = try await signals.started.value()
                #expect(await echo(caller, RPCMessage(body: []))?.code == .resourceExhausted)
                signals.released.fulfil(.success(()))
                #expect(try await group.next()?.body == [5])
                #expect(await echo(caller, RPCMessage(body: [])) == nil)
            }
        }
    }

    @Test("thousands of calls at a time share a connection", arguments: Way.allCases)
    func thousandsOfCalls(way: Way) async throws {
        let signals = HandlerSignals()
        let calls = 5_000
        var limits = RPCLimits.defaults
        limits.concurrentStreams = calls
        let entered = Counter()
        var router = testRouter()
        router.unary(testMethod("Meet")) { request, _ in
            entered.add()
            // All are open before the first one ends.
            if entered.value == calls { signals.released.fulfil(.success(())) }
            try await signals.released.value()
            return request
        }
        let served = router
        try await way.withCaller(of: served, limits: limits) { caller in
            let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<calls {
                    group.addTask {
                        let body = withUnsafeBytes(of: UInt32(number)) { Array($0) }
                        return try await caller.unary(
                            testMethod("Meet"), RPCMessage(body: body)
                        ).body
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == calls)
        }
    }

    @Test("a status message that is too long arrives cut", arguments: Way.allCases)
    func longStatus(way: Way) async throws {
        var router = RPCRouter()
        router.unary(testMethod("Long")) { _, _ in
            throw RPCError(
                code: .aborted, message: String(repeating: "m", count: 5000),
                details: [RPCError.Detail(type: "t", value: [UInt8](repeating: 0, count: 20_000))])
        }
        try await way.withCaller(of: router) { caller in
            let error = await status {
                _ = try await caller.unary(
                    testMethod("Long"), RPCMessage(body: []), options: .defaults)
            }
            #expect(error?.code == .aborted)
            #expect(error?.message.utf8.count == 1024)
            #expect(error?.details.isEmpty == true)
        }
    }

    @Test("a limit out of range is named when a server or client starts")
    func invalidLimits() async throws {
        let change: @Sendable (inout RPCLimits) -> Void = { $0.framePayloadBytes = 1024 }
        var server = RPCServerConfiguration.defaults(
            address: RPCAddress(host: "127.0.0.1", port: 0))
        change(&server.limits)
        let serverError = await status {
            try await RPCServer(
                router: testRouter(), configuration: server, logger: quietLogger
            ).run()
        }
        #expect(serverError?.message.contains("framePayloadBytes") == true)
        var client = RPCClientConfiguration.defaults
        change(&client.limits)
        let clientError = await status {
            try await RPCClient(replicas: [], configuration: client, logger: quietLogger).run()
        }
        #expect(clientError?.code == .invalidArgument)
    }
}
