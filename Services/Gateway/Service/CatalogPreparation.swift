import Domain
import Logging
import Releases
import ServiceLifecycle
import Storage

/// Brings the schema up to date and makes the releases known; a database that is away only
/// delays this, since calls fail clearly until it is back.
struct CatalogPreparation: Service {
    private static let retryDelay = Duration.seconds(1)
    private static let timeout = Duration.seconds(60)
    /// Kept in the history of activations.
    private static let author = "llara-gateway"

    let store: CatalogStore
    /// Loaded releases, the default one first.
    let releases: [Release]
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await prepare()
                    return logger.info("catalog is ready")
                } catch {
                    logger.warning("catalog is not ready", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.retryDelay)
                }
            }
        }
        try? await gracefulShutdown()
    }

    /// Migrates, publishes every release, and activates the first where none was ever active.
    ///
    /// Else the active one stays, loaded here or not: a restart never undoes an operator's choice.
    func prepare() async throws(StorageError) {
        let deadline = ContinuousClock.now + Self.timeout
        try await store.migrate(deadline: deadline)
        var published: [String] = []
        for release in releases where try await publish(release, deadline: deadline) {
            published.append(release.manifest.name)
        }
        guard let first = published.first else { return }
        let change = try await store.activate(
            name: first, author: Self.author, onlyIfNone: true, deadline: deadline)
        if change.previous == nil {
            logger.notice("release activated", metadata: ["release": "\(change.active)"])
        } else if !published.contains(change.active) {
            logger.warning(
                "the active release is not loaded here; answers will say so",
                metadata: ["release": "\(change.active)"])
        }
    }

    /// False when the name belongs to another manifest: the release answers all the same when a
    /// request names it, and provenance carries the manifest's hash.
    private func publish(
        _ release: Release, deadline: ContinuousClock.Instant
    ) async throws(StorageError) -> Bool {
        do {
            try await store.publish(
                name: release.manifest.name, manifestSHA256: release.manifestSHA256,
                manifestJSON: release.manifestJSON, deadline: deadline)
            return true
        } catch {
            guard error.code == .alreadyExists else { throw error }
            logger.error(
                "another manifest was published under this release's name; rename one",
                metadata: ["release": "\(release.reference)"])
            return false
        }
    }
}
