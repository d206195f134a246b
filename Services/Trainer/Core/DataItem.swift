/// One item of a data set: what the catalog shows of it.
public struct DataItem: Sendable, Hashable {
    /// Anything else that is known, such as genres.
    public struct Attribute: Sendable, Hashable {
        /// The column's name, unique within the item.
        public let key: String
        /// What stands there, never empty.
        public let value: String

        /// Makes an attribute.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The external id.
    public let id: String
    /// The title as people read it, on one line.
    public let title: String
    /// The year of release, of four digits; nil when the file names none.
    public let year: Int?
    /// Further attributes in the columns' order.
    public let attributes: [Attribute]

    /// Makes an item.
    public init(id: String, title: String, year: Int? = nil, attributes: [Attribute] = []) {
        self.id = id
        self.title = title
        self.year = year
        self.attributes = attributes
    }
}

extension DataItem {
    /// Which column of a file holds what.
    public struct Columns: Sendable, Hashable {
        /// Column of the id.
        public var id: String
        /// Column of the title.
        public var title: String
        /// Column of the year; nil is none.
        public var year: String?
        /// Attributes as (key, column); nil takes every other column under its own name.
        public var attributes: [Attribute]?
        /// Whether titles are as MovieLens lists them: "Lion King, The (1994)"; see ``MovieTitle``.
        public var hasMovieTitles: Bool

        /// Makes a mapping.
        public init(
            id: String = "id", title: String = "title", year: String? = nil,
            attributes: [Attribute]? = nil, hasMovieTitles: Bool = false
        ) {
            self.id = id
            self.title = title
            self.year = year
            self.attributes = attributes
            self.hasMovieTitles = hasMovieTitles
        }

        /// RecBole's `.item` file of MovieLens.
        public static let movieLens = Columns(
            id: "item_id", title: "movie_title", year: "release_year",
            attributes: [Attribute(key: "genres", value: "class")], hasMovieTitles: true)
    }

    /// Reads the items of a file, in its order.
    ///
    /// Rejected are rows without id or title, a second row for one id, and what is longer than
    /// ``DataLimits`` allows; with `rejectsSharedTitles` also the second item of one title. A year that is not of four digits counts as none.
    /// - Throws: ``DataError`` for a missing column, or when `rejections` takes no more.
    public static func read(
        _ table: DataTable, columns: Columns, rejectsSharedTitles: Bool = false,
        rejections: inout Rejections
    ) throws(DataError) -> [DataItem] {
        let id = try table.position(of: columns.id)
        let title = try table.position(of: columns.title)
        let year = try table.position(of: columns.year)
        var attributes: [(key: String, position: Int)] = []
        if let named = columns.attributes {
            for attribute in named {
                attributes.append((attribute.key, try table.position(of: attribute.value)))
            }
        } else {
            attributes = table.columns.enumerated()
                .filter { ![id, title, year].contains($0.offset) }.map { ($0.element, $0.offset) }
        }
        guard attributes.count <= DataLimits.maximumAttributes else {
            throw DataError(
                source: table.source, line: 1,
                message: "\(attributes.count) attributes, more than \(DataLimits.maximumAttributes)"
            )
        }
        var seen: [String: Int] = [:]
        var titles: [String: Int] = [:]
        var items: [DataItem] = []
        try table.forEach(rejections: &rejections) { row in
            let id = row.text(id)
            if let problem = DataLimits.problem(ofID: id) { return "the item id \(problem)" }
            if let first = seen[id] { return "a second row for the item of line \(first)" }
            var shown = DataLimits.oneLine(row.text(title))
            var found = year.flatMap { MovieTitle.year(row.text($0)[...]) }
            if columns.hasMovieTitles {
                let cleaned = MovieTitle(raw: shown)
                (shown, found) = (cleaned.text, found ?? cleaned.year)
            }
            if let problem = DataLimits.problem(ofTitle: shown) { return "the title \(problem)" }
            var kept: [Attribute] = []
            for (key, position) in attributes {
                let value = DataLimits.oneLine(row.text(position))
                guard value.utf8.count <= DataLimits.maximumAttributeBytes else {
                    return "attribute \(key) has \(value.utf8.count) bytes, more than "
                        + "\(DataLimits.maximumAttributeBytes)"
                }
                if !value.isEmpty { kept.append(Attribute(key: key, value: value)) }
            }
            if rejectsSharedTitles, let first = titles[shown] {
                return "the title of line \(first): only ids, which follow the order of first "
                    + "appearance, would tell the two apart"
            }
            (seen[id], titles[shown]) = (row.line, row.line)
            items.append(DataItem(id: id, title: shown, year: found, attributes: kept))
            return nil
        }
        return items
    }
}
