import Domain
import Foundation
import Logging
import Postgres
import RPC
import Releases
import ServiceAPI
import ServiceKit
import ServiceLifecycle
import Storage
import TestSupport

@testable import llara_encoder
@testable import llara_gateway
@testable import llara_projector
@testable import llara_ranker

/// The four services over loopback sockets, with the real database and the real model, wired by
/// the same App types as the processes.
struct ServiceCluster {
    /// What a test may stop.
    enum Role: Hashable { case encoder, projector, ranker(Int) }

    let gateway: GatewayClient
    let store: CatalogStore
    let release: Release
    fileprivate let servers: [Role: RPCServer]
    fileprivate let tasks: [Role: Task<Void, any Error>]

    /// Kills a service: its connections break, its port is closed.
    func kill(_ role: Role) async {
        tasks[role]?.cancel()
        _ = await tasks[role]?.result
    }

    /// Movies of the test catalog: ids "1" to "40".
    static let itemIDs = (1...40).map(String.init)
    /// A user with twelve interactions, and one with none of the release's items.
    static let user = "7"
}

/// Runs a cluster for one test.
func withCluster(
    rankers: Int = 1, rankerRelease: Release? = nil,
    _ body: (ServiceCluster) async throws -> Void
) async throws {
    let release = try RandomRelease(itemIDs: ServiceCluster.itemIDs).release
    defer { try? FileManager.default.removeItem(atPath: release.directory) }
    let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
    try await PostgresFixture.withSchema("end_to_end") { fixture in
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            var builder = ClusterBuilder(release: release, logger: logger)
            try await builder.startSmallServices()
            for index in 0..<rankers {
                try await builder.startRanker(index, release: rankerRelease ?? release)
            }
            let cluster = try await builder.cluster(
                database: fixture.url, schema: fixture.schema, group: &group)
            try await cluster.fillCatalog()
            try await body(cluster)
            for role in cluster.tasks.keys { await cluster.kill(role) }
        }
    }
}

private struct ClusterBuilder {
    let release: Release
    let logger: Logger
    var servers: [ServiceCluster.Role: RPCServer] = [:]
    var tasks: [ServiceCluster.Role: Task<Void, any Error>] = [:]
    var addresses: [ServiceCluster.Role: RPCAddress] = [:]

    mutating func startSmallServices() async throws {
        let settings = ["release": release.directory, "threads": "1"]
        let encoder = try EncoderApp(
            configuration: EncoderConfiguration(
                ServiceSettings(service: "encoder", values: settings)),
            logger: logger)
        try await start(.encoder, encoder.parts)
        let projector = try ProjectorApp(
            configuration: ProjectorConfiguration(
                ServiceSettings(service: "projector", values: settings)), logger: logger)
        try await start(.projector, projector.parts)
    }

    mutating func startRanker(_ index: Int, release: Release) async throws {
        let settings = [
            "release": release.directory, "model": RealModel.path, "threads": "2",
        ]
        let ranker = try await RankerApp(
            configuration: RankerConfiguration(
                ServiceSettings(service: "ranker", values: settings)),
            logger: logger)
        try await start(.ranker(index), ranker.parts)
    }

    private mutating func start(_ role: ServiceCluster.Role, _ parts: ServiceParts) async throws {
        let server = RPCServer(
            router: parts.router,
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: logger)
        servers[role] = server
        tasks[role] = Task { try await server.run() }
        addresses[role] = try await server.boundAddress()
    }

    func cluster(
        database: String, schema: String, group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> ServiceCluster {
        func text(_ roles: [ServiceCluster.Role]) -> String {
            roles.compactMap { addresses[$0] }.map { "\($0)" }.joined(separator: ",")
        }
        let rankerRoles = addresses.keys.filter { if case .ranker = $0 { true } else { false } }
        let settings = ServiceSettings(
            service: "gateway",
            values: GatewayConfiguration.defaults.merging([
                "database": database, "database-schema": schema, "release": release.directory,
                "encoder": text([.encoder]), "projector": text([.projector]),
                "ranker": text(rankerRoles),
            ]) { $1 })
        let configuration = try GatewayConfiguration(settings)
        let app = try GatewayApp(configuration: configuration, logger: logger)
        for service in app.parts.background { group.addTask { try await service.run() } }
        try await app.store.migrate(deadline: .now + .seconds(30))
        return ServiceCluster(
            gateway: GatewayClient(InProcessTransport(router: app.parts.router)),
            store: app.store, release: release, servers: servers, tasks: tasks)
    }
}

extension ServiceCluster {
    fileprivate func fillCatalog() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        _ = try await store.upsert(
            items: Self.itemIDs.map {
                ItemDraft(
                    id: $0, title: "Movie Number \($0)",
                    attributes: [ItemAttribute(key: "year", value: "19\($0)")])
            }, author: "test", deadline: deadline)
        _ = try await store.append(
            userID: Self.user,
            items: (1...12).map {
                HistoryItem(itemID: "\($0)", timeSeconds: Int64($0), rating: 4)
            }, deadline: deadline)
    }
}
