public import Domain
public import GatewayCore
public import Releases
internal import TrainingCore

/// The prompts of questions, composed as the gateway composes them.
public struct QuestionPrompts: Sendable {
    /// What items look like in the prompts.
    public let representation: Representation
    let composer: PromptComposer
    private let hasUserState: Bool
    private let titles: [String: DistinctTitles.Entry]
    private let seed: UInt64

    /// Prompts of a release.
    ///
    /// - Parameters:
    ///   - representation: nil is the release's own.
    ///   - titles: the catalog's, every item of the questions once.
    ///   - seed: of what diagnostics shuffle.
    /// - Throws: ``EvaluationFailure`` for a domain without templates, and for behavioural tokens
    ///   of a release without projector.
    public init(
        of release: Release, representation: Representation? = nil,
        titles: [DistinctTitles.Entry], seed: UInt64
    ) throws(EvaluationFailure) {
        let manifest = release.manifest
        self.representation = representation ?? manifest.representation
        guard !self.representation.hasBehaviouralTokens || manifest.projector != nil else {
            throw EvaluationFailure(
                "release \(manifest.name) has no projector, so it cannot answer "
                    + "\(self.representation.rawValue)",
                next: "--representation text")
        }
        guard let template = PromptTemplate.templates(domain: manifest.domain)?.first else {
            throw EvaluationFailure(
                "no prompt template for domain '\(manifest.domain)'",
                next: "a release of one of the domains \(ItemDomain.list)")
        }
        composer = PromptComposer(template: template, representation: self.representation)
        hasUserState =
            manifest.usesUserState && self.representation.hasBehaviouralTokens
        self.titles = Dictionary(titles.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.seed = seed
    }

    /// What the prompt of a question shows.
    ///
    /// - Parameter srs: the recommender's score of each candidate: where not all fit the prompt,
    ///   the best do.
    func content(of question: EvaluationQuestion, srs: [Double]) -> PromptContent {
        let recent = Array(question.history.suffix(PromptComposer.maximumHistory))
        let ordered = zip(question.candidates, srs)
            .map { ScoredItem(itemID: $0, score: $1) }.sorted(by: ScoredItem.ranksBefore)
        let content = PromptContent(
            recentItemIDs: recent, historyTitles: Set(recent).compactMap { titles[$0] },
            candidates: ordered.compactMap { titles[$0.itemID] }, hasUserState: hasUserState)
        guard question.kind == .shuffledHistory else { return content }
        // Only the history changes: the candidates stand where they stood.
        return PromptContent(
            historyIDs: Array(
                shuffledHistory(of: question).suffix(content.historyIDs.count)),
            candidateIDs: content.candidateIDs, titles: content.titles)
    }

    /// The question's history as both models read it: the newest part, which the prompt shows, in
    /// a random order where the question wants that.
    func history(of question: EvaluationQuestion) -> [String] {
        question.kind == .shuffledHistory ? shuffledHistory(of: question) : question.history
    }

    private func shuffledHistory(of question: EvaluationQuestion) -> [String] {
        var recent = Array(question.history.suffix(PromptComposer.maximumHistory))
        var generator = SeededGenerator(
            seed: seed, parts: ["history", "\(question.draw)", question.userID, question.target])
        generator.shuffle(&recent)
        return question.history.dropLast(recent.count) + recent
    }

    /// The item whose behavioural token stands for another's where a question permutes them.
    ///
    /// One permutation for all questions: what the LLM could learn of an item is then another's.
    func permutation(of itemIDs: [String]) -> [String: String] {
        var shuffled = itemIDs
        var generator = SeededGenerator(seed: seed, parts: ["tokens"])
        generator.shuffle(&shuffled)
        return Dictionary(zip(itemIDs, shuffled), uniquingKeysWith: { $1 })
    }

    /// The names that an answer may have, by item: what free text is compared with.
    func names(of scored: ScoredQuestion) -> [(itemID: String, name: String)] {
        content(of: scored.question, srs: scored.srs)
            .composed(by: composer, with: .none).answers
            .map { ($0.itemID, $0.text.split(whereSeparator: \.isNewline).joined()) }
    }

    /// The candidates in the order shown.
    func shown(_ scored: ScoredQuestion) -> [String] {
        content(of: scored.question, srs: scored.srs).candidateIDs
    }
}

extension ReleaseManifest {
    /// How much each ranker weighs in the fused order.
    public var fusionWeights: FusionWeights { FusionWeights(llm: fusion.llm, srs: fusion.srs) }
}
