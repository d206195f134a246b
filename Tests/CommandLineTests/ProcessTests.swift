import Domain
import Foundation
import Logging
import RPC
import ServiceAPI
import Testing
import Wire

/// A gateway that knows one user and one item.
private struct SmallGateway: GatewayHandler {
    func recommend(
        _ request: RecommendRequest, context: CallContext
    ) async throws -> RecommendResponse {
        guard request.userID == "42" else {
            throw RPCError(
                code: .notFound, message: "no such user",
                details: [.fieldViolation(field: "user_id", message: "is unknown")])
        }
        return RecommendResponse(
            items: [RecommendedItem(id: "50", title: "Star Wars", score: 1)], coverage: 1,
            provenance: Provenance(release: "r", rankedBy: "text"))
    }

    func upsertItems(
        _ request: UpsertItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 2, changedCount: request.items.count)
    }

    func deleteItems(
        _ request: DeleteItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 3, changedCount: request.itemIDs.count)
    }

    func getItems(_ request: GetItemsRequest, context: CallContext) async throws -> ItemsResponse {
        ItemsResponse(
            items: request.itemIDs.filter { $0 == "50" }.map {
                CatalogItem(id: $0, title: "Star Wars")
            }, catalogVersion: 1)
    }

    func listItems(
        _ request: ListItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        ItemsResponse(items: [CatalogItem(id: "50", title: "Star Wars")], catalogVersion: 1)
    }

    func appendInteractions(
        _ request: AppendInteractionsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 4, changedCount: request.items.count)
    }

    func getUser(_ request: GetUserRequest, context: CallContext) async throws -> GetUserResponse {
        GetUserResponse(userID: request.userID)
    }

    func listReleases(
        _ request: ListReleasesRequest, context: CallContext
    ) async throws -> ListReleasesResponse {
        ListReleasesResponse(releases: [StoredRelease(name: "r", active: true)])
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        DescribeResponse()
    }
}

/// What the commands tried here do not call.
extension SmallGateway {
    func recommendStream(
        _ request: RecommendRequest, context: CallContext,
        writer: TypedResponseWriter<RecommendResponse>
    ) async throws {
        throw RPCError(code: .unimplemented, message: "RecommendStream")
    }

    func patchItems(
        _ request: PatchItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        throw RPCError(code: .unimplemented, message: "PatchItems")
    }

    func listChanges(
        _ request: ListChangesRequest, context: CallContext
    ) async throws -> ListChangesResponse {
        throw RPCError(code: .unimplemented, message: "ListChanges")
    }

    func deleteUser(
        _ request: DeleteUserRequest, context: CallContext
    ) async throws -> WriteResponse {
        throw RPCError(code: .unimplemented, message: "DeleteUser")
    }

    func activateRelease(
        _ request: ActivateReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        throw RPCError(code: .unimplemented, message: "ActivateRelease")
    }

    func rollbackRelease(
        _ request: RollbackReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        throw RPCError(code: .unimplemented, message: "RollbackRelease")
    }
}

private struct SmallHealth: HealthHandler {
    func check(
        _ request: HealthCheckRequest, context: CallContext
    ) async throws -> HealthCheckResponse {
        HealthCheckResponse(
            status: request.service.isEmpty ? .serving : .notServing, version: "0.1.0")
    }

    func watch(
        _ request: HealthCheckRequest, context: CallContext,
        writer: TypedResponseWriter<HealthCheckResponse>
    ) async throws {
        try await writer.write(HealthCheckResponse(status: .notServing))
        try await writer.write(HealthCheckResponse(status: .serving))
    }
}

/// What a run of the built command left behind.
private struct Outcome {
    let status: Int32
    let output: String
    let errors: String
}

