/// Rows under a header, columns aligned by what a terminal shows.
struct TextTable {
    /// A column.
    struct Column {
        enum Alignment { case left, right }

        /// Name and unit.
        var title: String
        var alignment: Alignment
        /// Columns of the terminal beyond which a cell is cut; nil is never.
        var limit: Int?

        static func left(_ title: String, limit: Int? = nil) -> Column {
            Column(title: title, alignment: .left, limit: limit)
        }

        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }

        /// Titles: a long one must not push the figures out of sight.
        static let itemTitle = left("Title", limit: 60)
    }

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

    /// The lines, header first, each without blanks at its end.
    var text: String {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { index in
            all.map { DisplayText.width($0[index]) }.max() ?? 0
        }
        return all.map { line(of: $0, widths) }.joined(separator: "\n")
    }

    private func line(of cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let blanks = String(repeating: " ", count: widths[index] - DisplayText.width(cell))
            line += index > 0 ? "  " : ""
            line += columns[index].alignment == .left ? cell + blanks : blanks + cell
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
