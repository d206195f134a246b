import Domain

/// A user's items in the order of time.
public struct UserSequence: Sendable, Hashable {
    /// The user's external id.
    public let userID: String
    /// The items' external ids, oldest first.
    public let itemIDs: [String]

    /// Makes a sequence.
    public init(userID: String, itemIDs: [String]) {
        self.userID = userID
        self.itemIDs = itemIDs
    }
}

/// One row to be answered, namely which item follows this history.
public struct EvaluationCase: Sendable, Hashable {
    /// The user's external id.
    public let userID: String
    /// The items before the target, oldest first, at least one.
    public let history: [String]
    /// The item to be found.
    public let target: String

    /// Makes a row.
    public init(userID: String, history: [String], target: String) {
        self.userID = userID
        self.history = history
        self.target = target
    }
}

/// What a ``SplitRule`` yields for one data set.
///
/// Ties of time are broken by the order of the file: of the rules tried (file order, item id, both
/// reversed, rating first) it gives the most of LLaRA's published MovieLens rows exactly.
public struct Split: Sendable {
    /// The rule.
    public let rule: SplitRule
    /// What training may see, a sequence a user.
    public let training: [UserSequence]
    /// What early stopping and fitting may see: the validation users' sequences, as far as they are
    /// known, where those are other users than the training's; empty under leave-one-out.
    public let validationSequences: [UserSequence]
    /// One row a validation user.
    public let validation: [EvaluationCase]
    /// One row a test user.
    public let test: [EvaluationCase]
    /// Users with too few interactions for a row; under leave-one-out they still train.
    public let usersWithoutRow: Int

    /// Applies `rule` to interactions in the file's order.
    ///
    /// - Parameter minimumRating: the least rating that ``SplitRule/users`` keeps; nil keeps all, as
    ///   interactions without a rating always are.
    public init(_ interactions: [Interaction], rule: SplitRule, minimumRating: Float? = nil) {
        self.rule = rule
        let sequences = Self.sequences(
            interactions, minimumRating: rule == .users ? minimumRating : nil)
        switch rule {
        case .users:
            // In integers: 0.8 * 1,220 is not 976 in every rounding.
            let trainCount = sequences.count * 8 / 10
            let validationEnd = trainCount + sequences.count / 10
            training = Array(sequences[..<trainCount])
            validationSequences = Array(sequences[trainCount..<validationEnd])
            let testUsers = sequences[validationEnd...]
            validation = validationSequences.compactMap { Self.lastRow($0, rule: rule) }
            test = testUsers.compactMap { Self.lastRow($0, rule: rule) }
            usersWithoutRow =
                sequences.count - trainCount - validation.count - test.count
        case .leaveOneOut:
            let long = sequences.filter { $0.itemIDs.count >= 3 }
            training = sequences.map { user in
                user.itemIDs.count < 3
                    ? user
                    : UserSequence(userID: user.userID, itemIDs: user.itemIDs.dropLast(2))
            }
            validationSequences = []
            validation = long.compactMap { user in
                Self.lastRow(
                    UserSequence(userID: user.userID, itemIDs: user.itemIDs.dropLast()),
                    rule: rule)
            }
            test = long.compactMap { Self.lastRow($0, rule: rule) }
            usersWithoutRow = sequences.count - long.count
        case .published:
            let parts = Dictionary(
                interactions.map { ($0.userID, $0.part ?? .train) }, uniquingKeysWith: { $1 })
            training = sequences.filter { parts[$0.userID] == .train }
            validationSequences = sequences.filter { parts[$0.userID] == .validation }
            validation = validationSequences.compactMap { Self.lastRow($0, rule: rule) }
            test = sequences.filter { parts[$0.userID] == .test }
                .compactMap { Self.lastRow($0, rule: rule) }
            usersWithoutRow =
                sequences.count - training.count - validation.count - test.count
        }
    }

    /// The last item with the history before it; nil for fewer than two items.
    private static func lastRow(_ user: UserSequence, rule: SplitRule) -> EvaluationCase? {
        guard user.itemIDs.count >= 2, let target = user.itemIDs.last else { return nil }
        let before = user.itemIDs.dropLast()
        return EvaluationCase(
            userID: user.userID, history: Array(before.suffix(rule.historyLimit ?? before.count)),
            target: target)
    }

    /// Every user's kept items by (time, place in the file); users by the first of them.
    private static func sequences(
        _ interactions: [Interaction], minimumRating: Float?
    ) -> [UserSequence] {
        struct Place {
            let time: Int64
            let row: Int
            static func precedes(_ first: Place, _ second: Place) -> Bool {
                (first.time, first.row) < (second.time, second.row)
            }
        }
        var places: [String: [Place]] = [:]
        for (row, interaction) in interactions.enumerated()
        where interaction.rating ?? .infinity >= minimumRating ?? -.infinity {
            places[interaction.userID, default: []].append(
                Place(time: interaction.timeSeconds ?? 0, row: row))
        }
        return places.map { user, unsorted in (user, unsorted.sorted(by: Place.precedes)) }
            .sorted { Place.precedes($0.1[0], $1.1[0]) }
            .map { user, sorted in
                UserSequence(
                    userID: user, itemIDs: sorted.map { interactions[$0.row].itemID })
            }
    }
}

extension Split {
    /// The split as text, a row a line, the same for the same rule and data: hash it to name it.
    public var canonicalText: [UInt8] {
        var text = "llara-split\t\(rule.rawValue)\t\(rule.version)\n"
        for user in training {
            text += "train\t\(user.userID)\t\(user.itemIDs.joined(separator: ","))\n"
        }
        for user in validationSequences {
            text += "validation-sequence\t\(user.userID)\t"
            text += "\(user.itemIDs.joined(separator: ","))\n"
        }
        for (part, rows) in [("validation", validation), ("test", test)] {
            for row in rows {
                text += "\(part)\t\(row.userID)\t\(row.history.joined(separator: ","))"
                text += "\t\(row.target)\n"
            }
        }
        return Array(text.utf8)
    }

    /// A 64-bit hash of ``canonicalText``, for tests and file names.
    public var stableHash: UInt64 {
        var hash = StableHash()
        hash.combine(String(decoding: canonicalText, as: UTF8.self))
        return hash.value
    }
}
