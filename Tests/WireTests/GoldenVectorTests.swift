import Domain
import Testing
import Wire

/// Bytes that Google's Python package wrote (protobuf 7.36.2, deterministic) for the same values.
@Suite("Golden vectors")
struct GoldenVectorTests {
    private static let history = ItemSequence(items: [
        HistoryItem(itemID: "50", timeSeconds: 888_639_814, rating: 5),
        HistoryItem(itemID: "é", timeSeconds: -1, rating: 0.5),
    ])
    private static let one = FloatTensor(rows: 1, columns: 2, values: [1, -2])

    @Test("the encoder's messages have protobuf's bytes")
    func encoder() throws {
        try checkGolden(
            RetrieveRequest(
                release: "movielens-100k", sequence: Self.history, count: 300,
                excludedItemIDs: ["1", "2"], candidateItemIDs: ["3"]),
            "0a0e6d6f7669656c656e732d3130306b12270a0f0a02353010c6a2dea7031d0000a0400a140a02c3a910"
                + "ffffffffffffffffff011d0000003f18ac022201312201322a0133")
        try checkGolden(
            RetrieveResponse(
                release: "r",
                items: [
                    RetrievedItem(itemID: "7", score: -1.25),
                    RetrievedItem(itemID: "8", notInRelease: true),
                ], knownHistoryCount: 2),
            "0a017212080a0137150000a0bf12050a013818011802")
        try checkGolden(
            ItemRowsResponse(
                release: "r", itemIDs: ["1"], notInReleaseIDs: ["9"], rows: Self.one),
            "0a01721201311a0139")
    }

    @Test("the projector's and the ranker's messages have protobuf's bytes")
    func projectorAndRanker() throws {
        try checkGolden(
            ProjectRequest(release: "r", role: "item", vectors: Self.one), "0a017212046974656d")
        try checkGolden(
            RankRequest(
                release: "r", adapter: "a",
                prompt: [
                    .text("This user has watched "),
                    .vectors(role: "item", firstRow: 0, rowCount: 1), .text(""),
                ],
                candidates: [RankCandidate(id: "50", text: " Star Wars\n")], vectors: Self.one),
            "0a01721201611a180a16546869732075736572206861732077617463686564201a0a12080a046974656d"
                + "18011a020a0022110a023530120b205374617220576172730a")
        try checkGolden(
            RankResponse(
                release: "r",
                candidates: [
                    RankedCandidate(id: "50", logLikelihood: -6.9, tokenCount: 3, scored: true),
                    RankedCandidate(id: "51"),
                ], promptTokenCount: 300, evaluatedTokenCount: 420, queueMilliseconds: 0.5,
                computeMilliseconds: 440.25),
            "0a017212110a023530119a99999999991bc01803200112040a02353118ac0220a40329000000000000e0"
                + "3f310000000000847b40")
    }

    @Test("the request for a recommendation has protobuf's bytes")
    func recommendRequest() throws {
        try checkGolden(
            RecommendRequest(
                userID: "42", sequence: Self.history, candidateItemIDs: ["3"], count: 10,
                candidateCount: 20, excludedItemIDs: ["4"], includeSeen: true,
                representation: .hybrid, release: "r",
                context: RequestContext(
                    timeSeconds: 1_700_000_000, values: [KeyValue(key: "device", value: "tv")]),
                minVersion: 1 << 63 + 5, explain: true),
            "0a02343212270a0f0a02353010c6a2dea7031d0000a0400a140a02c3a910ffffffffffffffffff011d00"
                + "00003f1a0133200a2814320134380140034a017252140880e2cfaa06120c0a06646576696365"
                + "1202747658858080808080808080016001")
    }

