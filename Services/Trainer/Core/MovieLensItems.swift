/// One item of MovieLens: what the catalog shows of it.
public struct MovieLensItem: Sendable, Hashable {
    /// The external id.
    public let id: String
    /// The title as people read it; see ``MovieTitle``.
    public let title: String
    /// The year of release; nil when the file names none.
    public let year: Int?
    /// The genres, in the file's order.
    public let genres: [String]

    /// Makes an item.
    public init(id: String, title: String, year: Int?, genres: [String]) {
        self.id = id
        self.title = title
        self.year = year
        self.genres = genres
    }

    /// Reads a `.item` file with the columns item_id, movie_title, release_year and class.
    ///
    /// - Returns: the items in the file's order, titles cleaned up.
    /// - Throws: ``DataError`` with the line of a row without id or title, or with a second row for
    ///   one id.
    public static func parse(
        _ bytes: [UInt8], source: String
    ) throws(DataError) -> [MovieLensItem] {
        let table = try AtomicTable(bytes: bytes, source: source)
        let id = try table.position(of: "item_id")
        let title = try table.position(of: "movie_title")
        let year = try table.position(of: "release_year")
        let genres = try table.position(of: "class")
        var seen: Set<Substring> = []
        var items: [MovieLensItem] = []
        items.reserveCapacity(table.rows.count)
        for row in table.rows {
            func wrong(_ message: String) -> DataError {
                DataError(source: source, line: row.line, message: message)
            }
            guard !row.fields[id].isEmpty else { throw wrong("the item id is empty") }
            guard seen.insert(row.fields[id]).inserted else {
                throw wrong("a second row for one item")
            }
            let cleaned = MovieTitle(raw: String(row.fields[title]))
            guard !cleaned.text.isEmpty else { throw wrong("the title is empty") }
            items.append(
                MovieLensItem(
                    id: String(row.fields[id]), title: cleaned.text,
                    year: MovieTitle.year(row.fields[year]) ?? cleaned.year,
                    genres: row.fields[genres].split(separator: " ").map(String.init)))
        }
        return items
    }
}
