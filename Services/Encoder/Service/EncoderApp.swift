import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit

/// All wiring of the encoder; what a test builds is what the process runs.
struct EncoderApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts

    /// Loads the release and its network.
    init(configuration: EncoderConfiguration, logger: Logger) throws {
        let release = try Release(directory: configuration.releaseDirectory)
        let service = try EncoderService(releases: [release], threads: configuration.threads)
        var router = RPCRouter()
        router.register(encoder: service)
        parts = ServiceParts(router: router, serviceNames: [EncoderMethods.service])
        logger.info("release loaded", metadata: ["release": "\(release.reference)"])
    }
}