    @Test("a recommendation has protobuf's bytes")
    func recommendResponse() throws {
        let parts = ScoreParts(llm: -6.9, srs: 2, hasLLM: true, hasSRS: true, llmTokenCount: 3)
        try checkGolden(
            RecommendResponse(
                items: [
                    RecommendedItem(
                        id: "50", title: "Star Wars (1977)", score: 1.5, parts: parts)
                ], coverage: 0.95, degraded: true,
                degradations: [Degradation(stage: "ranker", reason: "deadline", message: "m")],
                provenance: Provenance(
                    release: "r", representation: .text, catalogVersion: 9, llm: "SmolLM2",
                    manifestSHA256: Array(0..<32), rankedBy: "text", llmWeight: 0.3,
                    srsWeight: 0.7),
                stages: [StageTime(stage: "rank", milliseconds: 12.5)], prompt: "p",
                promptTokenCount: 1),
            "0a390a02353012105374617220576172732028313937372919000000000000f83f2218099a9999999999"
                + "1bc011000000000000004018012001280311666666666666ee3f180122150a0672616e6b6572"
                + "1208646561646c696e651a016d2a4a0a0172100118092207536d6f6c4c4d322a200001020304"
                + "05060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3a04746578744933333333"
                + "3333d33f51666666666666e63f320f0a0472616e6b1100000000000029403a01704001")
    }

    @Test("the catalog's messages have protobuf's bytes")
    func catalog() throws {
        try checkGolden(
            CatalogItem(
                id: "1", title: "Toy Story", attributes: [KeyValue(key: "year", value: "1995")],
                state: .hidden, expiresAtSeconds: 5, version: 6),
            "0a01311209546f792053746f72791a0c0a0479656172120431393935200228053006")
        try checkGolden(
            UpsertItemsRequest(
                items: [CatalogItem(id: "1", title: "Toy Story")], author: "me"),
            "0a100a01311209546f792053746f7279200112026d65")
        try checkGolden(
            GetUserResponse(
                userID: "42",
                history: [
                    UserHistoryItem(
                        interaction: HistoryItem(itemID: "1", rating: 4), title: "Toy Story")
                ], interactionCount: 1),
            "0a02343212150a080a01311d000080401209546f792053746f72791801")
    }

    @Test("descriptions, health and releases have protobuf's bytes")
    func descriptions() throws {
        try checkGolden(
            DescribeResponse(releases: [
                ReleaseDescription(
                    name: "r", manifestSHA256: Array(repeating: 255, count: 32),
                    representation: .hybrid, rowDimension: 64, embeddingDimension: 576,
                    itemCount: 1_682, llm: "l",
                    adapters: [Adapter(name: "default", sha256: Array(repeating: 0, count: 32))])
            ]),
            "0a5f0a01721220" + String(repeating: "ff", count: 32)
                + "1803204028c00430920d3a016c4a2b0a0764656661756c741220"
                + String(repeating: "00", count: 32))
        try checkGolden(
            HealthCheckResponse(status: .notServing, version: "0.1.0", reason: "starting"),
            "08021205302e312e301a087374617274696e67")
        try checkGolden(
            ListReleasesResponse(releases: [
                StoredRelease(name: "r", active: true, publishedAtSeconds: 1)
            ]), "0a070a017218012001")
        try checkGolden(ListReleasesRequest(), "")
    }

    @Test("inspections have protobuf's bytes")
    func inspections() throws {
        try checkGolden(
            InspectResponse(
                connections: [
                    ConnectionReport(
                        peer: "p", ageMilliseconds: 1, startedCalls: 2, receivedBytes: 300,
                        sentBytes: 4, draining: true,
                        openCalls: [CallReport(method: "a/b", traceID: "t")])
                ], connectionCount: 1,
                slowCalls: [
                    CallReport(
                        method: "a/b", peer: "p", durationMilliseconds: 0.5, status: "OK",
                        endedMillisecondsAgo: 2)
                ], version: "v"),
            "0a1f0a017011000000000000f03f180220ac022804300"
                + "13a080a03612f621a0174" + "1001"
                + "1a1e0a03612f6212017021000000000000e03f2a024f4b310000000000000040" + "220176")
        try checkGolden(
            ListMethodsResponse(
                methods: [MethodDescription(method: "a/b", request: "r", response: "s")],
                messages: [
                    MessageDescription(
                        name: "r",
                        fields: [
                            FieldDescription(
                                name: "f", number: 1, type: "string", repeated: true)
                        ])
                ]),
            "0a0b0a03612f621201721a0173" + "12140a0172120f0a016610011a06737472696e672001")
    }
}

/// Whether `message` is written as these bytes, and they are read as `message`.
func checkGolden<Message: WireMessage>(
    _ message: Message, _ hexadecimal: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(message.encodedBody().hexadecimal == hexadecimal, sourceLocation: sourceLocation)
    #expect(
        try Message(body: bytes(hexadecimal), attachments: message.attachments) == message,
        sourceLocation: sourceLocation)
}
