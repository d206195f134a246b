internal import Domain
public import GatewayCore
internal import TrainingCore

/// Tables made of answered questions; nothing is asked again.
public struct EvaluationSummary: Sendable {
    private let answers: [EvaluationQuestion.Kind: [ScoredQuestion]]
    private let weights: FusionWeights
    private let prompts: QuestionPrompts?
    private let seed: UInt64

    /// Sums up answers of one release.
    ///
    /// - Parameters:
    ///   - weights: of the fused order.
    ///   - prompts: those that were asked with; nil where they are not known.
    ///   - seed: of the intervals.
    public init(
        _ answers: [ScoredQuestion], weights: FusionWeights, prompts: QuestionPrompts?,
        seed: UInt64
    ) {
        self.answers = Dictionary(grouping: answers, by: \.question.kind)
        self.weights = weights
        self.prompts = prompts
        self.seed = seed
    }

    /// The tables of all kinds of questions that were asked.
    public var tables: [EvaluationTable] {
        [
            ranking(.listWise, "list_wise", "List-wise: 1 of \(candidateCounts)") {
                [.hits(1), .hits(5), .gains(5)]
            }, freeText,
            ranking(.pairWise, "pair_wise", "Pair-wise: 1 of 2") { [.hits(1)] },
            ranking(
                .full, "full",
                "Full ranking: SRS over the catalog, LLM on its first "
                    + "\(EvaluationQuestion.firstCount)"
            ) { [.hits(1), .hits(5), .hits(10), .gains(10)] },
            ranking(
                .served, "served",
                "Served answer: the SRS's first \(EvaluationQuestion.servedCount), not seen before"
            ) { [.hits(1), .hits(10), .gains(10)] },
            comparison(.shuffledHistory, "shuffled_history", "History in random order"),
            comparison(.permutedTokens, "permuted_tokens", "Behavioural tokens of other items"),
            positions,
        ].compactMap { $0 }
    }

    /// How many candidates the list-wise questions have, `20` or `5 to 20`.
    private var candidateCounts: String {
        let counts = (answers[.listWise] ?? []).map(\.question.candidates.count)
        let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
        return least == most ? "\(most)" : "\(least) to \(most)"
    }

    /// A measure of the target's rank; a target that is no candidate is a miss.
    private struct Measure {
        let column: EvaluationTable.Column
        let value: (Int) -> Double

        static func hits(_ cutoff: Int) -> Measure {
            Measure(column: .init("hit_ratio_at_\(cutoff)", "HitRatio@\(cutoff)")) {
                RankingMetrics.hits([$0], cutoff: cutoff)[0]
            }
        }

        static func gains(_ cutoff: Int) -> Measure {
            Measure(column: .init("ndcg_at_\(cutoff)", "NDCG@\(cutoff)")) {
                RankingMetrics.gains([$0], cutoff: cutoff)[0]
            }
        }
    }

    private func values(
        _ kind: EvaluationQuestion.Kind, _ ranker: Ranker, _ measure: Measure
    ) -> UserValues {
        UserValues(answers[kind] ?? []) {
            // An answer without the LLM says nothing about the LLM, neither a hit nor a miss.
            guard ranker != .llm || $0.llm != nil else { return nil }
            return $0.rank(by: ranker, weights: weights).map(measure.value) ?? 0
        }
    }

    /// Whether the LLM answered every question, so that users can be compared one by one.
    private func hasLLM(_ kind: EvaluationQuestion.Kind) -> Bool {
        answers[kind]?.allSatisfy { $0.llm != nil } ?? false
    }

    /// Every ranker's order, and how much better the fused one is than the recommender's.
    private func ranking(
        _ kind: EvaluationQuestion.Kind, _ name: String, _ title: String,
        measures: () -> [Measure]
    ) -> EvaluationTable? {
        guard answers[kind] != nil else { return nil }
        let measures = measures()
        func row(_ name: String, _ title: String, _ values: (Measure) -> UserValues)
            -> EvaluationTable.Row
        {
            .init(name, title, measures.map { values($0).interval(seed: seed) })
        }
        // Services that run may leave the LLM out of some answers, or of all.
        let hasSomeLLM = answers[kind]?.contains { $0.llm != nil } ?? false
        var rows = (hasSomeLLM ? Ranker.allCases : [.srs]).map { ranker in
            row(ranker.rawValue, ranker.title) { values(kind, ranker, $0) }
        }
        if hasSomeLLM {
            rows.append(
                row("fused_minus_srs", "fused - SRS") {
                    values(kind, .fused, $0).minus(values(kind, .srs, $0))
                })
        }
        return EvaluationTable(name, title, columns: measures.map(\.column), rows: rows)
    }

    /// The same list-wise questions with and without a change of the prompt.
    private func comparison(
        _ kind: EvaluationQuestion.Kind, _ name: String, _ title: String
    ) -> EvaluationTable? {
        guard answers[kind] != nil, hasLLM(kind), hasLLM(.listWise) else { return nil }
        let measures = [Measure.hits(1), .gains(5)]
        let rows = [Ranker.llm, .fused].flatMap { ranker in
            [
                EvaluationTable.Row(
                    "\(ranker.rawValue)", ranker.title,
                    measures.map { values(.listWise, ranker, $0).interval(seed: seed) }),
                .init(
                    "\(ranker.rawValue)_changed", "\(ranker.title), changed",
                    measures.map { values(kind, ranker, $0).interval(seed: seed) }),
                .init(
                    "\(ranker.rawValue)_difference", "changed - unchanged",
                    measures.map {
                        values(kind, ranker, $0).minus(values(.listWise, ranker, $0))
                            .interval(seed: seed)
                    }),
            ]
        }
        return EvaluationTable(name, title, columns: measures.map(\.column), rows: rows)
    }
}

