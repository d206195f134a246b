/// Titles that tell items apart within one prompt.
///
/// An equal title gets " (year)" where every year differs, and else " (id)": two candidates with
/// one text would always get one score.
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
        for group in Dictionary(grouping: entries, by: { singleLine($0.title) }).values {
            for (entry, title) in zip(group, distinct(group)) { result[entry.id] = title }
        }
        // A disambiguated title can equal another item's own; the id settles that too.
        for (title, ids) in Dictionary(grouping: result.keys, by: { result[$0] ?? "" })
        where ids.count > 1 {
            for id in ids { result[id] = "\(title) (\(id))" }
        }
        return result
    }

    private static func distinct(_ group: [Entry]) -> [String] {
        let titles = group.map { singleLine($0.title) }
        guard group.count > 1 else { return titles }
        let years = group.compactMap(\.year)
        let byYear = Set(years).count == group.count
        return zip(group, titles).map { entry, title in
            "\(title) (\(byYear ? entry.year ?? entry.id : entry.id))"
        }
    }

    /// A newline ends the answer, so a title must not hold one.
    private static func singleLine(_ title: String) -> String {
        title.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
