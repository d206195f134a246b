import Testing

@testable import RPC

/// gRPC's interop cases by their names; see its `doc/interop-test-descriptions.md`.
///
/// Each calls `llara.test.v1.TestService` and fails a test where the answer is another than it must
/// be. `Proto/Python` has the same cases, written apart.
enum ConformanceCase: String, CaseIterable, Sendable {
    case emptyUnary = "empty_unary"
    case largeUnary = "large_unary"
    case clientStreaming = "client_streaming"
    case serverStreaming = "server_streaming"
    case pingPong = "ping_pong"
    case emptyStream = "empty_stream"
    case customMetadata = "custom_metadata"
    case statusCodeAndMessage = "status_code_and_message"
    case specialStatusMessage = "special_status_message"
    case unimplementedMethod = "unimplemented_method"
    case unimplementedService = "unimplemented_service"
    case cancelAfterBegin = "cancel_after_begin"
    case cancelAfterFirstResponse = "cancel_after_first_response"
    case timeoutOnSleepingServer = "timeout_on_sleeping_server"
    case clientCompressedUnary = "client_compressed_unary"
    case serverCompressedUnary = "server_compressed_unary"
    case clientCompressedStreaming = "client_compressed_streaming"
    case serverCompressedStreaming = "server_compressed_streaming"
    case rpcSoak = "rpc_soak"

    static let largeRequest = 271_828
    static let largeResponse = 314_159
    static let requestSizes = [27_182, 8, 1_828, 45_904]
    static let responseSizes = [31_415, 9, 2_653, 58_979]
    private static let options = CallOptions(timeout: .seconds(30))

