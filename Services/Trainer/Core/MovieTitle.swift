/// A movie's title as people read it, made from the form that lists sort by.
///
/// "Lion King, The" becomes "The Lion King", also before a title in brackets: "Blue Angel, The (Blaue
/// Engel, Der)" becomes "The Blue Angel (Blaue Engel, Der)". The article is found as a suffix of the
/// main title, never inside it, and only English articles move: "Postino, Il" is how the film is
/// listed and stays. A year in brackets at the end is taken off: a prompt gets it only where two
/// titles are equal.
public struct MovieTitle: Sendable, Hashable {
    /// The title.
    public let text: String
    /// The year that stood at its end.
    public let year: Int?

    /// Cleans up `raw`, the title as the data set has it.
    public init(raw: String) {
        var rest = Self.trimmed(raw[...])
        var year: Int?
        if rest.hasSuffix(")"), let open = rest.lastIndex(of: "(") {
            let inside = rest[rest.index(after: open)...].dropLast()
            if let found = Self.year(inside), open != rest.startIndex {
                year = found
                rest = Self.trimmed(rest[..<open])
            }
        }
        let (main, bracket) = Self.split(rest)
        self.text = Self.articleFirst(main) + (bracket.isEmpty ? "" : " " + bracket)
        self.year = year
    }

    /// A year of four digits; nil for anything else.
    static func year(_ text: Substring) -> Int? {
        guard text.utf8.count == 4, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    /// The main title and the bracket that ends the whole, if one does.
    private static func split(_ title: Substring) -> (main: Substring, bracket: Substring) {
        guard title.hasSuffix(")"), let open = title.firstIndex(of: "("), open != title.startIndex
        else { return (title, "") }
        let main = trimmed(title[..<open])
        return main.isEmpty ? (title, "") : (main, title[open...])
    }

    private static func articleFirst(_ title: Substring) -> String {
        for article in ["The", "An", "A"] where title.hasSuffix(", \(article)") {
            let main = trimmed(title.dropLast(article.count + 2))
            return main.isEmpty ? String(title) : "\(article) \(main)"
        }
        return String(title)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
