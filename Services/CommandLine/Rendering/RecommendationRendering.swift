import Domain
import Wire

/// An answer of Recommend for people and for programs.
struct RecommendationRendering {
    let answer: RecommendResponse
    let history: GetUserResponse?
    let explains: Bool

    // MARK: For programs

    /// `{items, coverage, degraded, degradations, provenance, stages_ms}`; `history` and `prompt`
    /// only when asked for.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("items", .array(answer.items.map(Self.json))),
            .init("coverage", .number(answer.coverage)),
            .init("degraded", .bool(answer.degraded)),
            .init("degradations", .array(answer.degradations.map(Self.json))),
            .init("provenance", Self.json(answer.provenance ?? Provenance())),
            .init("stages_ms", .object(stageMembers)),
        ]
        if let history { members.append(.init("history", UserRendering(history).historyJSON)) }
        if explains {
            members.append(.init("prompt", .string(answer.prompt)))
            members.append(.init("prompt_token_count", .integer(Int64(answer.promptTokenCount))))
        }
        return .object(members)
    }

    private static func json(_ item: RecommendedItem) -> JSONValue {
        .object([
            .init("id", .string(item.id)), .init("title", .string(item.title)),
            .init("score", .number(item.score)),
            .init(
                "parts",
                .object([
                    .init("llm", item.llm.map(JSONValue.number) ?? .null),
                    .init("srs", item.srs.map(JSONValue.number) ?? .null),
                ])),
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
    var text: String {
        var blocks: [String] = []
        if let history { blocks.append(UserRendering(history).text) }
        blocks.append(answer.items.isEmpty ? "No item to recommend." : table)
        blocks.append(facts)
        if explains {
            blocks.append("Prompt (\(answer.promptTokenCount) positions)\n\(promptLines)")
        }
        return blocks.joined(separator: "\n\n")
    }

    private var table: String {
        var table = TextTable([
            .right("Rank"), .itemTitle, .left("Id"), .right("Score"), .right("LLM (nats)"),
            .right("SRS"),
        ])
        for (index, item) in answer.items.enumerated() {
            table.add([
                "\(index + 1)", item.title + (item.notInRelease ? " *" : ""), item.id,
                Figures.decimal(item.score, 3), item.llm.map { Figures.decimal($0, 2) } ?? "-",
                item.srs.map { Figures.decimal($0, 2) } ?? "-",
            ])
        }
        var lines = [table.text]
        if answer.items.contains(where: \.notInRelease) {
            lines.append("* not in the release: no behavioural token, SRS is the median")
        }
        return lines.joined(separator: "\n")
    }

    private var facts: String {
        let provenance = answer.provenance ?? Provenance()
        var lines: [(String, String)] = []
        if provenance.llmWeight != 0 || provenance.srsWeight != 0 {
            lines.append(
                (
                    "Score",
                    "\(Figures.decimal(provenance.llmWeight, 2)) x LLM + "
                        + "\(Figures.decimal(provenance.srsWeight, 2)) x SRS, "
                        + "each as log-softmax over the candidates"
                ))
        }
        let llm = provenance.llm.isEmpty ? "" : ", LLM \(provenance.llm)"
        let representation = provenance.representation.map { ", representation \($0)" } ?? ""
        lines += [
            ("Ranked by", provenance.rankedBy),
            (
                "Coverage",
                "\(Figures.decimal(answer.coverage * 100, 0)) % of the candidates scored by the LLM"
            ),
            ("Release", provenance.release + representation + llm),
            ("Manifest", String(provenance.manifestSHA256.hexadecimal.prefix(16))),
            ("Catalog", "version \(provenance.catalogVersion)"),
            ("Stages", stageText),
        ]
        lines += degradationLines
        return lines.filter { !$0.1.isEmpty }.map { name, value in
            name + String(repeating: " ", count: 11 - name.count) + DisplayText.line(value)
        }.joined(separator: "\n")
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

    private var promptLines: String {
        answer.prompt.split(separator: "\n", omittingEmptySubsequences: false)
            .map { DisplayText.line(String($0)) }.joined(separator: "\n")
    }
}

extension RecommendedItem {
    /// The LLM's part, if it scored the item.
    var llm: Double? { parts.flatMap { $0.hasLLM ? $0.llm : nil } }
    /// The encoder's part, if it scored the item.
    var srs: Double? { parts.flatMap { $0.hasSRS ? $0.srs : nil } }
}
