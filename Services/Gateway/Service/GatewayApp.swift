import Domain
import GatewayCore
import Logging
import Postgres
import RPC
import Releases
import ServiceAPI
import ServiceKit
import ServiceLifecycle
import Storage

/// All wiring of the gateway; what a test builds is what the process runs.
struct GatewayApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts
    /// The catalog, for tests to fill.
    let store: CatalogStore

    /// Wires over sockets and a pool of connections to PostgreSQL.
    init(configuration: GatewayConfiguration, logger: Logger) throws {
        let encoder = RPCClient(replicas: configuration.encoders, logger: logger)
        let projector = RPCClient(replicas: configuration.projectors, logger: logger)
        let ranker = RPCClient(replicas: configuration.rankers, logger: logger)
        var database = PostgresConfiguration(url: configuration.database)
        database.maximumConnections = configuration.databaseConnections
        let pool = try ConnectionPool(configuration: database, logger: logger)
        store = try CatalogStore(pool: pool, schema: configuration.databaseSchema)
        let release = try Release(directory: configuration.releaseDirectory)
        let service = try GatewayService(
            store: store, release: release, encoder: EncoderClient(encoder),
            projector: ProjectorClient(projector), ranker: RankerClient(ranker))
        var router = RPCRouter()
        router.register(gateway: service)
        parts = ServiceParts(
            router: router, serviceNames: [GatewayMethods.service],
            background: [
                PoolService(pool: pool), ClientService(client: encoder),
                ClientService(client: projector), ClientService(client: ranker),
                CatalogPreparation(store: store, release: release, logger: logger),
            ])
    }
}

/// The pool's threads, for as long as the process serves.
private struct PoolService: Service {
    let pool: ConnectionPool

    func run() async throws {
        try? await gracefulShutdown()
        await pool.close()
    }
}

/// Brings the schema up to date and makes the release known; a database that is away only
/// delays this, since calls fail clearly until it is back.
private struct CatalogPreparation: Service {
    static let retryDelay = Duration.seconds(1)

    let store: CatalogStore
    let release: Release
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await prepare() }
        try? await gracefulShutdown()
    }

    private func prepare() async {
        while !Task.isCancelled {
            do {
                let deadline = ContinuousClock.now + .seconds(60)
                try await store.migrate(deadline: deadline)
                try await store.publish(
                    name: release.manifest.name, manifestSHA256: release.manifestSHA256,
                    manifestJSON: release.manifestJSON, deadline: deadline)
                try await store.activate(
                    name: release.manifest.name, author: "gateway", deadline: deadline)
                logger.info("catalog is ready")
                return
            } catch {
                guard error.code != .alreadyExists else {
                    // It answers all the same: provenance carries the manifest's hash.
                    logger.error(
                        "another manifest was published under this release's name; rename one",
                        metadata: ["release": "\(release.reference)"])
                    return
                }
                logger.warning("catalog is not ready", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.retryDelay)
            }
        }
    }
}
