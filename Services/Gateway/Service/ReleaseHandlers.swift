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
}
