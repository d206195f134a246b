/// Which candidate a freely generated text names.
public enum AnswerMatching: Sendable, CaseIterable {
    /// LLaRA's code (`calculate_hr1`): the one candidate whose name stands in the text, upper and
    /// lower case alike; with two of them the answer is invalid, even where one name is a part of
    /// the other.
    case substring
    /// The candidate of just this name, else the one with the longest name that stands in the
    /// text as whole words.
    case exactOrLongest

    /// The place of the candidate that `text` names; nil where the answer is invalid.
    public func candidate(named text: String, among names: [String]) -> Int? {
        switch self {
        case .substring:
            let text = Self.trimmed(text.lowercased())
            let found = names.indices.filter {
                let name = Self.trimmed(names[$0].lowercased())
                return !name.isEmpty && text.contains(name)
            }
            return found.count == 1 ? found[0] : nil
        case .exactOrLongest:
            let words = Self.words(text)
            let named = names.map(Self.words)
            let exact = named.indices.filter { !words.isEmpty && named[$0] == words }
            if !exact.isEmpty { return exact.count == 1 ? exact[0] : nil }
            let found = named.indices.filter { Self.contains(words, named[$0]) }
            let longest = found.map { named[$0].count }.max()
            let best = found.filter { named[$0].count == longest }
            return best.count == 1 ? best[0] : nil
        }
    }

    private static func trimmed(_ text: String) -> Substring {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    /// Words in lower case, without blanks and punctuation; a text of nothing else is its own
    /// word, so that a title such as "$" can be named.
    private static func words(_ text: String) -> [Substring] {
        let lower = text.lowercased()
        let words = lower.split { !$0.isLetter && !$0.isNumber }
        return words.isEmpty ? lower.split(whereSeparator: \.isWhitespace) : words
    }

    private static func contains(_ words: [Substring], _ part: [Substring]) -> Bool {
        guard !part.isEmpty, part.count <= words.count else { return false }
        return (0...words.count - part.count).contains { start in
            words[start..<start + part.count].elementsEqual(part)
        }
    }
}
