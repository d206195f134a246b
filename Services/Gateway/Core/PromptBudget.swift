/// How many candidates fit one prompt, without knowing the LLM's tokeniser.
///
/// A byte costs at most one token, so what is counted in bytes always fits the ranker.
public enum PromptBudget {
    /// Tokens that an item takes beside its title's: separator, behavioural token, and one to spare.
    public static let itemTokens = 4

    /// Number of the first candidates that fit beside the history.
    ///
    /// - Parameters:
    ///   - history: titles as shown.
    ///   - candidates: titles as shown, best first.
    ///   - hasUserState: whether the prompt holds the user's state, one position.
    public static func candidateCount(
        history: [String], candidates: [String], hasUserState: Bool = false
    ) -> Int {
        var left = RecommendLimits.promptTokenBudget - (hasUserState ? 1 : 0)
        for title in history { left -= tokens(title) }
        return candidates.prefix { title in
            left -= tokens(title)
            return left >= 0
        }.count
    }

    private static func tokens(_ title: String) -> Int { title.utf8.count + itemTokens }
}
