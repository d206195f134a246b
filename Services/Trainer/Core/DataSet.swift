/// A data set, split by a rule.
public struct DataSet: Sendable {
    /// The folder's name.
    public let name: String
    /// What its items are; it decides the prompts' words.
    public let domain: String
    /// The catalog in the file's order: a release's vocabulary.
    public let items: [DataItem]
    /// What the rule yields.
    public let split: Split
    /// Every item each user is known to have interacted with, whatever the rating.
    public let seen: [String: Set<String>]
    private let positions: [String: Int]

    /// Splits `interactions`, whose items must all be among `items`.
    ///
    /// - Parameters:
    ///   - minimumRating: the least rating that ``SplitRule/users`` keeps; nil keeps all.
    /// - Throws: ``DataError`` when the rule is ``SplitRule/published`` and the interactions are in
    ///   no parts.
    public init(
        name: String, domain: String, items: [DataItem], interactions: [Interaction],
        minimumRating: Float?, rule: SplitRule
    ) throws(DataError) {
        guard rule != .published || interactions.contains(where: { $0.part != nil }) else {
            throw DataError(
                source: name,
                message: "does not come divided into train, validation and test",
                advice: "--split users or leave-one-out")
        }
        self.name = name
        self.domain = domain
        self.items = items
        split = Split(interactions, rule: rule, minimumRating: minimumRating)
        seen = interactions.reduce(into: [:]) { $0[$1.userID, default: []].insert($1.itemID) }
        var positions: [String: Int] = [:]
        for (position, item) in items.enumerated() { positions[item.id] = position }
        self.positions = positions
    }

    /// The item's place in ``items``.
    public func position(of itemID: String) -> Int? { positions[itemID] }
}
