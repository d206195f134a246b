import Domain
import Testing

@testable import RPC

/// What a call means, the same in process and over sockets.
@Suite("Call semantics", .timeLimit(.minutes(1)))
struct CallSemanticsTests {
    @Test("a unary call brings body and attachments back", arguments: Way.allCases)
    func unaryEchoes(way: Way) async throws {
        let message = RPCMessage(
            body: [1, 2, 3],
            attachments: [
                FloatTensor(rows: 2, columns: 3, values: [1, 2, 3, -4.5, .infinity, 6]),
                FloatTensor(rows: 0, columns: 64, values: []),
            ])
        let answer = try await way.withCaller(of: testRouter()) { caller in
            try await caller.unary(testMethod("Echo"), message, options: .defaults)
        }
        #expect(answer == message)
    }

    @Test("many calls at a time get their own answers", arguments: Way.allCases)
    func concurrentCallsDoNotMix(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let message = RPCMessage(
                            body: [UInt8](repeating: UInt8(number), count: number))
                        return try await caller.unary(
                            testMethod("Echo"), message, options: .defaults) == message
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("a stream brings its messages in order and then ends", arguments: Way.allCases)
    func streamEnds(way: Way) async throws {
        let numbers = try await way.withCaller(of: testRouter()) { caller in
            try await caller.serverStreaming(
                testMethod("Count"), RPCMessage(body: [200]), options: .defaults
            ) { stream in
                var numbers: [UInt8] = []
                for try await message in stream { numbers += message.body }
                return numbers
            }
        }
        #expect(numbers == Array(0..<200))
    }

    @Test("a stream that fails brings what came before", arguments: Way.allCases)
    func streamFails(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            try await caller.serverStreaming(
                testMethod("CountThenFail"), RPCMessage(body: [3]), options: .defaults
            ) { stream in
                var iterator = stream.makeAsyncIterator()
                for number in 0..<3 {
                    let message = try await iterator.next()
                    #expect(message?.body == [UInt8(number)])
                }
                let error = await status { _ = try await iterator.next() }
                #expect(error?.code == .dataLoss)
            }
        }
    }

    @Test("leaving a stream early stops the handler", arguments: Way.allCases)
    func leavingStops(way: Way) async throws {
        let signals = HandlerSignals()
        try await way.withCaller(of: testRouter(signals)) { caller in
            let size = try await caller.serverStreaming(
                testMethod("Flood"), sizeRequest(1000), options: .defaults
            ) { stream in
                for try await message in stream { return message.body.count }
                return 0
            }
            #expect(size == 1000)
            try await signals.cancelled.value()
        }
    }

    @Test(
        "a handler's status arrives with message and details", arguments: Way.allCases, 1..<17)
    func statusArrives(way: Way, code: Int) async throws {
        let error = try await way.withCaller(of: testRouter()) { caller in
            await status {
                _ = try await caller.unary(
                    testMethod("Fail"), RPCMessage(body: [UInt8(code)]), options: .defaults)
            }
        }
        #expect(error?.code.rawValue == UInt8(code))
        #expect(error?.message == "as asked for")
        #expect(
            error?.details == [RPCError.Detail(type: "test.v1.Item", value: Array("id 7".utf8))])
    }

    @Test("an error that says its status arrives as that", arguments: Way.allCases)
    func convertibleErrorArrives(way: Way) async throws {
        let error = try await way.withCaller(of: testRouter()) { caller in
            await status {
                _ = try await caller.unary(
                    testMethod("FailConvertible"), RPCMessage(body: []), options: .defaults)
            }
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.details.first?.value == [1, 2, 3])
    }

    @Test("any other error arrives as INTERNAL without its text", arguments: Way.allCases)
    func foreignErrorIsHidden(way: Way) async throws {
        let error = try await way.withCaller(of: testRouter()) { caller in
            await status {
                _ = try await caller.unary(
                    testMethod("FailSecret"), RPCMessage(body: []), options: .defaults)
            }
        }
        #expect(error?.code == .internalError)
        #expect(error?.message.contains("4711") == false)
        #expect(error?.message.contains("test.v1.Test/FailSecret") == true)
    }

    @Test(
        "an unknown method or service is UNIMPLEMENTED", arguments: Way.allCases,
        [testMethod("None"), RPCMethod(service: "test.v1.None", name: "Echo")])
    func unknownMethod(way: Way, method: RPCMethod) async throws {
        let error = try await way.withCaller(of: testRouter()) { caller in
            await status {
                _ = try await caller.unary(method, RPCMessage(body: []), options: .defaults)
            }
        }
        #expect(error?.code == .unimplemented)
    }

    @Test("text and binary metadata reach the handler", arguments: Way.allCases)
    func metadataArrives(way: Way) async throws {
        var metadata = Metadata()
        metadata.add(text: "grüße", for: "x-greeting")
        metadata.add(binary: [0, 255, 10], for: "x-data-bin")
        let options = CallOptions(metadata: metadata)
        try await way.withCaller(of: testRouter()) { caller in
            for (key, value) in [
                ("x-greeting", Array("grüße".utf8)), ("x-data-bin", [0, 255, 10]),
            ] {
                let answer = try await caller.unary(
                    testMethod("Metadata"), RPCMessage(body: Array(key.utf8)), options: options)
                #expect(answer.body == value)
            }
        }
    }

    @Test("malformed metadata fails before it is sent", arguments: Way.allCases)
    func malformedMetadata(way: Way) async throws {
        var metadata = Metadata()
        metadata.add(text: "x", for: "Upper-Case")
        let options = CallOptions(metadata: metadata)
        let error = try await way.withCaller(of: testRouter()) { caller in
            await status {
                _ = try await caller.unary(
                    testMethod("Echo"), RPCMessage(body: []), options: options)
            }
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a streaming method called as unary fails clearly", arguments: Way.allCases)
    func streamingCalledAsUnary(way: Way) async throws {
        try await way.withCaller(of: testRouter()) { caller in
            for count: UInt8 in [0, 2] {
                let error = await status {
                    _ = try await caller.unary(
                        testMethod("Count"), RPCMessage(body: [count]), options: .defaults)
                }
                #expect(error?.code == .internalError)
            }
            let one = try await caller.unary(
                testMethod("Count"), RPCMessage(body: [1]), options: .defaults)
            #expect(one.body == [0])
        }
    }
}
