import Domain
import RPC
import ServiceAPI
import Wire

/// Answers every method with something that shows which method it was and what it was asked.
struct EchoEncoder: EncoderHandler {
    func encode(_ request: EncodeRequest, context: CallContext) async throws -> EncodeResponse {
        EncodeResponse(
            release: request.release,
            states: FloatTensor(
                rows: request.sequences.count, columns: 1,
                values: request.sequences.map { Float($0.items.count) }))
    }

    func retrieve(
        _ request: RetrieveRequest, context: CallContext
    ) async throws -> RetrieveResponse {
        RetrieveResponse(
            release: request.release,
            items: request.candidateItemIDs.map { RetrievedItem(itemID: $0, score: 1) },
            knownHistoryCount: request.sequence?.items.count ?? 0)
    }

    func itemRows(
        _ request: ItemRowsRequest, context: CallContext
    ) async throws -> ItemRowsResponse {
        ItemRowsResponse(
            release: request.release, itemIDs: request.itemIDs,
            rows: FloatTensor(
                rows: request.itemIDs.count, columns: 2,
                values: Array(repeating: 0.5, count: 2 * request.itemIDs.count)))
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        describeItself("encoder", request)
    }
}

struct EchoProjector: ProjectorHandler {
    func project(_ request: ProjectRequest, context: CallContext) async throws -> ProjectResponse {
        ProjectResponse(release: request.release, vectors: request.vectors)
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        describeItself("projector", request)
    }
}

struct EchoRanker: RankerHandler {
    func rank(_ request: RankRequest, context: CallContext) async throws -> RankResponse {
        RankResponse(
            release: request.release,
            candidates: request.candidates.map {
                RankedCandidate(id: $0.id, logLikelihood: -1, tokenCount: 1, scored: true)
            }, promptTokenCount: request.vectors?.rows ?? 0)
    }

    func generate(
        _ request: GenerateRequest, context: CallContext,
        writer: TypedResponseWriter<GenerateResponse>
    ) async throws {
        for candidate in request.candidates {
            try await writer.write(
                GenerateResponse(release: request.release, text: candidate.text))
        }
        try await writer.write(GenerateResponse(finishReason: .candidate))
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        describeItself("ranker", request)
    }
}

struct EchoGateway: GatewayHandler {
    func recommend(
        _ request: RecommendRequest, context: CallContext
    ) async throws -> RecommendResponse {
        RecommendResponse(items: request.candidateItemIDs.map { RecommendedItem(id: $0) })
    }

    func recommendStream(
        _ request: RecommendRequest, context: CallContext,
        writer: TypedResponseWriter<RecommendResponse>
    ) async throws {
        try await writer.write(RecommendResponse(isPreliminary: true))
        try await writer.write(try await recommend(request, context: context))
    }

    func upsertItems(
        _ request: UpsertItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 1, changedCount: request.items.count)
    }

    func patchItems(
        _ request: PatchItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 7, changedCount: request.patches.count)
    }

    func deleteItems(
        _ request: DeleteItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 2, changedCount: request.itemIDs.count)
    }

    func getItems(_ request: GetItemsRequest, context: CallContext) async throws -> ItemsResponse {
        ItemsResponse(items: request.itemIDs.map { CatalogItem(id: $0) }, catalogVersion: 3)
    }

    func listItems(
        _ request: ListItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        ItemsResponse(items: [CatalogItem(id: request.afterItemID)], catalogVersion: 4)
    }

    func listChanges(
        _ request: ListChangesRequest, context: CallContext
    ) async throws -> ListChangesResponse {
        ListChangesResponse(catalogVersion: request.afterVersion + 8)
    }

    func appendInteractions(
        _ request: AppendInteractionsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 5, changedCount: request.items.count)
    }

    func getUser(_ request: GetUserRequest, context: CallContext) async throws -> GetUserResponse {
        GetUserResponse(userID: request.userID, interactionCount: 6)
    }

    func deleteUser(
        _ request: DeleteUserRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(version: 9, replayed: request.idempotencyKey == "again")
    }

    func listReleases(
        _ request: ListReleasesRequest, context: CallContext
    ) async throws -> ListReleasesResponse {
        ListReleasesResponse(releases: [StoredRelease(name: "r", active: true)])
    }

    func activateRelease(
        _ request: ActivateReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        ReleaseChangeResponse(active: request.release, previous: request.author)
    }

    func rollbackRelease(
        _ request: RollbackReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        ReleaseChangeResponse(active: request.author)
    }

    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        describeItself("gateway", request)
    }
}

struct EchoHealth: HealthHandler {
    func check(
        _ request: HealthCheckRequest, context: CallContext
    ) async throws -> HealthCheckResponse {
        HealthCheckResponse(status: .serving, version: request.service)
    }

    func watch(
        _ request: HealthCheckRequest, context: CallContext,
        writer: TypedResponseWriter<HealthCheckResponse>
    ) async throws {
        for status in [ServingStatus.unknown, .serving, .notServing] {
            try await writer.write(HealthCheckResponse(status: status, version: request.service))
        }
    }
}

struct EchoInspection: InspectionHandler {
    func inspect(
        _ request: InspectRequest, context: CallContext
    ) async throws -> InspectResponse {
        InspectResponse(connectionCount: 1)
    }

    func listMethods(
        _ request: ListMethodsRequest, context: CallContext
    ) async throws -> ListMethodsResponse {
        ListMethodsResponse(methods: [MethodDescription(method: "a/b")])
    }
}

private func describeItself(_ name: String, _ request: DescribeRequest) -> DescribeResponse {
    DescribeResponse(releases: [
        ReleaseDescription(name: request.release, llm: name)
    ])
}

/// All services behind one in-process transport.
func allServices() -> InProcessTransport { InProcessTransport(router: allRoutes()) }

/// All services.
func allRoutes() -> RPCRouter {
    var router = RPCRouter()
    router.register(encoder: EchoEncoder())
    router.register(projector: EchoProjector())
    router.register(ranker: EchoRanker())
    router.register(gateway: EchoGateway())
    router.register(health: EchoHealth())
    router.register(inspection: EchoInspection())
    return router
}
