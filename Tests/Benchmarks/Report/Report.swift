public import Foundation

/// The figures of one run, for people and for programs.
public struct Report: Sendable {
    /// Where it was measured.
    public let machine: Machine
    /// In the order in which they are shown.
    public let figures: [Figure]
    /// Said below the table: what else was checked in the run.
    public let notes: [String]

    /// Notes are whole sentences.
    public init(machine: Machine, figures: [Figure], notes: [String] = []) {
        self.machine = machine
        self.figures = figures
        self.notes = notes
    }

    /// Whether every target of the run is reached.
    public var isReached: Bool {
        figures.allSatisfy { figure in
            figure.baselines.allSatisfy { figure.isReached(beside: $0) ?? true }
        }
    }

    /// The machine, then a table a figure.
    public var text: String {
        let build = machine.isOptimised ? "release build" : "DEBUG BUILD: figures say nothing"
        let head =
            "\(machine.processor), \(machine.cores) cores, load \(machine.loadAtStart) at start, "
            + "\(machine.system), \(build)"
        return ([head] + figures.map(table) + notes).joined(separator: "\n\n") + "\n"
    }

    private func table(_ figure: Figure) -> String {
        let header = ["", "value", "of", "median", "range", "ours / it", "target", ""]
        // Nothing stands beside a figure without baselines.
        let shown = figure.baselines.isEmpty ? 5 : header.count
        let rows = ([figure.ours] + figure.baselines).enumerated().map { index, entry in
            [
                entry.name, number(entry.value),
                "\(entry.statistic.rawValue) of \(entry.sample.values.count)",
                number(entry.sample.median),
                "\(number(entry.sample.minimum))–\(number(entry.sample.maximum))",
                index == 0 ? "" : number(figure.ratio(to: entry)),
                entry.target.map { describe($0, figure.unit) } ?? "",
                figure.isReached(beside: entry).map { $0 ? "reached" : "MISSED" } ?? "",
            ]
        }
        return "\(figure.name), \(figure.unit)\n"
            + columns(([header] + rows).map { Array($0.prefix(shown)) })
    }

    private func describe(_ target: Target, _ unit: String) -> String {
        switch target {
        case .ratioAtMost(let limit): "≤ \(number(limit))"
        case .ratioAtLeast(let limit): "≥ \(number(limit))"
        case .excessAtMost(let limit): "≤ it + \(number(limit)) \(unit)"
        }
    }

    private func columns(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + padding : padding + cell.0
            }
            let line = "  " + cells.joined(separator: "  ")
            return String(line.prefix(through: line.lastIndex { $0 != " " } ?? line.startIndex))
        }.joined(separator: "\n")
    }

    /// Three significant digits, and all digits before the point.
    private func number(_ value: Double) -> String {
        let size = abs(value)
        let digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }
}

extension Report {
    private struct Document: Encodable {
        struct Item: Encodable {
            let name: String
            let unit: String
            let ours: Contestant
            let baselines: [Contestant]
        }
        struct Contestant: Encodable {
            let name: String
            let statistic: Statistic
            let value: Double
            let median: Double
            let minimum: Double
            let maximum: Double
            let values: [Double]
            var ratio: Double?
            var target: String?
            var isReached: Bool?
        }
        let machine: Machine
        let figures: [Item]
        let notes: [String]
        let isReached: Bool
    }

    /// The same as one JSON object.
    public func json() throws -> Data {
        let items = figures.map { figure in
            func contestant(_ entry: Figure.Entry, _ isBaseline: Bool) -> Document.Contestant {
                Document.Contestant(
                    name: entry.name, statistic: entry.statistic, value: entry.value,
                    median: entry.sample.median, minimum: entry.sample.minimum,
                    maximum: entry.sample.maximum, values: entry.sample.values,
                    ratio: isBaseline ? figure.ratio(to: entry) : nil,
                    target: entry.target.map { describe($0, figure.unit) },
                    isReached: figure.isReached(beside: entry))
            }
            return Document.Item(
                name: figure.name, unit: figure.unit, ours: contestant(figure.ours, false),
                baselines: figure.baselines.map { contestant($0, true) })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(
            Document(machine: machine, figures: items, notes: notes, isReached: isReached))
    }
}
