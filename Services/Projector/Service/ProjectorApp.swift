import Domain
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
    ///
    /// Every file was compared with its hash, and loaded by a child of `probe`, before it is
    /// loaded here.
    init(
        configuration: ProjectorConfiguration, probe: ModelProbe = ModelProbe(), logger: Logger
    ) async throws {
        let releases = try Release.open(directories: configuration.releaseDirectories)
        for release in releases {
            guard let file = release.manifest.projector else { continue }
            try await probe.require([
                ProbedFile(path: release.path(of: file.file), sha256: file.sha256.hexadecimal)
            ])
        }
        let service = try ProjectorService(releases: releases, threads: configuration.threads)
        var router = RPCRouter()
        router.register(projector: service)
        parts = ServiceParts(router: router, serviceNames: [ProjectorMethods.service])
        logger.infoLoaded(releases)
    }
}
