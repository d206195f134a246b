import DataSets
import TrainingCore
import Wire

/// What a data folder holds, for people and for programs.
struct DatasetRendering: Sendable, Equatable {
    /// Rejected rows shown where no file takes them.
    private static let shownRejections = 5

    private let items: Int
    private let interactions: Int
    private let users: Int
    private let singleUsers: Int
    private let sharedTitles: Int
    private let rejected: Int
    private let dropped: Int
    /// Where the folder is; nil after a dry run.
    private let output: String?

    /// Counts what `folder` holds.
    init(_ folder: DataFolder, rejected: Int, dropped: Int, output: String?) {
        items = folder.items.count
        interactions = folder.interactions.count
        var lengths: [String: Int] = [:]
        for interaction in folder.interactions { lengths[interaction.userID, default: 0] += 1 }
        users = lengths.count
        singleUsers = lengths.values.count { $0 == 1 }
        var titles: [String: Int] = [:]
        for item in folder.items { titles[item.title, default: 0] += 1 }
        sharedTitles = titles.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
        self.rejected = rejected
        self.dropped = dropped
        self.output = output
    }

    /// `{items, interactions, users, users_with_one_interaction, items_sharing_a_title, rejected,
    /// dropped_interactions, output}`.
    var json: JSONValue {
        .object([
            .init("items", .integer(Int64(items))),
            .init("interactions", .integer(Int64(interactions))),
            .init("users", .integer(Int64(users))),
            .init("users_with_one_interaction", .integer(Int64(singleUsers))),
            .init("items_sharing_a_title", .integer(Int64(sharedTitles))),
            .init("rejected", .integer(Int64(rejected))),
            .init("dropped_interactions", .integer(Int64(dropped))),
            .init("output", output.map { .string($0) } ?? .null),
        ])
    }

    /// The counts, and where the folder is.
    func text(in terminal: Terminal = .none) -> String {
        FactList([
            ("Items", "\(items)"),
            (
                "Sharing a title",
                sharedTitles == 0 ? "" : "\(sharedTitles); prompts tell them apart by year or id"
            ),
            ("Interactions", "\(interactions)"),
            ("Users", "\(users)"),
            (
                "With one interaction",
                singleUsers == 0 ? "" : "\(singleUsers); too few to train or to ask about"
            ),
            ("Rejected rows", "\(rejected)"),
            (
                "Left out",
                dropped == 0 ? "" : "\(dropped) interactions with items whose rows were rejected"
            ),
            ("Folder", output ?? "none: a dry run writes nothing"),
        ]).text(in: terminal)
    }

    /// What to do about rejected rows, and the first of them where no file has them.
    static func text(of rejections: Rejections, file: String?) -> String {
        let count = rejections.list.count
        let rows = "llara: \(count) row\(count == 1 ? " was" : "s were") not used\n"
        if let file {
            return rows
                + "Next: \(file) has place and reason of each; correct them and import again\n"
        }
        let shown = rejections.list.prefix(shownRejections)
            .map { "  \(DisplayText.line($0.description))\n" }.joined()
        return rows + shown
            + "Next: --rejects FILE writes all of them; correct them and import again\n"
    }
}
