import Domain
import Evaluation
import Foundation
import GatewayCore
import Releases
import TrainingCore
import Wire

/// What an evaluation found, for people and for programs.
struct EvaluationReport {
    /// A line over all tables of one release, and the same for programs.
    struct Heading {
        let text: String
        let fields: [String: Any]
    }

    /// One for each release.
    let parts: [Part]
    /// How several releases compare.
    let comparison: EvaluationTable?

    /// Tables under their heading.
    struct Part {
        let heading: Heading
        let tables: [EvaluationTable]
    }

    /// A table a release and protocol; where there are several releases, first how they compare.
    init(
        releases: [Release], rows: EvaluationRows, draws: Int, summaries: [EvaluationSummary]
    ) {
        let shared =
            "split \(rows.dataSet.split.rule.rawValue), \(rows.rows.count) \(rows.part.rawValue) "
            + "users, \(draws) draw\(draws == 1 ? "" : "s") of \(rows.negatives) negatives, "
            + "seed \(rows.seed)"
        let fields: [String: Any] = [
            "split": rows.dataSet.split.rule.rawValue, "part": rows.part.rawValue,
            "users": rows.rows.count, "draws": draws, "negatives": rows.negatives,
            "seed": rows.seed, "interval": 0.95,
        ]
        comparison = EvaluationSummary.comparison(
            of: zip(releases, summaries).map { ($0.manifest.name, $1) })
        parts = zip(releases, summaries).map { release, summary in
            let manifest = release.manifest
            let own: [String: Any] = [
                "release": manifest.name, "manifest_sha256": release.manifestSHA256.hexadecimal,
                "fusion": ["llm": manifest.fusion.llm, "srs": manifest.fusion.srs],
            ]
            return Part(
                heading: Heading(
                    text: "release \(manifest.name), \(shared), fusion "
                        + "\(Figures.decimal(manifest.fusion.llm, 3)) LLM + "
                        + "\(Figures.decimal(manifest.fusion.srs, 3)) SRS",
                    fields: fields.merging(own) { $1 }), tables: summary.tables
            )
        }
    }

    /// What the running services answered.
    init(_ answers: CaseAnswers, seed: UInt64) {
        let summary = EvaluationSummary(
            answers.scored, weights: answers.weights, prompts: nil, seed: seed)
        let counts = answers.counts
        let name = answers.provenance?.release ?? ""
        comparison = nil
        parts = [
            Part(
                heading: Heading(
                    text: "release \(name) as it runs, \(answers.scored.count) cases, "
                        + "\(counts.degraded) degraded answers, "
                        + "\(counts.withoutTarget) without the target, fusion "
                        + "\(Figures.decimal(answers.weights.llm, 3)) LLM + "
                        + "\(Figures.decimal(answers.weights.srs, 3)) SRS",
                    fields: [
                        "release": name,
                        "manifest_sha256": answers.provenance?.manifestSHA256.hexadecimal ?? "",
                        "cases": answers.scored.count, "degraded_answers": counts.degraded,
                        "cases_without_target": counts.withoutTarget, "seed": seed,
                        "fusion": ["llm": answers.weights.llm, "srs": answers.weights.srs],
                        "interval": 0.95,
                    ]), tables: summary.tables)
        ]
    }

    /// A line a ranker, one table a protocol.
    func text(inMarkdown isMarkdown: Bool) -> String {
        var texts: [String] = []
        for part in parts {
            texts.append(part.heading.text)
            for table in part.tables { texts.append(Self.text(table, isMarkdown)) }
        }
        if let comparison { texts.append(Self.text(comparison, isMarkdown)) }
        return texts.joined(separator: "\n\n") + "\n"
    }

    /// One JSON object and a newline.
    func json() throws -> String {
        var objects: [[String: Any]] = []
        for part in parts {
            var object = part.heading.fields
            for table in part.tables { object[table.name] = Self.object(table) }
            objects.append(object)
        }
        var whole: [String: Any] = objects.count == 1 ? objects[0] : ["releases": objects]
        if let comparison { whole["comparison"] = Self.object(comparison) }
        let encoded = try JSONSerialization.data(withJSONObject: whole, options: [.sortedKeys])
        return String(decoding: encoded, as: UTF8.self) + "\n"
    }

    private static func text(_ table: EvaluationTable, _ isMarkdown: Bool) -> String {
        let counts = Set(table.rows.flatMap(\.cells).compactMap { $0?.count })
        let showsCounts = counts.count > 1
        let title = table.title + (showsCounts ? "" : ", N = \(counts.first ?? 0)")
        let cells = table.rows.map { row in
            [row.title] + row.cells.map { cell($0, withCount: showsCounts) }
        }
        let header = [""] + table.columns.map(\.title)
        guard isMarkdown else {
            var lines = TextTable(
                [.left(header[0])] + header.dropFirst().map { .left($0) })
            for row in cells { lines.add(row) }
            return title + "\n" + lines.text
        }
        let rows = [header, header.map { _ in "---" }] + cells
        return title + "\n\n"
            + rows.map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }

    private static func cell(_ interval: BootstrapInterval?, withCount: Bool) -> String {
        guard let interval else { return "-" }
        let figures = [interval.mean, interval.low, interval.high].map { Figures.decimal($0, 4) }
        return "\(figures[0]) [\(figures[1]), \(figures[2])]"
            + (withCount ? " N \(interval.count)" : "")
    }

    private static func object(_ table: EvaluationTable) -> [String: Any] {
        var object: [String: Any] = [:]
        for row in table.rows {
            var cells: [String: [String: Double]] = [:]
            for (column, cell) in zip(table.columns, row.cells) {
                guard let cell else { continue }
                cells[column.name] = [
                    "mean": cell.mean, "low": cell.low, "high": cell.high,
                    "users": Double(cell.count),
                ]
            }
            object[row.name] = cells
        }
        return object
    }
}
