import Domain
import Testing
import Wire

@testable import llara

@Suite("Rendering of a recommendation")
struct RecommendationRenderingTests {
    private let answer = RecommendResponse(
        items: [
            RecommendedItem(
                id: "50", title: "Star Wars", score: -1.25,
                parts: ScoreParts(
                    llm: -6.9125, srs: 2.5, hasLLM: true, hasSRS: true, llmTokenCount: 3,
                    llmMean: -2.25, llmLogProbability: -0.5, srsLogProbability: -0.25)),
            RecommendedItem(
                id: "2001", title: "千と千尋の神隠し", score: -3,
                parts: ScoreParts(srs: 1, hasSRS: true, srsLogProbability: -1.5),
                notInRelease: true),
        ], coverage: 0.5, degraded: true,
        degradations: [
            Degradation(stage: "ranker", reason: "deadline", message: "one of 2 in time")
        ],
        provenance: Provenance(
            release: "movielens-100k", representation: .text, catalogVersion: 17, llm: "SmolLM2",
            manifestSHA256: Array(repeating: 0xAB, count: 32), rankedBy: "text", llmWeight: 0.25,
            srsWeight: 0.75),
        stages: [
            StageTime(stage: "history", milliseconds: 1.23456),
            StageTime(stage: "rank", milliseconds: 400),
            StageTime(stage: "history", milliseconds: 1),
        ], prompt: "Seen:\nFargo\u{1B}[2J <item:7>", promptTokenCount: 12,
        promptTokens: [
            PromptToken(id: 9, text: Array("Seen".utf8)),
            PromptToken(id: 10, text: Array(":\n".utf8)),
            PromptToken(isVector: true, row: 0, itemID: "7", role: "item"),
            PromptToken(isVector: true, row: 1, role: "user"),
        ], evaluatedTokenCount: 9, reusedTokenCount: 4)

    private let user = GetUserResponse(
        userID: "42",
        history: [
            UserHistoryItem(
                interaction: HistoryItem(itemID: "7", timeSeconds: 881_250_949, rating: 4),
                title: "Fargo"),
            UserHistoryItem(interaction: HistoryItem(itemID: "8")),
        ], interactionCount: 183)

    @Test("JSON is one object with exactly the documented members")
    func json() {
        let rendering = RecommendationRendering(answer: answer, history: nil, explains: false)
        let hash = String(repeating: "ab", count: 32)
        #expect(
            rendering.json.text()
                == #"{"items":[{"id":"50","title":"Star Wars","score":-1.25,"#
                + #""parts":{"llm":-6.9125,"llm_token_count":3,"llm_mean":-2.25,"#
                + #""llm_log_probability":-0.5,"srs":2.5,"srs_log_probability":-0.25},"#
                + #""not_in_release":false},"#
                + #"{"id":"2001","title":"千と千尋の神隠し","score":-3,"#
                + #""parts":{"llm":null,"llm_token_count":null,"llm_mean":null,"#
                + #""llm_log_probability":null,"srs":1,"srs_log_probability":-1.5},"#
                + #""not_in_release":true}],"coverage":0.5,"degraded":true,"#
                + #""degradations":[{"stage":"ranker","reason":"deadline","#
                + #""message":"one of 2 in time"}],"provenance":{"release":"movielens-100k","#
                + #""representation":"text","catalog_version":17,"llm":"SmolLM2","#
                + #""ranked_by":"text","adapter":"","manifest_sha256":""# + hash
                + #"","llm_sha256":"","llm_weight":0.25,"srs_weight":0.75},"#
                + #""stages_ms":{"history":2.235,"rank":400},"is_preliminary":false}"#)
    }

    @Test("history and prompt are in the JSON when asked for")
    func jsonExtras() {
        let rendering = RecommendationRendering(answer: answer, history: user, explains: true)
        #expect(
            rendering.json["history"]?.text()
                == #"[{"id":"7","title":"Fargo","rating":4,"time_seconds":881250949},"#
                + #"{"id":"8","title":"","rating":null,"time_seconds":null}]"#)
        #expect(rendering.json["prompt_token_count"] == .integer(12))
        #expect(
            rendering.json["prompt_tokens"]?.text()
                == #"[{"id":9,"text":"Seen"},{"id":10,"text":":\n"},"#
                + #"{"item_id":"7","role":"item","row":0},{"item_id":"","role":"user","row":1}]"#)
    }

