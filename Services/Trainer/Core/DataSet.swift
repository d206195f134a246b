/// A data folder in RecBole's layout, read and split.
public struct DataSet: Sendable {
    /// Largest data file in bytes; whoever reads the files keeps to it.
    public static let maximumFileBytes = 1 << 30

    /// The folder's name.
    public let name: String
    /// The catalog in the file's order: a release's vocabulary.
    public let items: [MovieLensItem]
    /// What the rule yields.
    public let split: Split
    /// Every item each user ever interacted with, whatever the rating.
    public let seen: [String: Set<String>]
    private let positions: [String: Int]

    /// Reads the one `.inter` and the one `.item` file of a folder.
    ///
    /// - Parameters:
    ///   - directory: the folder.
    ///   - fileNames: what is in it.
    ///   - read: gives a path's bytes.
    /// - Throws: ``DataError`` for missing or malformed files and for interactions with items that
    ///   the item file lacks, and whatever `read` throws.
    public init(
        directory: String, fileNames: [String], rule: SplitRule,
        read: (String) throws -> [UInt8]
    ) throws {
        let interactionFile = try Self.path(directory, fileNames, suffix: ".inter")
        let itemFile = try Self.path(directory, fileNames, suffix: ".item")
        let interactions = try Interaction.parse(read(interactionFile), source: interactionFile)
        items = try MovieLensItem.parse(read(itemFile), source: itemFile)
        var positions: [String: Int] = [:]
        for (position, item) in items.enumerated() { positions[item.id] = position }
        for (row, interaction) in interactions.enumerated()
        where positions[interaction.itemID] == nil {
            throw DataError(
                source: interactionFile, line: row + 2,
                message: "an item that \(itemFile) does not have")
        }
        self.positions = positions
        name = directory.split(separator: "/").last.map(String.init) ?? "data"
        split = Split(interactions, rule: rule)
        seen = interactions.reduce(into: [:]) { $0[$1.userID, default: []].insert($1.itemID) }
    }

    /// The item's place in ``items``.
    public func position(of itemID: String) -> Int? { positions[itemID] }

    private static func path(
        _ directory: String, _ names: [String], suffix: String
    ) throws(DataError) -> String {
        let found = names.filter { $0.hasSuffix(suffix) }
        guard found.count == 1 else {
            throw DataError(
                source: directory,
                message: "has \(found.count) files that end in \(suffix), expected one")
        }
        return "\(directory)/\(found[0])"
    }
}
