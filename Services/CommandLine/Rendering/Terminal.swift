/// What the stream that takes a text can show.
struct Terminal: Sendable, Equatable {
    /// How a text stands out; only where ``Terminal/hasColour``.
    enum Style: String { case bold = "1", dim = "2", red = "31", yellow = "33" }

    /// Columns of a line; nil where no person looks: a pipe or a file.
    var columns: Int?
    /// Lines of a screen; nil where nothing that was written can be taken back.
    var rows: Int?
    /// Whether escape sequences for colours are obeyed.
    var hasColour = false

    /// A pipe or a file.
    static let none = Terminal()

    /// The text in a style; as it is where there is no colour.
    func styled(_ text: String, _ style: Style) -> String {
        hasColour && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Rows that a text takes, lines beyond the width wrapped by the terminal.
    func rowCount(of text: String) -> Int {
        text.split(separator: "\n", omittingEmptySubsequences: false).reduce(0) { rows, line in
            let width = DisplayText.width(Self.withoutStyles(line))
            return rows + max(1, columns.map { (width + $0 - 1) / $0 } ?? 1)
        }
    }

    private static func withoutStyles(_ line: Substring) -> String {
        var text = ""
        var isEscape = false
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if !isEscape { text.append(character) }
            if character == "m" { isEscape = false }
        }
        return text
    }
}
