internal import Domain
internal import Foundation
public import TrainingCore

/// The catalog and the interactions of a data folder, as they are read.
///
/// A folder is either the project's own, as `llara import dataset` writes it:
///
/// | file | what it holds |
/// | --- | --- |
/// | `dataset.json` | ``DataDescription`` |
/// | `items.tsv` | the columns id and title, where known year, and attributes |
/// | `interactions.tsv` | the columns user and item, where known rating, time and part |
///
/// or it has one `NAME.inter` and one `NAME.item` in RecBole's atomic form of MovieLens.
public struct DataFolder: Sendable {
    static let itemFile = "items.tsv"
    static let interactionFile = "interactions.tsv"

    /// The folder's name.
    public let name: String
    /// What the files do not say themselves.
    public let description: DataDescription
    /// The catalog in the file's order.
    public let items: [DataItem]
    /// The interactions in the file's order.
    public let interactions: [Interaction]

    /// Reads the folder `directory`.
    ///
    /// - Throws: ``DataError`` for a folder or file that cannot be read or used; a malformed row is
    ///   named by file and line.
    public init(directory: String) throws {
        let folder = URL(fileURLWithPath: directory).standardizedFileURL
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            throw DataError(
                source: folder.path,
                message: "cannot be read",
                advice: "llara import dataset makes a data folder, Deploy/bootstrap gets "
                    + "MovieLens-100K")
        }
        func path(_ file: String) -> String { folder.appendingPathComponent(file).path }
        name = folder.lastPathComponent
        if names.contains(DataDescription.file) {
            let source = path(DataDescription.file)
            description = try DataDescription(bytes: DataFile.bytes(source), source: source)
            let items = try DataFile.table(path(Self.itemFile))
            let interactions = try DataFile.table(path(Self.interactionFile))
            func present(_ column: String) -> String? {
                interactions.columns.contains(column) ? column : nil
            }
            (self.items, self.interactions) = try Self.read(
                items, DataItem.Columns(year: items.columns.contains("year") ? "year" : nil),
                interactions,
                Interaction.Columns(
                    rating: present("rating"), time: present("time"), part: present("part")))
        } else {
            description = DataDescription(domain: ItemDomain.movie.rawValue, minimumRating: 3)
            let itemFile = try Self.one(".item", of: names, in: folder.path)
            let interactionFile = try Self.one(".inter", of: names, in: folder.path)
            (items, interactions) = try Self.read(
                DataFile.table(path(itemFile)), .movieLens, DataFile.table(path(interactionFile)),
                .recBole)
        }
    }

    /// The folder's data set under `rule`.
    public func dataSet(rule: SplitRule) throws(DataError) -> DataSet {
        try DataSet(
            name: name, domain: description.domain, items: items, interactions: interactions,
            minimumRating: description.minimumRating, rule: rule)
    }

    private static func read(
        _ items: DataTable, _ itemColumns: DataItem.Columns, _ interactions: DataTable,
        _ interactionColumns: Interaction.Columns
    ) throws(DataError) -> ([DataItem], [Interaction]) {
        var none = Rejections()
        let catalog = try DataItem.read(items, columns: itemColumns, rejections: &none)
        let known = Set(catalog.map(\.id))
        return (
            catalog,
            try Interaction.read(
                interactions, columns: interactionColumns, isKnown: known.contains,
                rejections: &none)
        )
    }

    private static func one(
        _ suffix: String, of names: [String], in folder: String
    ) throws(DataError) -> String {
        let found = names.filter { $0.hasSuffix(suffix) }
        guard found.count == 1, let name = found.first else {
            throw DataError(
                source: folder,
                message: "has no \(DataDescription.file), and \(found.count) files that end in "
                    + "\(suffix) instead of one",
                advice: "llara import dataset makes a data folder")
        }
        return name
    }
}

extension DataSet {
    /// Reads the folder `directory` and splits what is in it.
    ///
    /// - Throws: ``DataError`` for a folder or file that cannot be read or used.
    public init(directory: String, rule: SplitRule) throws {
        self = try DataFolder(directory: directory).dataSet(rule: rule)
    }
}
