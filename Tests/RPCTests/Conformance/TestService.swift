@testable import RPC

/// `llara.test.v1.TestService`, as `Proto/llara/test/v1/test.proto` says: what conformance programs
/// of any language call.
enum TestService {
    static let name = "llara.test.v1.TestService"
    static let echoInitial = "x-llara-echo-initial"
    static let echoTrailing = "x-llara-echo-trailing-bin"

    static func method(_ name: String) -> RPCMethod { RPCMethod(service: Self.name, name: name) }

    static let emptyCall = method("EmptyCall")
    static let unaryCall = method("UnaryCall")
    static let outputCall = method("StreamingOutputCall")
    static let inputCall = method("StreamingInputCall")
    static let duplexCall = method("FullDuplexCall")

    static var router: RPCRouter {
        var router = RPCRouter()
        router.unary(emptyCall) { _, context in
            try await echoMetadata(context)
            return RPCMessage(body: [])
        }
        router.unary(unaryCall) { message, context in
            try await echoMetadata(context)
            let request = try TestRequest(reading: message, as: .simple)
            try check(message, request)
            try fail(request.status)
            let response = request.responses.first
            return TestResponse.payload(
                response?.size ?? 0, isCompressed: response?.isCompressed ?? false)
        }
        router.clientStreaming(inputCall) { requests, context in
            try await echoMetadata(context)
            var bytes = 0
            for try await message in requests {
                let request = try TestRequest(reading: message, as: .input)
                try check(message, request)
                bytes += request.payloadSize
            }
            return TestResponse.sum(bytes)
        }
        router.serverStreaming(outputCall) { message, context, writer in
            try await echoMetadata(context)
            try await answer(TestRequest(reading: message, as: .output), writer)
        }
        router.bidirectionalStreaming(duplexCall) { requests, context, writer in
            try await echoMetadata(context)
            for try await message in requests {
                try await answer(TestRequest(reading: message, as: .output), writer)
            }
        }
        return router
    }

    private static func answer(_ request: TestRequest, _ writer: ResponseWriter) async throws {
        try fail(request.status)
        for response in request.responses {
            if response.intervalMicroseconds > 0 {
                try await Task.sleep(for: .microseconds(response.intervalMicroseconds))
            }
            try await writer.write(
                TestResponse.payload(response.size, isCompressed: response.isCompressed))
        }
    }

    private static func check(_ message: RPCMessage, _ request: TestRequest) throws {
        guard let expected = request.expectsCompressed, expected != message.isCompressed else {
            return
        }
        throw RPCError(
            code: .invalidArgument,
            message: expected ? "the request is not compressed" : "the request is compressed")
    }

    private static func fail(_ status: TestRequest.Echo?) throws {
        guard let status, status.code != .ok else { return }
        throw RPCError(code: status.code, message: status.message)
    }

    private static func echoMetadata(_ context: CallContext) async throws {
        if let text = context.metadata.text(echoInitial) {
            var metadata = Metadata()
            metadata.add(text: text, for: echoInitial)
            try await context.sendMetadata(metadata)
        }
        if let bytes = context.metadata.binary(echoTrailing) {
            context.reply.trailing.add(binary: bytes, for: echoTrailing)
        }
    }
}
