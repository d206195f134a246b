/// A prompt with two places: the history and the candidates (LLaRA section 3.2 and its code).
///
/// Every template says what the user did, asks for the next item, gives the candidates, asks for
/// exactly one title of the set, and ends with a lead-in that the answer's leading blank follows.
public struct PromptTemplate: Sendable, Hashable {
    /// Text before the history.
    public let beforeHistory: String
    /// Text between history and candidates.
    public let beforeCandidates: String
    /// Text after the candidates, without a trailing blank.
    public let afterCandidates: String

    /// The templates of a domain: one of `ItemDomain`; nil for another domain.
    ///
    /// Training draws one a batch; serving always takes the first, so that an answer repeats.
    public static func templates(domain: String) -> [PromptTemplate]? {
        guard let words = words[domain] else { return nil }
        return [
            PromptTemplate(
                beforeHistory: "This user has \(words.did) these \(words.items) in the past: ",
                beforeCandidates: ". Predict the next \(words.item) this user will \(words.do). "
                    + "The \(words.title) candidates are: ",
                afterCandidates: ". Choose exactly one of these candidates and answer with "
                    + "its \(words.title) only. Answer:"),
            PromptTemplate(
                beforeHistory: "The user's \(words.history), oldest first, is: ",
                beforeCandidates: ". Recommend one \(words.item) for this user to \(words.do) "
                    + "next, out of this set: ",
                afterCandidates: ". Reply with one \(words.title) of the set and nothing else. "
                    + "The \(words.item) you recommend is:"),
            PromptTemplate(
                beforeHistory: "Here is what a user \(words.did) before: ",
                beforeCandidates: ". Which \(words.item) comes next? Pick it from: ",
                afterCandidates: ". Give exactly one \(words.title) from this list. "
                    + "Recommendation:"),
        ]
    }

    private struct Words {
        let item: String, items: String, title: String
        let did: String, `do`: String, history: String
    }

    private static let words = [
        "movie": Words(
            item: "movie", items: "movies", title: "movie title", did: "watched", do: "watch",
            history: "watching history"),
        "game": Words(
            item: "game", items: "games", title: "game title", did: "played", do: "play",
            history: "playing history"),
        "artist": Words(
            item: "artist", items: "artists", title: "artist name", did: "listened to",
            do: "listen to", history: "listening history"),
        "item": Words(
            item: "item", items: "items", title: "title", did: "chosen", do: "choose",
            history: "history of choices"),
    ]
}
