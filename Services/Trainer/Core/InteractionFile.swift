/// One row of an interaction file.
public struct Interaction: Sendable, Hashable {
    /// The user's external id.
    public let userID: String
    /// The item's external id.
    public let itemID: String
    /// The rating given, in the data set's own scale.
    public let rating: Float
    /// Unix time in seconds.
    public let timeSeconds: Int64

    /// Makes an interaction.
    public init(userID: String, itemID: String, rating: Float, timeSeconds: Int64) {
        self.userID = userID
        self.itemID = itemID
        self.rating = rating
        self.timeSeconds = timeSeconds
    }
}

extension Interaction {
    /// Reads a `.inter` file with the columns user_id, item_id, rating and timestamp.
    ///
    /// - Returns: the interactions in the file's order, which later breaks ties of time.
    /// - Throws: ``DataError`` with the line of the first row that is malformed.
    public static func parse(
        _ bytes: [UInt8], source: String
    ) throws(DataError) -> [Interaction] {
        let table = try AtomicTable(bytes: bytes, source: source)
        let user = try table.position(of: "user_id")
        let item = try table.position(of: "item_id")
        let rating = try table.position(of: "rating")
        let time = try table.position(of: "timestamp")
        var interactions: [Interaction] = []
        interactions.reserveCapacity(table.rows.count)
        for row in table.rows {
            func wrong(_ message: String) -> DataError {
                DataError(source: source, line: row.line, message: message)
            }
            guard !row.fields[user].isEmpty else { throw wrong("the user id is empty") }
            guard !row.fields[item].isEmpty else { throw wrong("the item id is empty") }
            guard let value = Float(row.fields[rating]), value.isFinite else {
                throw wrong("the rating is no finite number")
            }
            guard let seconds = Self.seconds(row.fields[time]) else {
                throw wrong("the timestamp is no number of seconds between 0 and 2^53")
            }
            interactions.append(
                Interaction(
                    userID: String(row.fields[user]), itemID: String(row.fields[item]),
                    rating: value, timeSeconds: seconds))
        }
        return interactions
    }

    /// RecBole types times as float; beyond 2^53 a double skips seconds.
    private static func seconds(_ text: Substring) -> Int64? {
        let limit: Int64 = 1 << 53
        if let whole = Int64(text) { return (0...limit).contains(whole) ? whole : nil }
        guard let value = Double(text), value >= 0, value <= Double(limit) else { return nil }
        return Int64(value)
    }
}