    @Test("the table aligns wide titles and names the parts, and the facts stand below")
    func text() {
        let rendering = RecommendationRendering(answer: answer, history: nil, explains: false)
        #expect(
            rendering.text() == """
                Rank  Title               Id     Score  LLM (nats)   SRS
                   1  Star Wars           50    -1.250       -6.91  2.50
                   2  千と千尋の神隠し *  2001  -3.000           -  1.00
                * not in the release: no behavioural token, SRS is the median

                Score      0.25 x LLM + 0.75 x SRS, each as log-softmax over the candidates
                Ranked by  text
                Coverage   50 % of the candidates scored by the LLM
                Release    movielens-100k, representation text, LLM SmolLM2
                Manifest   abababababababab
                Catalog    version 17
                Stages     history 1.2 ms, rank 400.0 ms, history 1.0 ms
                Degraded   ranker, deadline: one of 2 in time
                """)
    }

    @Test("history comes first and the prompt last, without what a terminal would obey")
    func textExtras() {
        let rendering = RecommendationRendering(answer: answer, history: user, explains: true)
        #expect(
            rendering.text().hasPrefix(
                """
                User 42: 183 interactions, the newest 2
                Time (UTC)        Rating  Title                       Id
                1997-12-04 15:55       4  Fargo                       7
                -                      -  (no longer in the catalog)  8

                Rank
                """))
        #expect(
            rendering.text().hasSuffix(
                """
                Parts of the scores
                Rank  Id    LLM (nats)  Tokens  By token  log p LLM   SRS  log p SRS   Score
                   1  50         -6.91       3    -2.250     -0.500  2.50     -0.250  -1.250
                   2  2001           -       -         -          -  1.00     -1.500  -3.000

                Prompt (12 positions)
                Seen:
                Fargo\u{FFFD}[2J <item:7>

                Tokens (4)
                Seen|:⏎|<item:7>|<user>
                9 positions evaluated, prompt and titles; 4 reused
                """))
    }

    /// The same items in the order of `rankedBy`.
    private func rendering(rankedBy: String, weights: Double = 0) -> RecommendationRendering {
        var answer = answer
        answer.provenance?.rankedBy = rankedBy
        answer.provenance?.llmWeight = weights
        answer.provenance?.srsWeight = weights
        answer.prompt = ""
        return RecommendationRendering(answer: answer, history: nil, explains: true)
    }

    @Test("the recommender's order says so, and has no log-probabilities")
    func recommendersOrder() {
        let rendering = rendering(rankedBy: "srs")
        #expect(rendering.text().contains("\nScore      the recommender's own\nRanked by  srs\n"))
        #expect(
            rendering.text().hasSuffix(
                """
                   1  50         -6.91       3    -2.250          -  2.50          -  -1.250
                   2  2001           -       -         -          -  1.00          -  -3.000
                """))
        let json = rendering.json.text()
        #expect(json.contains(#""llm_log_probability":null,"srs":2.5,"srs_log_probability":null"#))
    }

    @Test("an order by popularity has no score")
    func popularity() {
        let rendering = rendering(rankedBy: "popularity", weights: 0.5)
        #expect(!rendering.text().contains("\nScore "))
        #expect(rendering.text().contains("\n   1  Star Wars           50        -  "))
        #expect(
            rendering.text().hasSuffix(
                "   2  2001           -       -         -          -  1.00          -      -"))
        #expect(!rendering.json.text().contains(#"log_probability":-"#))
    }

    @Test("without weights nothing is said of them")
    func noWeights() {
        #expect(!rendering(rankedBy: "text").text().contains("\nScore "))
        #expect(
            rendering(rankedBy: "text", weights: 0.5).text().contains("\nScore      0.50 x LLM"))
    }

    @Test("an answer that is not degraded says so, an empty one as well")
    func plain() {
        let rendering = RecommendationRendering(
            answer: RecommendResponse(), history: nil, explains: false)
        #expect(rendering.text().hasPrefix("No item to recommend.\n\n"))
        #expect(rendering.text().hasSuffix("Degraded  no"))
        #expect(rendering.json["provenance"]?["representation"] == .null)
    }
}
