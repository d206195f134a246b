import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Storage
import Wire

/// The Gateway's methods: Recommend by ``Recommender``, the rest straight from the catalog, in
/// files of their own.
struct GatewayService: GatewayHandler {
    let store: CatalogStore
    private let recommender: Recommender
    private let release: Release

    /// A gateway for one release.
    ///
    /// - Throws: `RPCError` when nobody wrote prompts for the release's domain.
    init(
        store: CatalogStore, release: Release, encoder: EncoderClient, projector: ProjectorClient,
        ranker: RankerClient
    ) throws {
        let domain = release.manifest.domain
        guard let template = PromptTemplate.templates(domain: domain)?.first else {
            throw RPCError(
                code: .failedPrecondition,
                message: "no prompt template for domain '\(domain)'; use movie, game or artist")
        }
        let reference = release.reference
        self.store = store
        self.release = release
        recommender = Recommender(
            store: store,
            candidateStage: CandidateStage(store: store, encoder: encoder, release: reference),
            llmStage: LLMStage(
                encoder: encoder, projector: projector, ranker: ranker, release: reference,
                template: template),
            release: release)
    }

    func recommend(
        _ request: RecommendRequest, context: CallContext
    ) async throws -> RecommendResponse {
        try await recommender.recommend(request, context: context)
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try [release].described(request.release)
    }
}
