import Domain
import GatewayCore
import RPC
import ServiceKit
import Synchronization
import Wire

/// Picks the release that answers, and tells health when the active one is not loaded.
final class ReleaseSelector: Sendable {
    /// Loaded releases, the default one first.
    let releases: [ServedRelease]
    /// What health is to say, whenever it changes.
    let degradations: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let last = Mutex("")

    /// A selector of loaded releases, at least one.
    init(_ releases: [ServedRelease]) {
        precondition(!releases.isEmpty, "a gateway answers from a release")
        self.releases = releases
        (degradations, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit { continuation.finish() }

    /// The release that a request names.
    ///
    /// - Throws: NOT_FOUND listing what is loaded.
    func pinned(_ name: String) throws(RPCError) -> ServedRelease { try releases.serving(name) }

    /// The active release, or the one that stands in for it and the reason.
    func active(_ name: String?) -> (release: ServedRelease, degradation: Degradation?) {
        let choice = ReleaseChoice.answering(
            active: name.map(ReleaseReference.init(parsing:)), loaded: releases.map(\.reference))
        let release = releases[choice.index]
        let message =
            choice.isSubstitute
            ? "the active release is not loaded here; \(release.reference) answers" : ""
        // Inside the lock, so that what is yielded last is what is true last.
        last.withLock { last in
            guard last != message else { return }
            last = message
            continuation.yield(message)
        }
        return (
            release,
            choice.isSubstitute
                ? Degradation(stage: "release", reason: "release_not_loaded", message: message)
                : nil
        )
    }
}
