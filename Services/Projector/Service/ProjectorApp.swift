import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit

/// All wiring of the projector; what a test builds is what the process runs.
struct ProjectorApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts

    /// Loads the release and its network, if it has one.
    init(configuration: ProjectorConfiguration, logger: Logger) throws {
        let release = try Release(directory: configuration.releaseDirectory)
        let service = try ProjectorService(releases: [release], threads: configuration.threads)
        var router = RPCRouter()
        router.register(projector: service)
        parts = ServiceParts(router: router, serviceNames: [ProjectorMethods.service])
        logger.info("release loaded", metadata: ["release": "\(release.reference)"])
    }
}
