import RPC
import ServiceAPI
import Storage
import Wire

/// Methods of the operator.
extension GatewayService {
    func listReleases(
        _ request: ListReleasesRequest, context: CallContext
    ) async throws -> ListReleasesResponse {
        let releases = try await store.releases(deadline: context.deadline)
        return ListReleasesResponse(
            releases: releases.map {
                Wire.StoredRelease(
                    name: $0.name, manifestSHA256: $0.manifestSHA256, active: $0.isActive,
                    publishedAtSeconds: $0.publishedAtSeconds)
            })
    }

    func activateRelease(
        _ request: ActivateReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        ReleaseChangeResponse(
            try await store.activate(
                name: request.release, author: request.author, deadline: context.deadline))
    }

    func rollbackRelease(
        _ request: RollbackReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        ReleaseChangeResponse(
            try await store.rollback(author: request.author, deadline: context.deadline))
    }
}

extension ReleaseChangeResponse {
    fileprivate init(_ change: ReleaseChange) {
        self.init(active: change.active, previous: change.previous ?? "")
    }
}