    func run(_ caller: any RPCCaller) async throws {
        switch self {
        case .emptyUnary: try await emptyUnary(caller)
        case .largeUnary: try await largeUnary(caller)
        case .clientStreaming: try await clientStreaming(caller)
        case .serverStreaming: try await serverStreaming(caller)
        case .pingPong: try await pingPong(caller)
        case .emptyStream: try await emptyStream(caller)
        case .customMetadata: try await customMetadata(caller)
        case .statusCodeAndMessage: try await status(caller, "test status message")
        case .specialStatusMessage:
            try await status(
                caller, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
        case .unimplementedMethod:
            await unimplemented(caller, TestService.method("UnimplementedCall"))
        case .unimplementedService:
            await unimplemented(
                caller,
                RPCMethod(service: "llara.test.v1.UnimplementedService", name: "UnimplementedCall"))
        case .cancelAfterBegin: try await cancelAfterBegin(caller)
        case .cancelAfterFirstResponse: try await cancelAfterFirstResponse(caller)
        case .timeoutOnSleepingServer: try await timeout(caller)
        case .clientCompressedUnary: try await clientCompressedUnary(caller)
        case .serverCompressedUnary: try await serverCompressedUnary(caller)
        case .clientCompressedStreaming: try await clientCompressedStreaming(caller)
        case .serverCompressedStreaming: try await serverCompressedStreaming(caller)
        case .rpcSoak: for _ in 0..<50 { try await largeUnary(caller) }
        }
    }

    private func emptyUnary(_ caller: any RPCCaller) async throws {
        let response = try await caller.unary(
            TestService.emptyCall, RPCMessage(body: []), options: Self.options)
        #expect(response.body == [])
    }

    private func largeUnary(_ caller: any RPCCaller) async throws {
        let request = TestRequest(
            payloadSize: Self.largeRequest, responses: [.init(size: Self.largeResponse)])
        let response = try await caller.unary(
            TestService.unaryCall, request.message(as: .simple), options: Self.options)
        #expect(TestResponse.payloadSize(of: response) == Self.largeResponse)
    }

    private func clientStreaming(_ caller: any RPCCaller) async throws {
        let response = try await caller.clientStreaming(
            TestService.inputCall, options: Self.options
        ) { requests in
            for size in Self.requestSizes {
                try await requests.write(TestRequest(payloadSize: size).message(as: .input))
            }
        }
        #expect(TestResponse.sum(of: response) == 74_922)
    }

    private func serverStreaming(_ caller: any RPCCaller) async throws {
        let request = TestRequest(responses: Self.responseSizes.map { .init(size: $0) })
        let sizes = try await caller.serverStreaming(
            TestService.outputCall, request.message(as: .output), options: Self.options
        ) { stream in
            var sizes: [Int?] = []
            for try await response in stream {
                sizes.append(TestResponse.payloadSize(of: response))
            }
            return sizes
        }
        #expect(sizes == Self.responseSizes)
    }

    private func pingPong(_ caller: any RPCCaller) async throws {
        try await caller.bidirectionalStreaming(
            TestService.duplexCall, options: Self.options
        ) { call in
            var responses = call.responses.makeAsyncIterator()
            for (requestSize, size) in zip(Self.requestSizes, Self.responseSizes) {
                let request = TestRequest(payloadSize: requestSize, responses: [.init(size: size)])
                try await call.requests.write(request.message(as: .output))
                let response = try await responses.next()
                #expect(response.flatMap(TestResponse.payloadSize) == size)
            }
            try await call.requests.finish()
            #expect(try await responses.next() == nil)
        }
    }

    private func emptyStream(_ caller: any RPCCaller) async throws {
        try await caller.bidirectionalStreaming(
            TestService.duplexCall, options: Self.options
        ) { call in
            try await call.requests.finish()
            var responses = call.responses.makeAsyncIterator()
            #expect(try await responses.next() == nil)
        }
    }

    private func customMetadata(_ caller: any RPCCaller) async throws {
        func options() -> CallOptions {
            var options = CallOptions(timeout: .seconds(30), reply: ReplyMetadata())
            options.metadata.add(
                text: "test_initial_metadata_value", for: TestService.echoInitial)
            options.metadata.add(binary: [0xAB, 0xAB, 0xAB], for: TestService.echoTrailing)
            return options
        }
        func check(_ reply: ReplyMetadata?) {
            #expect(
                reply?.initial.text(TestService.echoInitial) == "test_initial_metadata_value")
            #expect(reply?.trailing.binary(TestService.echoTrailing) == [0xAB, 0xAB, 0xAB])
        }
        let unary = options()
        let request = TestRequest(responses: [.init(size: 1)])
        _ = try await caller.unary(
            TestService.unaryCall, request.message(as: .simple), options: unary)
        check(unary.reply)
        let duplex = options()
        try await caller.bidirectionalStreaming(TestService.duplexCall, options: duplex) { call in
            try await call.requests.write(request.message(as: .output))
            try await call.requests.finish()
            for try await _ in call.responses {}
        }
        check(duplex.reply)
    }

    private func status(_ caller: any RPCCaller, _ message: String) async throws {
        let request = TestRequest(status: .init(code: .unknown, message: message))
        let unary = await RPCTests.status {
            _ = try await caller.unary(
                TestService.unaryCall, request.message(as: .simple), options: Self.options)
        }
        #expect(unary?.code == .unknown && unary?.message == message)
        let duplex = await RPCTests.status {
            try await caller.bidirectionalStreaming(
                TestService.duplexCall, options: Self.options
            ) { call in
                try await call.requests.write(request.message(as: .output))
                for try await _ in call.responses {}
            }
        }
        #expect(duplex?.code == .unknown && duplex?.message == message)
    }

    private func unimplemented(_ caller: any RPCCaller, _ method: RPCMethod) async {
        let error = await RPCTests.status {
            _ = try await caller.unary(method, RPCMessage(body: []), options: Self.options)
        }
        #expect(error?.code == .unimplemented)
    }

    private func cancelAfterBegin(_ caller: any RPCCaller) async throws {
        let begun = OneShot<Void>()
        let call = Task {
            await RPCTests.status {
                try await caller.call(TestService.inputCall, nil, options: Self.options) { call in
                    begun.fulfil(.success(()))
                    for try await _ in call.responses {}
                }
            }
        }
        try await begun.value()
        call.cancel()
        #expect(await call.value?.code == .cancelled)
        // The connection goes on.
        try await emptyUnary(caller)
    }

