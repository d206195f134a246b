import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit

/// All wiring of the projector; what a test builds is what the process runs.
struct ProjectorApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts

    /// Loads the releases and their networks, where they have one.
    init(configuration: ProjectorConfiguration, logger: Logger) throws {
        let releases = try Release.open(directories: configuration.releaseDirectories)
        let service = try ProjectorService(releases: releases, threads: configuration.threads)
        var router = RPCRouter()
        router.register(projector: service)
        parts = ServiceParts(router: router, serviceNames: [ProjectorMethods.service])
        logger.infoLoaded(releases)
    }
}
