/// Text as a terminal shows it.
enum DisplayText {
    /// Columns that `text` takes: East Asian wide characters and emoji two, the rest one.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// The text on one line, without anything that a terminal would obey; titles come from outside.
    static func line(_ text: String) -> String {
        String(
            text.map { character in
                let isControl = character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control
                        || $0.properties.generalCategory == .format
                            && character.unicodeScalars.count == 1
                }
                return isControl ? (character.isWhitespace ? " " : "\u{FFFD}") : character
            })
    }

    /// The same with its newlines kept.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            .joined(separator: "\n")
    }

    /// The text cut to `limit` columns, the last of them an ellipsis.
    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var kept = ""
        var used = 0
        for character in text {
            used += width(character)
            if used > limit - 1 { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// The text in lines of at most `limit` columns, broken at blanks where it has any.
    static func wrapped(_ text: String, to limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, width(line) + 1 + width(String(word)) <= limit {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = String(word)
            while width(line) > limit, limit > 1 {
                var head = ""
                while let next = line.first, width(head) + width(next) <= limit {
                    head.append(line.removeFirst())
                }
                lines.append(head)
            }
        }
        return lines + [line]
    }

    /// Unicode Standard Annex 11, by the blocks that matter here.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
        0x20000...0x3FFFD,
    ]

    private static func width(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        let isWide =
            character.unicodeScalars.contains { $0.value == 0xFE0F }
            || wide.contains { $0.contains(first.value) }
        return isWide ? 2 : 1
    }
}
