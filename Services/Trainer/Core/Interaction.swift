/// A user did something with an item.
public struct Interaction: Sendable, Hashable {
    /// The part of a published split that a user belongs to.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// What training may see.
        case train
        /// What early stopping and fitting may see.
        case validation
        /// What nothing may see before the end.
        case test
    }

    /// The user's external id.
    public let userID: String
    /// The item's external id.
    public let itemID: String
    /// The rating given, in the data set's own scale; nil without ratings.
    public let rating: Float?
    /// Unix time in seconds; nil without times, where the file's order is that of time.
    public let timeSeconds: Int64?
    /// The user's part where the data set comes divided.
    public let part: Part?

    /// Makes an interaction.
    public init(
        userID: String, itemID: String, rating: Float? = nil, timeSeconds: Int64? = nil,
        part: Part? = nil
    ) {
        self.userID = userID
        self.itemID = itemID
        self.rating = rating
        self.timeSeconds = timeSeconds
        self.part = part
    }
}

extension Interaction {
    /// Which column of a file holds what; nil is none.
    public struct Columns: Sendable, Hashable {
        /// Column of the user's id.
        public var user: String
        /// Column of the item's id.
        public var item: String
        /// Column of the rating.
        public var rating: String?
        /// Column of the time in Unix seconds.
        public var time: String?
        /// Column of the user's part: train, validation or test.
        public var part: String?

        /// Makes a mapping.
        public init(
            user: String = "user", item: String = "item", rating: String? = nil,
            time: String? = nil, part: String? = nil
        ) {
            self.user = user
            self.item = item
            self.rating = rating
            self.time = time
            self.part = part
        }

        /// RecBole's `.inter` file.
        public static let recBole = Columns(
            user: "user_id", item: "item_id", rating: "rating", time: "timestamp")
    }

    /// Reads the interactions of a file, in its order, which later breaks ties of time.
    ///
    /// Rejected are rows with a malformed value, with an item that `isKnown` denies, of a user who
    /// stands in another part before, and, with `rejectsRepetitions`, those with the user, item and
    /// time of a row before.
    /// - Throws: ``DataError`` for a missing column, or when `rejections` takes no more.
    public static func read(
        _ table: DataTable, columns: Columns, isKnown: (String) -> Bool,
        rejectsRepetitions: Bool = false, rejections: inout Rejections
    ) throws(DataError) -> [Interaction] {
        let places = try Places(columns, in: table)
        var interactions: [Interaction] = []
        var events: Set<Event> = []
        var parts: [String: Part] = [:]
        try table.forEach(rejections: &rejections) { row in
            switch places.interaction(row) {
            case .failure(let reason): return reason.text
            case .success(let found):
                guard isKnown(found.itemID) else { return "an item that the item file lacks" }
                if let part = found.part,
                    parts.updateValue(part, forKey: found.userID) ?? part != part
                {
                    return "a user who is in another part, too"
                }
                if rejectsRepetitions, let time = found.timeSeconds,
                    !events.insert(Event(user: found.userID, item: found.itemID, time: time))
                        .inserted
                {
                    return "a repetition: the same user, item and time as a row before"
                }
                interactions.append(found)
                return nil
            }
        }
        return interactions
    }

    private struct Event: Hashable {
        let user: String
        let item: String
        let time: Int64
    }

    private struct Reason: Error {
        let text: String
    }

    private struct Places {
        let user: Int
        let item: Int
        let rating: Int?
        let time: Int?
        let part: Int?

        init(_ columns: Columns, in table: DataTable) throws(DataError) {
            user = try table.position(of: columns.user)
            item = try table.position(of: columns.item)
            rating = try table.position(of: columns.rating)
            time = try table.position(of: columns.time)
            part = try table.position(of: columns.part)
        }

        func interaction(_ row: DataTable.Row) -> Result<Interaction, Reason> {
            let (user, item) = (row.text(user), row.text(item))
            if let problem = DataLimits.problem(ofID: user) {
                return .failure(Reason(text: "the user id \(problem)"))
            }
            if let problem = DataLimits.problem(ofID: item) {
                return .failure(Reason(text: "the item id \(problem)"))
            }
            let rating = rating.map { Float(row.text($0)) ?? .nan }
            guard rating?.isFinite != false else {
                return .failure(Reason(text: "the rating is no finite number"))
            }
            let seconds = time.map { Interaction.seconds(row.text($0)) ?? -1 }
            guard seconds ?? 0 >= 0 else {
                return .failure(
                    Reason(text: "the time is no number of seconds between 0 and 2^53"))
            }
            let part = part.map { Part(rawValue: row.text($0)) }
            if case .some(nil) = part {
                return .failure(Reason(text: "the part is not one of train, validation, test"))
            }
            return .success(
                Interaction(
                    userID: user, itemID: item, rating: rating, timeSeconds: seconds,
                    part: part ?? nil))
        }
    }

    /// RecBole types times as float; beyond 2^53 a double skips seconds.
    private static func seconds(_ text: String) -> Int64? {
        let limit: Int64 = 1 << 53
        if let whole = Int64(text) { return (0...limit).contains(whole) ? whole : nil }
        guard let value = Double(text), value >= 0, value <= Double(limit) else { return nil }
        return Int64(value)
    }
}
