public import Domain
public import TrainingCore

/// Makes a data folder's contents from files in other layouts.
///
/// Rows that cannot be used are passed over and kept in ``rejections``, with file, line and reason.
public struct DataConversion {
    /// Column names that `items.tsv` keeps for itself.
    static let reservedColumns: Set<String> = ["id", "title", "year"]

    /// What could not be used.
    public private(set) var rejections: Rejections
    /// Interactions left out of sequences because the row of their item was rejected.
    public private(set) var droppedInteractions = 0
    /// Hears from time to time how many bytes and rows of the file that is read are done.
    public var onProgress: (Int, Int) -> Void = { _, _ in }

    /// Takes up to `maximumRejections` bad rows.
    public init(maximumRejections: Int) { rejections = Rejections(maximum: maximumRejections) }

    /// Reads an item file and an interaction file with named columns.
    ///
    /// - Parameters:
    ///   - formats: how the two files are written.
    ///   - interactionColumns: gives the mapping once the header is known.
    /// - Throws: ``DataError`` for files and columns that are missing, or too many bad rows.
    public mutating func folder(
        name: String, description: DataDescription, items: (path: String, format: DelimitedFormat),
        itemColumns: ([String]) -> DataItem.Columns,
        interactions: (path: String, format: DelimitedFormat),
        interactionColumns: ([String]) -> Interaction.Columns
    ) throws(DataError) -> DataFolder {
        let table = try self.table(items.path, items.format)
        let catalog = try DataItem.read(
            table, columns: itemColumns(table.columns), rejections: &rejections)
        try Self.check(catalog, source: items.path)
        let known = Set(catalog.map(\.id))
        let rows = try self.table(interactions.path, interactions.format)
        let read = try Interaction.read(
            rows, columns: interactionColumns(rows.columns), isKnown: known.contains,
            rejectsRepetitions: true, rejections: &rejections)
        return try Self.folder(name, description, catalog, read, source: interactions.path)
    }

    /// Reads LLaRA's published layout: `items.tsv` (item_id, title), `train.tsv` (user_id,
    /// item_ids), `val.tsv` and `test.tsv` (history_item_ids, target_item_id).
    ///
    /// Its ids follow the order of first appearance, so a prompt must not show one: a title that two
    /// items share is rejected, because their ids would have to tell them apart. Sequences go on
    /// without rejected items, which ``droppedInteractions`` counts. The pickles that LLaRA's code loads are not read, because unpickling runs whatever code the file holds.
    /// - Throws: ``DataError`` for files and columns that are missing, or too many bad rows.
    public mutating func publishedFolder(
        name: String, description: DataDescription, directory: String
    ) throws(DataError) -> DataFolder {
        let table = try self.table("\(directory)/items.tsv")
        let catalog = try DataItem.read(
            table, columns: DataItem.Columns(id: "item_id"), rejectsSharedTitles: true,
            rejections: &rejections)
        try Self.check(catalog, source: table.source)
        let ids = try Self.ids(table, known: Set(catalog.map(\.id)))
        var rows: [Interaction] = []
        try append(
            "\(directory)/train.tsv", .train, list: "item_ids", last: nil, ids, to: &rows)
        try append(
            "\(directory)/val.tsv", .validation, list: "history_item_ids", last: "target_item_id",
            ids, to: &rows)
        try append(
            "\(directory)/test.tsv", .test, list: "history_item_ids", last: "target_item_id",
            ids, to: &rows)
        return try Self.folder(name, description, catalog, rows, source: directory)
    }

    /// The items that can be used, and those whose rows cannot.
    private struct ItemIDs {
        let known: Set<String>
        let rejected: Set<String>
    }

    private static func ids(
        _ table: DataTable, known: Set<String>
    ) throws(DataError) -> ItemIDs {
        let id = try table.position(of: "item_id")
        var listed: Set<String> = []
        // What cannot be read was rejected with its reason before.
        var passedOver = Rejections(maximum: .max)
        try table.forEach(rejections: &passedOver) { row in
            listed.insert(row.text(id))
            return nil
        }
        return ItemIDs(known: known, rejected: listed.subtracting(known).subtracting([""]))
    }

    /// Appends the sequences of one file of the published layout, an interaction an item.
    private mutating func append(
        _ path: String, _ part: Interaction.Part, list: String, last: String?,
        _ ids: ItemIDs, to rows: inout [Interaction]
    ) throws(DataError) {
        let table = try self.table(path)
        let user = part == .train ? try table.position(of: "user_id") : nil
        let list = try table.position(of: list)
        let last = try table.position(of: last)
        var users: Set<String> = []
        var dropped = 0
        try table.forEach(rejections: &rejections) { row in
            // Validation and test rows name no user: each is one, by the line it stands on.
            let id = "\(part.rawValue)-" + (user.map { row.text($0) } ?? "\(row.line - 1)")
            guard user.map({ !row.text($0).isEmpty }) ?? true else { return "the user id is empty" }
            if let problem = DataLimits.problem(ofID: id) { return "the user id \(problem)" }
            guard users.insert(id).inserted else { return "a second row for one user" }
            let listed = row.text(list).split(separator: ",", omittingEmptySubsequences: false)
                .map(String.init)
            let target = last.map { row.text($0) }
            let wanted = listed + (target.map { [$0] } ?? [])
            guard wanted.allSatisfy({ ids.known.contains($0) || ids.rejected.contains($0) })
            else { return "an item that items.tsv lacks" }
            guard target.map(ids.known.contains) ?? true else {
                return "its target was rejected in items.tsv"
            }
            let items = listed.filter(ids.known.contains)
            guard !items.isEmpty else { return "all its items were rejected in items.tsv" }
            dropped += listed.count - items.count
            rows += (items + (target.map { [$0] } ?? [])).map {
                Interaction(userID: id, itemID: $0, part: part)
            }
            return nil
        }
        droppedInteractions += dropped
    }

    private func table(
        _ path: String, _ format: DelimitedFormat = DelimitedFormat(separator: .tab)
    ) throws(DataError) -> DataTable {
        var table = try DataFile.table(path, format: format)
        table.onProgress = onProgress
        return table
    }

    private static func check(_ items: [DataItem], source: String) throws(DataError) {
        let keys = Set(items.flatMap { $0.attributes.map(\.key) })
        if let taken = keys.intersection(reservedColumns).min() {
            throw DataError(
                source: source, line: 1,
                message: "an attribute is named \(taken), which items.tsv keeps for itself",
                advice: "map that column, or name the attributes to take")
        }
    }

    private static func folder(
        _ name: String, _ description: DataDescription, _ items: [DataItem],
        _ interactions: [Interaction], source: String
    ) throws(DataError) -> DataFolder {
        guard !interactions.isEmpty else {
            throw DataError(source: source, message: "has no interaction that can be used")
        }
        return DataFolder(
            name: name, description: description, items: items, interactions: interactions)
    }
}
