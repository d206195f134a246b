import Domain
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
    ///
    /// Every file was compared with its hash, and loaded by a child of `probe`, before it is
    /// loaded here.
    init(
        configuration: EncoderConfiguration, probe: ModelProbe = ModelProbe(), logger: Logger
    ) async throws {
        let releases = try Release.open(directories: configuration.releaseDirectories)
        for release in releases {
            let file = release.manifest.encoder
            try await probe.require([
                ProbedFile(path: release.path(of: file.file), sha256: file.sha256.hexadecimal)
            ])
        }
        let service = try EncoderService(
            releases: releases, threads: configuration.threads,
            maximumWaiting: configuration.maximumWaiting)
        var router = RPCRouter()
        router.register(encoder: service)
        parts = ServiceParts(router: router, serviceNames: [EncoderMethods.service])
        logger.infoLoaded(releases)
    }
}
