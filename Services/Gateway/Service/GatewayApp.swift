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
    /// Behavioural tokens that were projected, for tests to look at.
    let tokenCache: BehaviouralTokenCache
    /// What the start does to the database, for tests to wait for.
    let preparation: CatalogPreparation

    /// Wires over sockets and a pool of connections to PostgreSQL.
    init(configuration: GatewayConfiguration, logger: Logger) throws {
        func client(_ replicas: [RPCAddress], _ balancing: LoadBalancing) -> RPCClient {
            var backend = RPCClientConfiguration.defaults
            // They only compute, so that a call may be made again.
            backend.retry = .defaults
            backend.balancing = balancing
            backend.security = configuration.backendSecurity
            backend.bearerToken = configuration.backendToken
            return RPCClient(replicas: replicas, configuration: backend, logger: logger)
        }
        let encoder = client(configuration.encoders, .leastLoaded)
        let projector = client(configuration.projectors, .leastLoaded)
        let ranker = client(configuration.rankers, .affinity)
        var database = PostgresConfiguration(url: configuration.database)
        database.maximumConnections = configuration.databaseConnections
        let pool = try ConnectionPool(configuration: database, logger: logger)
        store = try CatalogStore(pool: pool, schema: configuration.databaseSchema)
        let releases = try Release.open(directories: configuration.releaseDirectories)
        let served = try releases.map { release throws(RPCError) in try ServedRelease(release) }
        let selector = ReleaseSelector(served)
        tokenCache = BehaviouralTokenCache(maximumBytes: configuration.tokenCacheBytes)
        let recommender = Recommender(
            store: store,
            candidateStage: CandidateStage(
                store: store, scorer: CandidateScorer(encoder: EncoderClient(encoder))),
            llmStage: LLMStage(
                tokenStage: TokenStage(
                    encoder: EncoderClient(encoder), projector: ProjectorClient(projector),
                    cache: tokenCache), ranker: RankerClient(ranker)),
            selector: selector)
        var router = RPCRouter()
        router.register(
            gateway: GatewayService(store: store, releases: served, recommender: recommender))
        preparation = CatalogPreparation(store: store, releases: releases, logger: logger)
        parts = ServiceParts(
            router: router, serviceNames: [GatewayMethods.service],
            background: [
                PoolService(pool: pool), ClientService(client: encoder),
                ClientService(client: projector), ClientService(client: ranker), preparation,
                TokenCacheReport(cache: tokenCache, logger: logger),
            ],
            interceptors: configuration.isAdmissionAdaptive ? [try Self.admission()] : [],
            degradations: selector.degradations)
        logger.infoLoaded(releases)
    }

    /// Both forms of recommendation share what they wait for, but are counted apart.
    private static func admission() throws -> AdmissionInterceptor {
        try AdmissionInterceptor([
            GatewayMethods.recommend.method: .defaults,
            GatewayMethods.recommendStream.method: .defaults,
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

/// Says at the end how much the cache of behavioural tokens was worth.
private struct TokenCacheReport: Service {
    let cache: BehaviouralTokenCache
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        let counts = cache.statistics
        logger.info(
            "cache of behavioural tokens",
            metadata: [
                "hits": "\(counts.hitCount)", "misses": "\(counts.missCount)",
                "evictions": "\(counts.evictionCount)", "tokens": "\(counts.tokenCount)",
                "bytes": "\(counts.byteCount)",
            ])
    }
}
