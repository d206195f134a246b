/// Rows under a header, columns aligned by what a terminal shows.
struct TextTable {
    /// A column.
    struct Column {
        enum Alignment { case left, right }

        /// Narrowest that a column becomes for a narrow terminal.
        static let minimum = 10

        /// Name and unit.
        var title: String
        var alignment: Alignment
        /// Columns of the terminal beyond which a cell is cut; nil is never.
        var limit: Int?
        /// Whether cells are cut further where the terminal is narrow.
        var shrinks = false

        static func left(_ title: String, limit: Int? = nil, shrinks: Bool = false) -> Column {
            Column(title: title, alignment: .left, limit: limit, shrinks: shrinks)
        }

        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }

        /// Titles: a long one must not push the figures out of sight.
        static let itemTitle = left("Title", limit: 60, shrinks: true)
    }

    private static let gap = 2

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; missing cells are empty.
    mutating func add(_ cells: [String]) {
        rows.append(
            columns.indices.map { index in
                let cell = index < cells.count ? DisplayText.line(cells[index]) : ""
                return columns[index].limit.map { DisplayText.cut(cell, to: $0) } ?? cell
            })
    }

    /// The lines for a pipe or a file.
    var text: String { text(in: .none) }

    /// The lines, header first, each without blanks at its end.
    func text(in terminal: Terminal) -> String {
        let widths = widths(within: terminal.columns)
        let header = line(of: columns.map(\.title), widths)
        return ([terminal.styled(header, .bold)] + rows.map { line(of: $0, widths) })
            .joined(separator: "\n")
    }

    /// As wide as the widest cell; where that is too much, the widest that may shrink do.
    private func widths(within limit: Int?) -> [Int] {
        let all = [columns.map(\.title)] + rows
        var widths = columns.indices.map { index in
            all.map { DisplayText.width($0[index]) }.max() ?? 0
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
        while excess > 0 {
            let candidates = columns.indices.filter {
                columns[$0].shrinks && widths[$0] > Column.minimum
            }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(of cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let shown = DisplayText.cut(cell, to: widths[index])
            let blanks = String(repeating: " ", count: widths[index] - DisplayText.width(shown))
            line += index > 0 ? String(repeating: " ", count: Self.gap) : ""
            line += columns[index].alignment == .left ? shown + blanks : blanks + shown
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
