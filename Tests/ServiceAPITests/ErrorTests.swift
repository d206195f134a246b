import RPC
import ServiceAPI
import Testing
import Wire

@Suite("Errors of typed calls")
struct ErrorTests {
    private func rpcError(_ call: () async throws -> Void) async -> RPCError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? RPCError
        }
    }

    @Test("a request that cannot be read is INVALID_ARGUMENT and names the field")
    func malformedRequest() async {
        let error = await rpcError {
            _ = try await GatewayClient(allServices()).getItems(
                GetItemsRequest(itemIDs: ["1", ""]))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == "the request cannot be used: item_ids[1] is empty")
        #expect(
            error?.details == [.fieldViolation(field: "item_ids[1]", message: "is empty")])
    }

    @Test("bytes that are no message at all are INVALID_ARGUMENT")
    func garbage() async {
        let error = await rpcError {
            _ = try await allServices().unary(
                EncoderMethods.retrieve.method, RPCMessage(body: [0xFF, 0xFF]), options: .defaults)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a streaming request that cannot be read is INVALID_ARGUMENT")
    func malformedStreamingRequest() async {
        let service = String(repeating: "s", count: WireLimits.maximumIdentifierBytes + 1)
        let error = await rpcError {
            try await HealthClient(allServices()).watch(HealthCheckRequest(service: service)) {
                for try await _ in $0 {}
            }
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a response that cannot be read is INTERNAL and says where")
    func malformedResponse() async {
        var router = RPCRouter()
        router.unary(RankerMethods.rank.method) { _, _ in RPCMessage(body: [0x12, 0x00]) }
        let transport = InProcessTransport(router: router)
        let error = await rpcError { _ = try await RankerClient(transport).rank(RankRequest()) }
        #expect(error?.code == .internalError)
        #expect(error?.message.contains("candidates[0].id is empty") == true)
    }

    @Test("a streamed response that cannot be read is INTERNAL")
    func malformedStreamedResponse() async {
        var router = RPCRouter()
        router.serverStreaming(HealthMethods.watch.method) { _, _, writer in
            try await writer.write(RPCMessage(body: [0x08, 0x09]))
        }
        let transport = InProcessTransport(router: router)
        let error = await rpcError {
            try await HealthClient(transport).watch(HealthCheckRequest()) {
                for try await _ in $0 {}
            }
        }
        #expect(error?.code == .internalError)
    }

    @Test("a handler's status reaches the caller as it is")
    func handlerStatus() async {
        var router = RPCRouter()
        router.answer(GatewayMethods.recommend) { _, _ in
            throw RPCError(code: .failedPrecondition, message: "the catalog is older than asked")
        }
        let transport = InProcessTransport(router: router)
        let error = await rpcError {
            _ = try await GatewayClient(transport).recommend(RecommendRequest())
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message == "the catalog is older than asked")
    }

    @Test("a service that is not registered is UNIMPLEMENTED")
    func unregistered() async {
        var router = RPCRouter()
        router.register(health: EchoHealth())
        let transport = InProcessTransport(router: router)
        let error = await rpcError { _ = try await RankerClient(transport).rank(RankRequest()) }
        #expect(error?.code == .unimplemented)
    }

    @Test("the caller's deadline and metadata reach the handler")
    func context() async throws {
        var router = RPCRouter()
        router.answer(HealthMethods.check) { _, context in
            let hasDeadline = context.deadline != nil
            return HealthCheckResponse(
                status: hasDeadline ? .serving : .notServing,
                version: context.metadata.text("x-test") ?? "")
        }
        var metadata = Metadata()
        metadata.add(text: "yes", for: "x-test")
        let response = try await HealthClient(InProcessTransport(router: router)).check(
            HealthCheckRequest(),
            options: CallOptions(timeout: .seconds(60), metadata: metadata))
        #expect(response == HealthCheckResponse(status: .serving, version: "yes"))
    }
}
