/// Titles that tell items apart within one prompt.
///
/// An equal title gets " (year)" where every year differs, and else " (id)": two candidates with
/// one text would always get one score. Titles are cut first, so that no item's title can take
/// the room of the others.
public enum DistinctTitles {
    /// An item whose title may collide.
    public struct Entry: Sendable {
        /// External id, unique.
        public let id: String
        /// Title as the catalog has it.
        public let title: String
        /// Attribute `year`, if there is one.
        public let year: String?

        /// Makes an entry.
        public init(id: String, title: String, year: String?) {
            self.id = id
            self.title = title
            self.year = year
        }
    }

    /// The title to show for every id.
    public static func titles(_ entries: [Entry]) -> [String: String] {
        var result: [String: String] = [:]
        for group in Dictionary(grouping: entries, by: { shown($0.title) }).values {
            for (entry, title) in zip(group, distinct(group)) { result[entry.id] = title }
        }
        // A disambiguated title can equal another item's own; the id settles that too.
        for (title, ids) in Dictionary(grouping: result.keys, by: { result[$0] ?? "" })
        where ids.count > 1 {
            for (id, mark) in marks(ids) { result[id] = "\(title) (\(mark))" }
        }
        return result
    }

    private static func distinct(_ group: [Entry]) -> [String] {
        let titles = group.map { shown($0.title) }
        guard group.count > 1 else { return titles }
        let years = group.compactMap(\.year).filter(isMark)
        let byYear = Set(years).count == group.count
        let marks = marks(group.map(\.id))
        return zip(group, titles).map { entry, title in
            "\(title) (\(byYear ? entry.year ?? entry.id : marks[entry.id] ?? entry.id))"
        }
    }

    /// By id: the id itself, or its place among `ids` where it is too long to show.
    private static func marks(_ ids: [String]) -> [String: String] {
        let sorted = ids.sorted()
        return Dictionary(
            sorted.enumerated().map { ($1, isMark($1) ? $1 : "no. \($0 + 1)") },
            uniquingKeysWith: { first, _ in first })
    }

    private static func isMark(_ text: String) -> Bool {
        text.utf8.count <= RecommendLimits.maximumTitleMarkBytes
    }

    /// One line, since a newline ends the answer, cut between two characters.
    private static func shown(_ title: String) -> String {
        // Most titles stay as they are; going through their characters would be a call's time.
        if title.utf8.count <= RecommendLimits.maximumShownTitleBytes,
            title.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        {
            return title
        }
        let line = title.split(whereSeparator: \.isNewline).joined(separator: " ")
        var left = RecommendLimits.maximumShownTitleBytes
        return String(
            line.prefix { character in
                left -= character.utf8.count
                return left >= 0
            })
    }
}
