import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Storage
import Wire

/// The Gateway's methods: recommendations by ``Recommender``, the rest straight from the catalog,
/// in files of their own.
struct GatewayService: GatewayHandler {
    let store: CatalogStore
    /// Loaded releases, the default one first.
    let releases: [ServedRelease]
    private let recommender: Recommender

    /// A gateway for loaded releases, at least one.
    init(store: CatalogStore, releases: [ServedRelease], recommender: Recommender) {
        self.store = store
        self.releases = releases
        self.recommender = recommender
    }

    func recommend(
        _ request: RecommendRequest, context: CallContext
    ) async throws -> RecommendResponse {
        try await recommender.recommend(request, context: context)
    }

    func recommendStream(
        _ request: RecommendRequest, context: CallContext,
        writer: TypedResponseWriter<RecommendResponse>
    ) async throws {
        let answer = try await recommender.recommend(request, context: context) { preliminary in
            try await writer.write(preliminary)
        }
        try await writer.write(answer)
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try releases.described(request.release)
    }
}
