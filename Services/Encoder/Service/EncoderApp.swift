import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit

/// All wiring of the encoder; what a test builds is what the process runs.
struct EncoderApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts

    /// Loads the releases and their networks.
    init(configuration: EncoderConfiguration, logger: Logger) throws {
        let releases = try Release.open(directories: configuration.releaseDirectories)
        let service = try EncoderService(releases: releases, threads: configuration.threads)
        var router = RPCRouter()
        router.register(encoder: service)
        parts = ServiceParts(router: router, serviceNames: [EncoderMethods.service])
        logger.infoLoaded(releases)
    }
}
