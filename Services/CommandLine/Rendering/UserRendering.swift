import Domain
import Wire

/// A user's stored sequence for people and for programs.
struct UserRendering {
    private let user: GetUserResponse

    init(_ user: GetUserResponse) { self.user = user }

    /// `{user_id, interaction_count, history}`.
    var json: JSONValue {
        .object([
            .init("user_id", .string(user.userID)),
            .init("interaction_count", .integer(Int64(clamping: user.interactionCount))),
            .init("history", historyJSON),
        ])
    }

    /// `[{id, title, rating, time_seconds}]`, oldest first; no rating or time is null.
    var historyJSON: JSONValue {
        .array(
            user.history.map { entry in
                let interaction = entry.interaction ?? HistoryItem(itemID: "")
                return .object([
                    .init("id", .string(interaction.itemID)),
                    .init("title", .string(entry.title)),
                    .init(
                        "rating",
                        interaction.rating == 0 ? .null : .number(Double(interaction.rating))),
                    .init(
                        "time_seconds",
                        interaction.timeSeconds == 0 ? .null : .integer(interaction.timeSeconds)),
                ])
            })
    }

    /// A headline and a table, oldest first.
    func text(in terminal: Terminal = .none) -> String {
        let shown = user.history.count
        let total = user.interactionCount
        let headline =
            "User \(DisplayText.line(user.userID)): \(total) interaction\(total == 1 ? "" : "s")"
        guard shown > 0 else { return headline }
        var table = TextTable([
            .left("Time (UTC)"), .right("Rating"), .itemTitle, .left("Id"),
        ])
        for entry in user.history {
            let interaction = entry.interaction ?? HistoryItem(itemID: "")
            table.add([
                Figures.time(interaction.timeSeconds),
                interaction.rating == 0 ? "-" : Self.rating(interaction.rating),
                entry.title.isEmpty ? "(no longer in the catalog)" : entry.title,
                interaction.itemID,
            ])
        }
        return headline + (UInt64(shown) < total ? ", the newest \(shown)" : "") + "\n"
            + table.text(in: terminal)
    }

    private static func rating(_ rating: Float) -> String {
        rating == rating.rounded() ? Figures.decimal(Double(rating), 0) : "\(rating)"
    }
}
