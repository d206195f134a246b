import Domain
import Testing
import Wire

/// Bytes that Google's Python package wrote (protobuf 7.36.2, deterministic) for the same values.
@Suite("Golden vectors of serving")
struct GoldenServingVectorTests {
    private static let tokens = [
        PromptToken(id: 40, text: [0xC3]), PromptToken(isVector: true, row: 1, itemID: "50"),
    ]

    @Test("a page of the encoder's order has protobuf's bytes")
    func offset() throws {
        try checkGolden(RetrieveRequest(count: 10, offset: 40), "180a3028")
    }

    @Test("explained scores have protobuf's bytes")
    func rank() throws {
        try checkGolden(RankRequest(prompt: [.text("a")], explain: true), "1a030a01612801")
        try checkGolden(
            RankResponse(
                candidates: [
                    RankedCandidate(
                        id: "50", logLikelihood: -6, tokenCount: 3, scored: true,
                        meanLogLikelihood: -2)
                ], promptTokenCount: 2, reusedTokenCount: 1, promptTokens: Self.tokens),
            "121a0a0235301100000000000018c0180320012900000000000000c018023801420508281201c3420818"
                + "0120012a023530")
    }

    @Test("a generated text has protobuf's bytes")
    func generate() throws {
        try checkGolden(
            GenerateRequest(
                release: "r", adapter: "a", prompt: [.text("p")],
                candidates: [RankCandidate(id: "50", text: " t\n")], maximumTokenCount: 256,
                temperature: 0.5, seed: 7),
            "0a01721201611a030a017022090a023530120320740a288002350000003f3807")
        try checkGolden(
            GenerateResponse(
                release: "r", text: "é", tokenID: 9, logProbability: -0.25,
                finishReason: .candidate, candidateID: "50", tokenCount: 2, promptTokenCount: 3,
                reusedTokenCount: 1),
            "0a01721202c3a9180921000000000000d0bf280332023530380240034801")
    }

    @Test("filters and fresh items have protobuf's bytes")
    func filters() throws {
        try checkGolden(
            RecommendRequest(
                userID: "42",
                filters: [
                    AttributeFilter(key: "genre", anyOf: ["Comedy", ""]),
                    AttributeFilter(key: "year", range: NumberRange(minimum: 1990)),
                    AttributeFilter(key: "delta", range: NumberRange(minimum: -1, maximum: 0)),
                ], freshItems: 3, withoutFreshItems: true),
            "0a0234326a110a0567656e72651206436f6d65647912006a130a04796561721a0b080111000000000018"
                + "9f406a160a0564656c74611a0d080111000000000000f0bf180170037801")
    }

    @Test("a preliminary answer with its prompt has protobuf's bytes")
    func preliminary() throws {
        let parts = ScoreParts(
            llm: -6, hasLLM: true, llmTokenCount: 3, llmMean: -2, llmLogProbability: -0.5,
            srsLogProbability: -1)
        try checkGolden(
            RecommendResponse(
                items: [RecommendedItem(id: "50", parts: parts)], isPreliminary: true,
                promptTokens: Self.tokens, evaluatedTokenCount: 5, reusedTokenCount: 6),
            "0a2e0a02353022280900000000000018c0180128033100000000000000c039000000000000e0bf410000"
                + "00000000f0bf4801520508281201c35208180120012a02353058056006")
        try checkGolden(
            ReleaseDescription(name: "r", encoderArchitecture: "gru4rec"),
            "0a0172520767727534726563")
    }

    @Test("a change of the active release has protobuf's bytes")
    func releases() throws {
        try checkGolden(ActivateReleaseRequest(release: "r", author: "me"), "0a017212026d65")
        try checkGolden(RollbackReleaseRequest(author: "me"), "0a026d65")
        try checkGolden(ReleaseChangeResponse(active: "r", previous: "q"), "0a0172120171")
    }
}
