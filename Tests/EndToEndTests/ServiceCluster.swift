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

@testable import llara_gateway

/// The four services over loopback sockets, with the real database and the real model, wired by
/// the same App types as the processes.
struct ServiceCluster {
    /// What a test may stop.
    enum Role: Hashable { case encoder, projector, ranker(Int) }

    let gateway: GatewayClient
    let app: GatewayApp
    let services: SharedServices
    let database: PostgresFixture
    fileprivate let tasks: [Role: Task<Void, any Error>]

    /// The catalog behind the gateway.
    var store: CatalogStore { app.store }

    /// Kills a service: its connections break, its port is closed.
    func kill(_ role: Role) async {
        tasks[role]?.cancel()
        _ = await tasks[role]?.result
    }

    /// Movies of the test catalog: ids "1" to "40".
    static let itemIDs = (1...40).map(String.init)
    /// A user with twelve interactions, of items "1" to "12".
    static let user = "7"
    /// Items that the user has not seen.
    static let unseenIDs = Set((13...40).map(String.init))
}

/// What is special about the cluster of a test.
struct ClusterOptions: Sendable {
    /// Number of ranker replicas.
    var rankers = 1
    /// Releases that the gateway loads, the default one first.
    var releases: [SharedServices.Name] = [.first]
    /// Stands in front of a service, to make it fail.
    var encoder: @Sendable (RPCRouter) -> RPCRouter = { $0 }
    var projector: @Sendable (RPCRouter) -> RPCRouter = { $0 }
    var ranker: @Sendable (RPCRouter) -> RPCRouter = { $0 }
    /// Settings of the gateway beside the addresses.
    var settings: [String: String] = [:]
}

extension ClusterOptions {
    /// No ranking: the recommender's order is the answer, and quickly there.
    mutating func withoutLLM() { ranker = { _ in RPCRouter() } }
}

/// Runs a cluster for one test.
func withCluster(
    _ change: (inout ClusterOptions) -> Void = { _ in },
    _ body: (ServiceCluster) async throws -> Void
) async throws {
    var options = ClusterOptions()
    change(&options)
    let services = try await SharedServices.shared
    let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
    try await PostgresFixture.withSchema("end_to_end") { fixture in
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            var builder = ClusterBuilder(logger: logger)
            try await builder.start(.encoder, options.encoder(services.encoder))
            try await builder.start(.projector, options.projector(services.projector))
            for index in 0..<options.rankers {
                try await builder.start(.ranker(index), options.ranker(services.ranker))
            }
            let app = try builder.gateway(
                fixture, releases: options.releases.map { services[$0].directory },
                settings: options.settings)
            for service in app.parts.background { group.addTask { try await service.run() } }
            try await app.preparation.prepare()
            let cluster = ServiceCluster(
                gateway: GatewayClient(InProcessTransport(router: app.parts.router)), app: app,
                services: services, database: fixture, tasks: builder.tasks)
            try await cluster.fillCatalog()
            try await body(cluster)
            for role in cluster.tasks.keys { await cluster.kill(role) }
        }
    }
}

private struct ClusterBuilder {
    let logger: Logger
    var tasks: [ServiceCluster.Role: Task<Void, any Error>] = [:]
    var addresses: [ServiceCluster.Role: RPCAddress] = [:]

    mutating func start(_ role: ServiceCluster.Role, _ router: RPCRouter) async throws {
        let server = RPCServer(
            router: router,
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: logger)
        tasks[role] = Task { try await server.run() }
        addresses[role] = try await server.boundAddress()
    }

    func gateway(
        _ fixture: PostgresFixture, releases: [String], settings: [String: String]
    ) throws -> GatewayApp {
        func text(_ roles: [ServiceCluster.Role]) -> String {
            roles.compactMap { addresses[$0] }.map { "\($0)" }.joined(separator: ",")
        }
        let rankers = addresses.keys.filter { if case .ranker = $0 { true } else { false } }
        let values = GatewayConfiguration.defaults.merging([
            "database": fixture.url, "database-schema": fixture.schema,
            "release": releases.joined(separator: ","), "encoder": text([.encoder]),
            "projector": text([.projector]), "ranker": text(rankers),
        ]) { $1 }
        return try GatewayApp(
            configuration: GatewayConfiguration(
                ServiceSettings(service: "gateway", values: values.merging(settings) { $1 })),
            logger: logger)
    }
}

extension ServiceCluster {
    fileprivate func fillCatalog() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        _ = try await store.upsert(
            items: Self.itemIDs.map {
                ItemDraft(
                    id: $0, title: "Movie Number \($0)",
                    attributes: [
                        ItemAttribute(
                            key: "parity",
                            value: Int($0)?.isMultiple(of: 2) == true ? "even" : "odd"),
                        ItemAttribute(key: "year", value: "19\($0)"),
                    ])
            }, author: "test", deadline: deadline)
        _ = try await store.append(
            userID: Self.user,
            items: (1...12).map {
                HistoryItem(itemID: "\($0)", timeSeconds: Int64($0), rating: 4)
            }, deadline: deadline)
    }
}