@Suite("The command as a process")
struct ProcessTests {
    /// Runs the built `llara`, which stands beside the test bundle.
    private func llara(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Outcome {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = folder.appending(path: "llara")
        process.arguments = arguments
        process.environment = ["USER": "tester"].merging(environment) { $1 }
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                standardInput.fileHandleForWriting.write(Data(input.utf8))
                try standardInput.fileHandleForWriting.close()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        // A few lines: they fit the pipes, so reading can wait for the end.
        return Outcome(
            status: status,
            output: String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            errors: String(
                decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
    }

    private func withGateway(_ body: (String) async throws -> Void) async throws {
        var router = RPCRouter()
        router.register(gateway: SmallGateway())
        router.register(health: SmallHealth())
        let server = RPCServer(
            router: router,
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            do {
                try await body("\(server.boundAddress())")
                server.beginGracefulShutdown()
                try await group.waitForAll()
            } catch {
                server.beginGracefulShutdown()
                throw error
            }
        }
    }

    @Test("--json prints one object on standard output and nothing else")
    func json() async throws {
        try await withGateway { address in
            let outcome = try await llara([
                "recommend", "--user", "42", "--json", "--gateway", address,
            ])
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            let keys = (object as? [String: Any])?.keys.sorted()
            #expect(
                keys == [
                    "coverage", "degradations", "degraded", "items", "provenance", "stages_ms",
                ])
        }
    }

    @Test("the gateway's address may come from the environment")
    func environment() async throws {
        try await withGateway { address in
            let outcome = try await llara(
                ["recommend", "--user", "42", "--history"], environment: ["LLARA_GATEWAY": address])
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("User 42: 0 interactions\n\nRank  Title"))
        }
    }

    @Test("a refused call prints nothing on standard output, and names the reason and a next step")
    func refused() async throws {
        try await withGateway { address in
            let outcome = try await llara([
                "recommend", "--user", "7", "--json", "--gateway", address,
            ])
            #expect(outcome.status == 66)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("llara: NOT_FOUND: no such user\n"))
            #expect(outcome.errors.contains("  user_id: is unknown\nNext: "))
        }
    }

    @Test("catalog, users and releases are reached")
    func otherCommands() async throws {
        try await withGateway { address in
            let gateway = ["--gateway", address]
            for (arguments, output) in [
                (["item", "get", "50"], "Star Wars"), (["item", "list"], "Catalog version 1"),
                (["item", "upsert", "1", "--title", "T"], "1 changed; catalog version 2"),
                (["item", "delete", "1"], "catalog version 3"),
                (["user", "append", "42", "50"], "catalog version 4"),
                (["user", "show", "42"], "User 42: 0 interactions"),
                (["release", "list"], "Manifest SHA-256"),
            ] {
                let outcome = try await llara(arguments + gateway)
                #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
                #expect(outcome.output.contains(output), "\(arguments)")
            }
            #expect(try await llara(["item", "get", "none"] + gateway).status == 66)
        }
    }

    @Test("health ends with 69 unless all replicas serve")
    func health() async throws {
        try await withGateway { address in
            let good = try await llara(["health", address, address])
            #expect(good.status == 0)
            #expect(good.output.components(separatedBy: "serving").count == 3)
            let bad = try await llara(["health", address, "--service", "other", "--json"])
            #expect(bad.status == 69)
            #expect(bad.output.contains(#""status":"not_serving""#))
        }
    }

    @Test("a replica that is not there is unreachable, and the call is UNAVAILABLE")
    func unreachable() async throws {
        let outcome = try await llara(["health", "127.0.0.1:1"])
        #expect(outcome.status == 69)
        #expect(outcome.output.contains("unreachable"))
        let call = try await llara(["user", "show", "1", "--gateway", "127.0.0.1:1"])
        #expect(call.status == 69)
        #expect(call.errors.contains("UNAVAILABLE"))
    }

    @Test("any method can be called by fields, by JSON and as a stream")
    func call() async throws {
        try await withGateway { address in
            let gateway = ["--gateway", address, "--json"]
            let fields = try await llara(["call", "Gateway/GetItems", "item_ids=50"] + gateway)
            #expect(fields.output.contains(#""title":"Star Wars""#))
            let input = try await llara(
                ["call", "Gateway/Recommend", "-"] + gateway, input: #"{"user_id":"42"}"#)
            #expect(input.output.contains(#""ranked_by":"text""#))
            let stream = try await llara(["call", "Health/Watch"] + gateway)
            #expect(stream.output.split(separator: "\n").count == 2)
            let wrong = try await llara(["call", "Gateway/GetItems", "items=50"] + gateway)
            #expect(wrong.status == 65)
            #expect(wrong.errors.contains("it has item_ids"))
        }
    }

    @Test("a folder that is no release, and a missing data set, name what to do")
    func folders() async throws {
        let release = try await llara(["release", "show", "/nonexistent"])
        #expect(release.status == 65)
        #expect(release.errors.contains("Next: "))
        let data = try await llara([
            "import", "movielens-100k", "/nonexistent", "--database", "postgresql:///x",
        ])
        #expect(data.status == 66)
        #expect(data.output.isEmpty)
    }
}
