import Testing

@testable import GatewayCore

@Suite("Candidates that fit one prompt")
struct PromptBudgetTests {
    /// Of 100 tokens by the budget's count.
    private let title = String(repeating: "t", count: 100 - PromptBudget.itemTokens)

    @Test("are all of them while they fit, and the first ones beyond")
    func edge() {
        let fitting = RecommendLimits.promptTokenBudget / 100
        for (wished, expected) in [(20, 20), (fitting, fitting), (fitting + 1, fitting)] {
            let candidates = Array(repeating: title, count: wished)
            #expect(PromptBudget.candidateCount(history: [], candidates: candidates) == expected)
        }
        let beside = PromptBudget.candidateCount(
            history: Array(repeating: title, count: 10),
            candidates: Array(repeating: title, count: fitting))
        #expect(beside == fitting - 10)
        let withState = PromptBudget.candidateCount(
            history: [], candidates: Array(repeating: title, count: fitting), hasUserState: true)
        #expect(withState == fitting - 1)
    }

    @Test("are some even beside the longest history, and never more segments than a prompt has")
    func extremes() {
        let longest = String(repeating: "t", count: 254)
        let history = Array(repeating: longest, count: PromptComposer.maximumHistory)
        let few = PromptBudget.candidateCount(
            history: history, candidates: Array(repeating: longest, count: 20))
        #expect(few == 3)
        let segments =
            2 * (PromptComposer.maximumHistory + RecommendLimits.maximumRanked) + 1
            + 2  // the user state, and text that it parts
        #expect(segments <= 1_000)
    }

    @Test("leave room for every template")
    func templates() throws {
        for domain in ["movie", "game", "artist"] {
            for template in try #require(PromptTemplate.templates(domain: domain)) {
                let bytes =
                    (template.beforeHistory + template.beforeCandidates
                    + template.afterCandidates).utf8.count
                #expect(RecommendLimits.promptTokenBudget + bytes <= 3_840)
            }
        }
    }
}