extension EvaluationSummary {
    private static let positionGroups = 4

    /// Free answers by both rules of what they name.
    private var freeText: EvaluationTable? {
        guard let prompts, let asked = answers[.listWise],
            asked.allSatisfy({ $0.text != nil })
        else { return nil }
        let rules: [(AnswerMatching, String, String)] = [
            (.substring, "substring", "LLaRA's rule: one name in the text"),
            (.exactOrLongest, "exact_or_longest", "the exact name, else the longest"),
        ]
        return EvaluationTable(
            "free_text", "Free text, at most \(PromptScorer.maximumTokenCount) tokens",
            columns: [
                .init("valid_ratio", "ValidRatio"), .init("hit_ratio_at_1", "HitRatio@1"),
                .init("hit_ratio_over_valid", "HitRatio over valid"),
            ],
            rows: rules.map { rule, name, title in
                func named(_ answer: ScoredQuestion) -> String? {
                    let names = prompts.names(of: answer)
                    return rule.candidate(named: answer.text ?? "", among: names.map(\.name))
                        .map { names[$0].itemID }
                }
                let valid = UserValues(asked) { named($0) == nil ? 0 : 1 }
                let hits = UserValues(asked) { named($0) == $0.question.target ? 1 : 0 }
                let over = UserValues(asked) { answer in
                    named(answer).map { $0 == answer.question.target ? 1 : 0 }
                }
                return .init(name, title, [valid, hits, over].map { $0.interval(seed: seed) })
            })
    }

    /// How often the LLM finds the target by where the prompt shows it.
    private var positions: EvaluationTable? {
        guard let prompts, answers[.shuffledHistory] != nil, hasLLM(.listWise),
            let asked = answers[.listWise]
        else { return nil }
        let count = asked.map(\.question.candidates.count).max() ?? 0
        let bounds = (0...Self.positionGroups).map { $0 * count / Self.positionGroups }
        let rows = zip(bounds, bounds.dropFirst()).map { low, high in
            func within(_ value: (Int) -> Double) -> UserValues {
                UserValues(asked) { answer in
                    guard
                        let place = prompts.shown(answer).firstIndex(of: answer.question.target),
                        (low..<high).contains(place)
                    else { return nil }
                    return answer.rank(by: .llm, weights: weights).map(value) ?? 0
                }
            }
            return EvaluationTable.Row(
                "positions_\(low + 1)_to_\(high)", "shown at \(low + 1) to \(high)",
                [within { $0 == 1 ? 1 : 0 }, within { Double($0) }].map {
                    $0.interval(seed: seed)
                })
        }
        return EvaluationTable(
            "positions", "LLM alone by the target's place in the prompt",
            columns: [.init("hit_ratio_at_1", "HitRatio@1"), .init("mean_rank", "mean rank")],
            rows: rows)
    }
}

extension EvaluationSummary {
    /// A row a release, and what each one after the first has more than that, user by user.
    ///
    /// All were asked about the same users, with the same random negatives.
    ///
    /// - Returns: nil without a second release.
    public static func comparison(
        of releases: [(name: String, summary: EvaluationSummary)]
    ) -> EvaluationTable? {
        guard let first = releases.first, releases.count > 1 else { return nil }
        let all: [(EvaluationQuestion.Kind, Ranker, Measure, String)] = [
            (.listWise, .srs, .hits(1), "list-wise"), (.listWise, .llm, .hits(1), "list-wise"),
            (.listWise, .fused, .hits(1), "list-wise"), (.pairWise, .llm, .hits(1), "pair-wise"),
            (.full, .srs, .gains(10), "full"), (.full, .fused, .gains(10), "full"),
            (.served, .srs, .gains(10), "served"), (.served, .fused, .gains(10), "served"),
        ]
        let wanted = all.filter { kind, ranker, _, _ in
            releases.allSatisfy {
                $0.summary.answers[kind] != nil && (ranker == .srs || $0.summary.hasLLM(kind))
            }
        }
        var rows: [EvaluationTable.Row] = []
        for (place, release) in releases.enumerated() {
            let values = wanted.map { release.summary.values($0.0, $0.1, $0.2) }
            let seed = release.summary.seed
            rows.append(.init(release.name, release.name, values.map { $0.interval(seed: seed) }))
            guard place > 0 else { continue }
            let others = wanted.map { first.summary.values($0.0, $0.1, $0.2) }
            rows.append(
                .init(
                    "\(release.name)_minus_first", "\(release.name) - \(first.name)",
                    zip(values, others).map { $0.minus($1).interval(seed: seed) }))
        }
        return EvaluationTable(
            "comparison", "Releases, and their differences from the first",
            columns: wanted.map { kind, ranker, measure, title in
                .init(
                    "\(kind.rawValue)_\(ranker.rawValue)_\(measure.column.name)",
                    "\(title) \(ranker.title) \(measure.column.title)")
            }, rows: rows)
    }
}
