import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Storage
import Wire

/// The Gateway's methods: Recommend by ``Recommender``, the rest straight from the catalog.
struct GatewayService: GatewayHandler {
    private let store: CatalogStore
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

    func upsertItems(
        _ request: UpsertItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        let result = try await store.upsert(
            items: request.items.map(ItemDraft.init), author: request.author,
            deadline: context.deadline)
        return WriteResponse(version: result.version, changedCount: result.changedCount)
    }

    func deleteItems(
        _ request: DeleteItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        let result = try await store.delete(
            itemIDs: request.itemIDs, author: request.author, deadline: context.deadline)
        return WriteResponse(version: result.version, changedCount: result.changedCount)
    }

    func getItems(
        _ request: GetItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        let found = try await store.items(ids: request.itemIDs, deadline: context.deadline)
        return ItemsResponse(
            items: found.items.map(\.catalogItem), catalogVersion: found.catalogVersion)
    }

    func listItems(
        _ request: ListItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        let found = try await store.list(
            titleContains: request.titleContains, after: request.afterItemID,
            count: request.count == 0 ? Self.defaultPage : request.count,
            deadline: context.deadline)
        return ItemsResponse(
            items: found.items.map(\.catalogItem), catalogVersion: found.catalogVersion)
    }

    func appendInteractions(
        _ request: AppendInteractionsRequest, context: CallContext
    ) async throws -> WriteResponse {
        let result = try await store.append(
            userID: request.userID, items: request.items, deadline: context.deadline)
        return WriteResponse(version: result.version, changedCount: result.changedCount)
    }

    func getUser(_ request: GetUserRequest, context: CallContext) async throws -> GetUserResponse {
        let found = try await store.history(
            userID: request.userID, count: request.count == 0 ? Self.defaultPage : request.count,
            deadline: context.deadline)
        guard found.interactionCount > 0 else {
            throw RPCError(
                code: .notFound, message: "this user has no interactions; append one first")
        }
        return GetUserResponse(
            userID: request.userID,
            history: found.entries.map {
                UserHistoryItem(interaction: $0.interaction, title: $0.title)
            }, interactionCount: UInt64(found.interactionCount))
    }

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

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try [release].described(request.release)
    }

    private static let defaultPage = 50
}