    private func cancelAfterFirstResponse(_ caller: any RPCCaller) async throws {
        let answered = OneShot<Void>()
        let call = Task {
            await RPCTests.status {
                try await caller.call(TestService.duplexCall, nil, options: Self.options) { call in
                    let request = TestRequest(payloadSize: 27_182, responses: [.init(size: 31_415)])
                    try await call.requests.write(request.message(as: .output))
                    var responses = call.responses.makeAsyncIterator()
                    _ = try await responses.next()
                    answered.fulfil(.success(()))
                    _ = try await responses.next()
                }
            }
        }
        try await answered.value()
        call.cancel()
        #expect(await call.value?.code == .cancelled)
        try await emptyUnary(caller)
    }

    private func timeout(_ caller: any RPCCaller) async throws {
        let error = await RPCTests.status {
            try await caller.bidirectionalStreaming(
                TestService.duplexCall, options: CallOptions(timeout: .milliseconds(50))
            ) { call in
                let request = TestRequest(
                    payloadSize: 27_182,
                    responses: [.init(size: 31_415, intervalMicroseconds: 50_000_000)])
                try await call.requests.write(request.message(as: .output))
                for try await _ in call.responses {}
            }
        }
        #expect(error?.code == .deadlineExceeded)
    }
}

/// The cases of compressed messages.
extension ConformanceCase {
    private func clientCompressedUnary(_ caller: any RPCCaller) async throws {
        func request(expected: Bool) -> TestRequest {
            TestRequest(
                payloadSize: Self.largeRequest, responses: [.init(size: Self.largeResponse)],
                expectsCompressed: expected)
        }
        // A server that does not look would pass the rest.
        let probe = await RPCTests.status {
            _ = try await caller.unary(
                TestService.unaryCall, request(expected: true).message(as: .simple),
                options: Self.options)
        }
        #expect(probe?.code == .invalidArgument)
        for isCompressed in [true, false] {
            let response = try await caller.unary(
                TestService.unaryCall,
                request(expected: isCompressed).message(as: .simple, isCompressed: isCompressed),
                options: Self.options)
            #expect(TestResponse.payloadSize(of: response) == Self.largeResponse)
        }
    }

    private func serverCompressedUnary(_ caller: any RPCCaller) async throws {
        for isCompressed in [true, false] {
            let request = TestRequest(
                payloadSize: Self.largeRequest,
                responses: [.init(size: Self.largeResponse, isCompressed: isCompressed)])
            let response = try await caller.unary(
                TestService.unaryCall, request.message(as: .simple), options: Self.options)
            #expect(response.isCompressed == isCompressed)
            #expect(TestResponse.payloadSize(of: response) == Self.largeResponse)
        }
    }

    private func clientCompressedStreaming(_ caller: any RPCCaller) async throws {
        @Sendable func request(_ size: Int, expected: Bool) -> TestRequest {
            TestRequest(payloadSize: size, expectsCompressed: expected)
        }
        let probe = await RPCTests.status {
            _ = try await caller.clientStreaming(
                TestService.inputCall, options: Self.options
            ) { requests in
                try await requests.write(request(27_182, expected: true).message(as: .input))
            }
        }
        #expect(probe?.code == .invalidArgument)
        let response = try await caller.clientStreaming(
            TestService.inputCall, options: Self.options
        ) { requests in
            try await requests.write(
                request(27_182, expected: true).message(as: .input, isCompressed: true))
            try await requests.write(request(45_904, expected: false).message(as: .input))
        }
        #expect(TestResponse.sum(of: response) == 73_086)
    }

    private func serverCompressedStreaming(_ caller: any RPCCaller) async throws {
        let request = TestRequest(responses: [
            .init(size: 31_415, isCompressed: true), .init(size: 92_653),
        ])
        let found = try await caller.serverStreaming(
            TestService.outputCall, request.message(as: .output), options: Self.options
        ) { stream in
            var found: [(size: Int?, isCompressed: Bool)] = []
            for try await response in stream {
                found.append((TestResponse.payloadSize(of: response), response.isCompressed))
            }
            return found
        }
        #expect(found.map(\.size) == [31_415, 92_653])
        #expect(found.map(\.isCompressed) == [true, false])
    }
}
