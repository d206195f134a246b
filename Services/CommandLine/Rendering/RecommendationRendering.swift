import Domain
import Wire

/// An answer of Recommend for people and for programs.
struct RecommendationRendering {
    let answer: RecommendResponse
    let history: GetUserResponse?
    let explains: Bool

    private var provenance: Provenance { answer.provenance ?? Provenance() }
    private var order: RankingOrder { RankingOrder(rankedBy: provenance.rankedBy) }

    /// A part of the fusion; nil where the parts were not fused.
    private func logProbability(_ value: Double?) -> Double? { order == .fusion ? value : nil }

    private func score(_ item: RecommendedItem) -> String {
        order == .popularity ? "-" : Figures.decimal(item.score, 3)
    }

    // MARK: For programs

    /// `{items, coverage, degraded, degradations, provenance, stages_ms, is_preliminary}`; `history`
    /// and the prompt with its tokens only when asked for.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("items", .array(answer.items.map(json))),
            .init("coverage", .number(answer.coverage)),
            .init("degraded", .bool(answer.degraded)),
            .init("degradations", .array(answer.degradations.map(Self.json))),
            .init("provenance", Self.json(provenance)),
            .init("stages_ms", .object(stageMembers)),
            .init("is_preliminary", .bool(answer.isPreliminary)),
        ]
        if let history { members.append(.init("history", UserRendering(history).historyJSON)) }
        if explains {
            members.append(.init("prompt", .string(answer.prompt)))
            members += [
                .init("prompt_token_count", .integer(Int64(answer.promptTokenCount))),
                .init("prompt_tokens", PromptTokenRendering(answer.promptTokens).json),
                .init("evaluated_token_count", .integer(Int64(answer.evaluatedTokenCount))),
                .init("reused_token_count", .integer(Int64(answer.reusedTokenCount))),
            ]
        }
        return .object(members)
    }

    private func json(_ item: RecommendedItem) -> JSONValue {
        .object([
            .init("id", .string(item.id)), .init("title", .string(item.title)),
            .init("score", .number(item.score)),
            .init(
                "parts",
                .object([
                    .init("llm", item.llm.map(JSONValue.number) ?? .null),
                    .init(
                        "llm_token_count",
                        item.llmParts.map { .integer(Int64($0.llmTokenCount)) } ?? .null),
                    .init("llm_mean", item.llmParts.map { .number($0.llmMean) } ?? .null),
                    .init(
                        "llm_log_probability",
                        logProbability(item.llmParts?.llmLogProbability).map(JSONValue.number)
                            ?? .null),
                    .init("srs", item.srs.map(JSONValue.number) ?? .null),
                    .init(
                        "srs_log_probability",
                        logProbability(item.srsParts?.srsLogProbability).map(JSONValue.number)
                            ?? .null),
                ])), .init("not_in_release", .bool(item.notInRelease)),
        ])
    }

    private static func json(_ degradation: Degradation) -> JSONValue {
        .object([
            .init("stage", .string(degradation.stage)),
            .init("reason", .string(degradation.reason)),
            .init("message", .string(degradation.message)),
        ])
    }

    private static func json(_ provenance: Provenance) -> JSONValue {
        .object([
            .init("release", .string(provenance.release)),
            .init(
                "representation",
                provenance.representation.map { .string($0.rawValue) } ?? .null),
            .init(
                "catalog_version",
                Int64(exactly: provenance.catalogVersion).map(JSONValue.integer)
                    ?? .unsigned(provenance.catalogVersion)),
            .init("llm", .string(provenance.llm)),
            .init("ranked_by", .string(provenance.rankedBy)),
            .init("adapter", .string(provenance.adapter)),
            .init("manifest_sha256", .string(provenance.manifestSHA256.hexadecimal)),
            .init("llm_sha256", .string(provenance.llmSHA256.hexadecimal)),
            .init("llm_weight", .number(provenance.llmWeight)),
            .init("srs_weight", .number(provenance.srsWeight)),
        ])
    }

    /// Times by stage; of a stage that ran twice their sum.
    private var stageMembers: [JSONValue.Member] {
        var sums: [(stage: String, milliseconds: Double)] = []
        for time in answer.stages {
            if let index = sums.firstIndex(where: { $0.stage == time.stage }) {
                sums[index].milliseconds += time.milliseconds
            } else {
                sums.append((time.stage, time.milliseconds))
            }
        }
        return sums.map { .init($0.stage, .number(Figures.rounded($0.milliseconds, 3))) }
    }

    // MARK: For people

    /// The history if asked for, the ranked titles, and what stands behind them.
    func text(in terminal: Terminal = .none) -> String {
        var blocks: [String] = []
        if let history { blocks.append(UserRendering(history).text(in: terminal)) }
        if answer.isPreliminary {
            blocks.append(terminal.styled("Preliminary; the LLM's order follows", .yellow))
        }
        blocks.append(answer.items.isEmpty ? "No item to recommend." : table(in: terminal))
        blocks.append(facts(in: terminal))
        if explains && !answer.isPreliminary { blocks += explanation(in: terminal) }
        return blocks.joined(separator: "\n\n")
    }

    private func table(in terminal: Terminal) -> String {
        var table = TextTable([
            .right("Rank"), .itemTitle, .left("Id"), .right("Score"), .right("LLM (nats)"),
            .right("SRS"),
        ])
        for (index, item) in answer.items.enumerated() {
            table.add([
                "\(index + 1)", item.title + (item.notInRelease ? " *" : ""), item.id,
                score(item), item.llm.map { Figures.decimal($0, 2) } ?? "-",
                item.srs.map { Figures.decimal($0, 2) } ?? "-",
            ])
        }
        var lines = [table.text(in: terminal)]
        if answer.items.contains(where: \.notInRelease) {
            lines.append("* not in the release: no behavioural token, SRS is the median")
        }
        return lines.joined(separator: "\n")
    }

    private func facts(in terminal: Terminal) -> String {
        let llm = provenance.llm.isEmpty ? "" : ", LLM \(provenance.llm)"
        let representation = provenance.representation.map { ", representation \($0)" } ?? ""
        return FactList(
            [
                ("Score", scoreText), ("Ranked by", provenance.rankedBy),
                (
                    "Coverage",
                    "\(Figures.decimal(answer.coverage * 100, 0)) % of the candidates scored by the LLM"
                ), ("Release", provenance.release + representation + llm),
                ("Manifest", String(provenance.manifestSHA256.hexadecimal.prefix(16))),
                ("Catalog", "version \(provenance.catalogVersion)"), ("Stages", stageText),
            ] + degradationLines
        ).text(in: terminal)
    }

    /// What the score is; nothing where it is none.
    private var scoreText: String {
        switch order {
        case .popularity: return ""
        case .recommender: return "the recommender's own"
        case .fusion:
            let (llm, srs) = (provenance.llmWeight, provenance.srsWeight)
            guard llm != 0 || srs != 0 else { return "" }
            return "\(Figures.decimal(llm, 2)) x LLM + \(Figures.decimal(srs, 2)) x SRS, "
                + "each as log-softmax over the candidates"
        }
    }

    private var stageText: String {
        answer.stages.map { "\($0.stage) \(Figures.decimal($0.milliseconds, 1)) ms" }
            .joined(separator: ", ")
    }

    private var degradationLines: [(String, String)] {
        guard answer.degraded else { return [("Degraded", "no")] }
        guard !answer.degradations.isEmpty else { return [("Degraded", "yes")] }
        return answer.degradations.map {
            ("Degraded", "\($0.stage), \($0.reason): \($0.message)")
        }
    }

    // MARK: --explain

    private func explanation(in terminal: Terminal) -> [String] {
        var blocks = [
            terminal.styled("Parts of the scores", .bold) + "\n" + parts(in: terminal)
        ]
        guard !answer.prompt.isEmpty else { return blocks }
        blocks.append(
            terminal.styled("Prompt (\(answer.promptTokenCount) positions)", .bold) + "\n"
                + promptLines(in: terminal))
        if !answer.promptTokens.isEmpty {
            blocks.append(
                PromptTokenRendering(answer.promptTokens).text(in: terminal)
                    + "\n\(answer.evaluatedTokenCount) positions evaluated, prompt and titles; "
                    + "\(answer.reusedTokenCount) reused")
        }
        return blocks
    }

    /// The figures of every item: measured, then as they are added up.
    private func parts(in terminal: Terminal) -> String {
        var table = TextTable([
            .right("Rank"), .left("Id", shrinks: true), .right("LLM (nats)"), .right("Tokens"),
            .right("By token"), .right("log p LLM"), .right("SRS"), .right("log p SRS"),
            .right("Score"),
        ])
        func figure(_ value: Double?, _ digits: Int) -> String {
            value.map { Figures.decimal($0, digits) } ?? "-"
        }
        for (index, item) in answer.items.enumerated() {
            table.add([
                "\(index + 1)", item.id, figure(item.llm, 2),
                item.llmParts.map { "\($0.llmTokenCount)" } ?? "-",
                figure(item.llmParts?.llmMean, 3),
                figure(logProbability(item.llmParts?.llmLogProbability), 3),
                figure(item.srs, 2), figure(logProbability(item.srsParts?.srsLogProbability), 3),
                score(item),
            ])
        }
        return table.text(in: terminal)
    }

    private func promptLines(in terminal: Terminal) -> String {
        answer.prompt.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { line in
                let shown = DisplayText.line(String(line))
                return terminal.columns.map { DisplayText.wrapped(shown, to: $0) } ?? [shown]
            }.joined(separator: "\n")
    }
}

/// What put the items into their order.
private enum RankingOrder {
    /// The weighted sum of both parts.
    case fusion
    case recommender, popularity

    init(rankedBy: String) {
        switch rankedBy {
        case "srs": self = .recommender
        case "popularity": self = .popularity
        default: self = .fusion
        }
    }
}

extension RecommendedItem {
    /// The parts, if the LLM scored the item.
    fileprivate var llmParts: ScoreParts? { parts.flatMap { $0.hasLLM ? $0 : nil } }
    /// The parts, if the encoder scored the item.
    fileprivate var srsParts: ScoreParts? { parts.flatMap { $0.hasSRS ? $0 : nil } }
    /// The LLM's part, if it scored the item.
    var llm: Double? { llmParts?.llm }
    /// The encoder's part, if it scored the item.
    var srs: Double? { srsParts?.srs }
}
