/// What a prompt shows, chosen from a request's content alone.
///
/// Serving, training and evaluation choose here, so that all of them mean the same prompt.
public struct PromptContent: Sendable {
    /// Ids of the history as shown, oldest first.
    public let historyIDs: [String]
    /// Ids of the candidates in the order shown.
    public let candidateIDs: [String]
    /// Titles by id, distinct within the prompt.
    public let titles: [String: String]

    /// Chooses what fits one prompt.
    ///
    /// - Parameters:
    ///   - recentItemIDs: the newest of the history, oldest first, at most
    ///     ``PromptComposer/maximumHistory``.
    ///   - historyTitles: of those that the catalog has; the others have no title to show.
    ///   - candidates: best first; those beyond what fits are left out.
    ///   - hasUserState: whether the prompt holds the user's state.
    public init(
        recentItemIDs: [String], historyTitles: [DistinctTitles.Entry],
        candidates: [DistinctTitles.Entry], hasUserState: Bool
    ) {
        let titled = Set(historyTitles.map(\.id))
        let titles = DistinctTitles.titles(
            historyTitles + candidates.filter { !titled.contains($0.id) })
        let history = recentItemIDs.filter(titled.contains)
        let fitting = candidates.prefix(
            PromptBudget.candidateCount(
                history: history.compactMap { titles[$0] },
                candidates: candidates.compactMap { titles[$0.id] },
                hasUserState: hasUserState))
        self.init(
            historyIDs: history,
            candidateIDs: CandidateOrder.shown(
                candidateIDs: fitting.map(\.id), historyIDs: history),
            titles: titles)
    }

    /// Shows just this, for experiments on the order.
    public init(historyIDs: [String], candidateIDs: [String], titles: [String: String]) {
        self.historyIDs = historyIDs
        self.candidateIDs = candidateIDs
        self.titles = titles
    }

    /// The prompt and what is scored after it.
    ///
    /// - Parameter vectors: an item without a row among them has no behavioural token.
    public func composed(
        by composer: PromptComposer, with vectors: PromptVectors
    ) -> ComposedPrompt {
        let item = { (id: String) in
            PromptItem(
                id: id, title: titles[id] ?? id,
                hasBehaviouralToken: vectors.rowByItem[id] != nil)
        }
        let candidates = candidateIDs.map(item)
        return ComposedPrompt(
            pieces: composer.compose(
                history: historyIDs.map(item), candidates: candidates,
                hasUserState: vectors.userStateRow != nil),
            answers: candidates.enumerated().map { offset, candidate in
                ComposedPrompt.Answer(
                    itemID: candidate.id,
                    text: composer.answer(
                        for: candidate, position: historyIDs.count + offset + 1))
            })
    }
}

/// A prompt in pieces, and the answers whose log-likelihood ranks the candidates.
public struct ComposedPrompt: Sendable {
    /// A candidate's answer.
    public struct Answer: Sendable {
        /// The candidate.
        public let itemID: String
        /// What follows the prompt where it is the answer: leading blank, name, newline.
        public let text: String
    }

    /// The prompt.
    public let pieces: [PromptPiece]
    /// One answer a candidate, in the order shown.
    public let answers: [Answer]
}
