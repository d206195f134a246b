import ArgumentParser
import DataSets
import Domain
import Storage
import TrainingCore
import Wire

extension ImportCommand {
    struct Catalog: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import a data folder: its items and the users' sequences.",
            discussion: """
                The folder is one that "import dataset" wrote, or one in RecBole's form, such as \
                the MovieLens-100K of Deploy/bootstrap. Where the data has no times, an \
                interaction's place in its user's sequence stands for them. What is stored \
                already is skipped or replaced: an import that was interrupted is simply run \
                again.

                EXAMPLES
                  llara import catalog data/lastfm
                  llara import catalog .prefix/data/movielens-100k \\
                    --database postgresql://llara@127.0.0.1/llara
                """)

        @Argument(help: "The data folder.", completion: .directory)
        var directory: String
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?
        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await reporting {
                let folder = try DataFolder(directory: directory)
                let summary = try await database.withStore { store in
                    try await write(folder, to: store)
                }
                Console.answer(
                    database.json ? summary.json.text() : summary.text(in: Console.terminal))
            }
        }

        private func write(
            _ folder: DataFolder, to store: CatalogStore
        ) async throws -> ImportRendering {
            try await store.migrate(deadline: nil)
            let itemBar = ProgressDisplay("items", total: folder.items.count)
            let itemResult = try await store.importItems(
                folder.items.map(ItemDraft.init), author: author ?? WriteOptions.defaultAuthor,
                deadline: nil, progress: { itemBar.update($0, rows: $0) })
            let itemTime = itemBar.finish()
            let bar = ProgressDisplay("interactions", total: folder.interactions.count)
            let result = try await store.importInteractions(
                InteractionRow.rows(folder.interactions), deadline: nil,
                progress: { bar.update($0, rows: $0) })
            return ImportRendering(
                tables: [
                    .init(
                        name: "items", rows: itemResult.rowCount,
                        changed: itemResult.changedCount, rejected: itemResult.rejectedCount,
                        time: itemTime),
                    .init(
                        name: "interactions", rows: result.rowCount,
                        changed: result.changedCount, rejected: result.rejectedCount,
                        time: bar.finish()),
                ], version: result.version, isDryRun: false)
        }
    }
}

extension ItemDraft {
    /// An item of a data folder, its year among its attributes.
    init(_ item: DataItem) {
        var attributes = item.attributes.map { ItemAttribute(key: $0.key, value: $0.value) }
        if let year = item.year {
            attributes.insert(ItemAttribute(key: "year", value: "\(year)"), at: 0)
        }
        self.init(id: item.id, title: item.title, attributes: attributes)
    }
}

extension InteractionRow {
    /// The interactions of a data folder, in its order.
    ///
    /// The database knows a row again by its time, so one without gets its place in the user's
    /// sequence, from 1.
    static func rows(_ interactions: [Interaction]) -> [InteractionRow] {
        var places: [String: Int64] = [:]
        return interactions.map { interaction in
            places[interaction.userID, default: 0] += 1
            return InteractionRow(
                userID: interaction.userID,
                interaction: HistoryItem(
                    itemID: interaction.itemID,
                    timeSeconds: interaction.timeSeconds ?? places[interaction.userID] ?? 0,
                    rating: interaction.rating ?? 0))
        }
    }
}
