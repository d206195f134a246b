/// A text on a terminal that a better one takes the place of.
struct LiveText {
    private var shownRows = 0

    /// What to write to show `text` instead of the text before.
    ///
    /// Where the text before has scrolled away in part, both stay.
    mutating func frame(_ text: String, in terminal: Terminal) -> String {
        let old = shownRows
        shownRows = terminal.rowCount(of: text)
        guard old > 0 else { return text + "\n" }
        let canErase = terminal.rows.map { old < $0 } ?? false
        return (canErase ? "\u{1B}[\(old)A\r\u{1B}[J" : "\n") + text + "\n"
    }
}
