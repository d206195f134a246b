import Domain
import RPC
import ServiceAPI
import Testing
import Wire

@Suite("Typed methods reach their handlers")
struct MethodTests {
    private let transport = allServices()
    private let tensor = FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])

    @Test("every method of the encoder")
    func encoder() async throws {
        let client = EncoderClient(transport)
        let history = ItemSequence(items: [HistoryItem(itemID: "1"), HistoryItem(itemID: "2")])
        let encoded = try await client.encode(
            EncodeRequest(release: "r", sequences: [history, ItemSequence()]))
        #expect(encoded.release == "r")
        #expect(encoded.states == FloatTensor(rows: 2, columns: 1, values: [2, 0]))
        let retrieved = try await client.retrieve(
            RetrieveRequest(sequence: history, candidateItemIDs: ["7"]))
        #expect(retrieved.items == [RetrievedItem(itemID: "7", score: 1)])
        #expect(retrieved.knownHistoryCount == 2)
        let rows = try await client.itemRows(ItemRowsRequest(itemIDs: ["7"]))
        #expect(rows.rows.values == [0.5, 0.5])
        let description = try await client.describe(DescribeRequest(release: "r"))
        #expect(description.releases == [ReleaseDescription(name: "r", llm: "encoder")])
    }

    @Test("every method of the projector and the ranker")
    func projectorAndRanker() async throws {
        let projector = ProjectorClient(transport)
        let projected = try await projector.project(
            ProjectRequest(release: "r", role: "item", vectors: tensor))
        #expect(projected.vectors == tensor)
        #expect(try await projector.describe(DescribeRequest()).releases[0].llm == "projector")
        let ranker = RankerClient(transport)
        let ranked = try await ranker.rank(
            RankRequest(
                prompt: [.vectors(role: "item", firstRow: 0, rowCount: 2)],
                candidates: [RankCandidate(id: "1", text: " a\n")], vectors: tensor))
        #expect(ranked.candidates.map(\.id) == ["1"])
        #expect(ranked.promptTokenCount == 2)
        let candidate = RankCandidate(id: "1", text: " a\n")
        let generated = try await ranker.generate(
            GenerateRequest(release: "r", candidates: [candidate])
        ) { try await collect($0) }
        #expect(
            generated == [
                GenerateResponse(release: "r", text: " a\n"),
                GenerateResponse(finishReason: .candidate),
            ])
        #expect(try await ranker.describe(DescribeRequest()).releases[0].llm == "ranker")
    }

    @Test("every method of the gateway")
    func gateway() async throws {
        let client = GatewayClient(transport)
        let answer = try await client.recommend(RecommendRequest(candidateItemIDs: ["1", "2"]))
        #expect(answer.items.map(\.id) == ["1", "2"])
        let answers = try await client.recommendStream(
            RecommendRequest(candidateItemIDs: ["1"])
        ) { try await collect($0) }
        #expect(answers.map(\.isPreliminary) == [true, false])
        #expect(answers.last?.items.map(\.id) == ["1"])
        #expect(try await client.getUser(GetUserRequest(userID: "u")).interactionCount == 6)
        let forgotten = try await client.deleteUser(
            DeleteUserRequest(userID: "u", idempotencyKey: "again"))
        #expect(forgotten == WriteResponse(version: 9, replayed: true))
        #expect(try await client.describe(DescribeRequest()).releases[0].llm == "gateway")
    }

    @Test("every method of the gateway's catalog")
    func catalog() async throws {
        let client = GatewayClient(transport)
        let item = CatalogItem(id: "1", title: "Toy Story")
        #expect(try await client.upsertItems(UpsertItemsRequest(items: [item])).version == 1)
        let patch = ItemPatch(id: "1", state: .hidden)
        #expect(try await client.patchItems(PatchItemsRequest(patches: [patch])).version == 7)
        #expect(try await client.deleteItems(DeleteItemsRequest(itemIDs: ["1"])).version == 2)
        #expect(try await client.getItems(GetItemsRequest(itemIDs: ["1"])).catalogVersion == 3)
        #expect(
            try await client.listItems(ListItemsRequest(afterItemID: "9")).catalogVersion == 4)
        #expect(
            try await client.listChanges(ListChangesRequest(afterVersion: 2)).catalogVersion == 10)
        let append = AppendInteractionsRequest(userID: "u", items: [HistoryItem(itemID: "1")])
        #expect(try await client.appendInteractions(append).version == 5)
    }

    @Test("every method of the gateway's releases")
    func releases() async throws {
        let client = GatewayClient(transport)
        #expect(try await client.listReleases(ListReleasesRequest()).releases[0].name == "r")
        #expect(
            try await client.activateRelease(ActivateReleaseRequest(release: "r", author: "me"))
                == ReleaseChangeResponse(active: "r", previous: "me"))
        #expect(
            try await client.rollbackRelease(RollbackReleaseRequest(author: "me")).active == "me")
    }

    @Test("every method of the schema has a handler's route, and no other has one")
    func routes() {
        let described = ServiceSchema.all.flatMap { service in
            service.methods.map { RPCMethod(service: service.name, name: $0.name) }
        }
        #expect(Set(allRoutes().methods) == Set(described))
    }

    @Test("both methods of health")
    func health() async throws {
        let client = HealthClient(transport)
        #expect(
            try await client.check(HealthCheckRequest(service: "s"))
                == HealthCheckResponse(status: .serving, version: "s"))
        let statuses = try await client.watch(HealthCheckRequest(service: "s")) { stream in
            try await collect(stream).map(\.status)
        }
        #expect(statuses == [.unknown, .serving, .notServing])
    }
}

private func collect<Response: WireMessage>(
    _ stream: ResponseStream<Response>
) async throws -> [Response] {
    var responses: [Response] = []
    for try await response in stream { responses.append(response) }
    return responses
}
