import Domain
import FuzzSubjects
import Logging
import RPC
import ServiceAPI
import Testing
import Wire

/// Bad requests over one connection to a server with all services.
@Suite("Hostile bodies over a socket")
struct HostileBodyTests {
    /// Sends `body` as it is.
    private func refusal(
        _ caller: any RPCCaller, _ method: RPCMethod, _ body: [UInt8]
    ) async -> RPCError? {
        do {
            _ = try await caller.unary(method, RPCMessage(body: body), options: .defaults)
            return nil
        } catch {
            return error as? RPCError
        }
    }

    private func expect(
        _ error: RPCError?, _ field: String, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(error?.code == .invalidArgument, sourceLocation: sourceLocation)
        #expect(
            error?.details == [.fieldViolation(field: field, message: message)],
            sourceLocation: sourceLocation)
    }

    @Test("each is refused by its field's name, and other calls of the connection are unhurt")
    func refusals() async throws {
        try await withSocket { caller in
            let gateway = GatewayClient(caller)
            let health = HealthClient(caller)
            // A stream that was open before, on the same connection.
            try await health.watch(HealthCheckRequest(service: "s")) { stream in
                var statuses = stream.makeAsyncIterator()
                let first = try await statuses.next()
                #expect(first?.status == .unknown)
                let upsert = GatewayMethods.upsertItems.method
                expect(
                    await refusal(caller, upsert, title(Array(repeating: 97, count: 10_000_000))),
                    "items[0].title", "has 10000000 bytes, more than 262144")
                expect(
                    await refusal(caller, upsert, title(Array(repeating: 97, count: 4_097))),
                    "items[0].title", "has 4097 bytes, more than 4096")
                expect(
                    await refusal(caller, upsert, title([0xED, 0xA0, 0x80])), "items[0].title",
                    "is not UTF-8")
                expect(
                    await refusal(caller, upsert, title([97, 0, 98])), "items[0].title",
                    "holds a NUL")
                expect(
                    await refusal(
                        caller, GatewayMethods.recommend.method,
                        RecommendRequest(candidateItemIDs: (0..<1_001).map { "\($0)" })
                            .encodedBody()),
                    "candidate_item_ids", "has 1001 elements, more than 1000")
                let answer = try await gateway.getItems(GetItemsRequest(itemIDs: ["1"]))
                #expect(answer.items.count == 1)
                let second = try await statuses.next()
                #expect(second?.status == .serving)
            }
        }
    }

    @Test(
        "20,000 messages or groups within each other are refused or skipped",
        arguments: [1, 2, 3, 5, 13] as [UInt32])
    func nesting(_ field: UInt32) async throws {
        // Read as the others are, but answered by more than one message.
        let streams: Set<String> = ["RecommendStream", "Generate", "Watch"]
        try await withSocket { caller in
            for service in ServiceSchema.all {
                for method in service.methods where !streams.contains(method.name) {
                    let name = RPCMethod(service: service.name, name: method.name)
                    let error = await refusal(caller, name, nested(field, wireType: 2))
                    #expect(error == nil || error?.code == .invalidArgument, "\(name)")
                    let groups = await refusal(caller, name, nested(field, wireType: 3))
                    #expect(groups?.code == .invalidArgument, "\(name)")
                }
            }
            let health = try await HealthClient(caller).check(HealthCheckRequest())
            #expect(health.status == .serving)
        }
    }

    /// An upsert of one item with this title.
    private func title(_ title: [UInt8]) -> [UInt8] {
        var item = BodyBuilder()
        item.field(1, [49])
        item.field(2, title)
        var request = BodyBuilder()
        request.field(1, item.bytes)
        return request.bytes
    }

    /// 20,000 levels of one field: delimited messages (2), or groups (3), which have no length.
    private func nested(_ field: UInt32, wireType: UInt64) -> [UInt8] {
        // From the inside out, and reversed at the end.
        var reversed: [UInt8] = []
        for _ in 0..<20_000 {
            var level = BodyBuilder()
            level.tag(field, wireType)
            if wireType == 2 { level.varint(UInt64(reversed.count)) }
            reversed += level.bytes.reversed()
        }
        return reversed.reversed()
    }

    /// A client of a server with every service, on a free loopback port.
    private func withSocket(
        _ body: @Sendable (any RPCCaller) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = RPCServer(
            router: allRoutes(),
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var configuration = RPCClientConfiguration.defaults
            configuration.connectWait = .seconds(20)
            let client = RPCClient(
                replicas: [try await server.boundAddress()], configuration: configuration,
                logger: logger)
            group.addTask { try await client.run() }
            defer {
                client.beginGracefulShutdown()
                server.beginGracefulShutdown()
            }
            try await body(client)
        }
    }
}
