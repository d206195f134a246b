public import Domain

/// The vectors of a prompt: row numbers into one tensor of width H.
public struct PromptVectors: Sendable {
    /// Behavioural tokens by item.
    public let rowByItem: [String: Int]
    /// The user's state; nil where the release has none in its prompts, or the user has none.
    public let userStateRow: Int?
    /// The rows; nil without any, and where the caller keeps them.
    public let tensor: FloatTensor?

    /// Of a prompt of text alone.
    public static let none = PromptVectors(itemIDs: [], tokens: [], userState: nil)

    /// Names rows that the caller keeps: training computes them with the prompts.
    public init(rowByItem: [String: Int], userStateRow: Int?) {
        self.rowByItem = rowByItem
        self.userStateRow = userStateRow
        tensor = nil
    }

    /// Lays out the behavioural tokens of `itemIDs`, row after row, and behind them the state.
    public init(itemIDs: [String], tokens: [Float], userState: ArraySlice<Float>?) {
        let count = itemIDs.count + (userState == nil ? 0 : 1)
        rowByItem = Dictionary(uniqueKeysWithValues: itemIDs.enumerated().map { ($1, $0) })
        userStateRow = userState == nil ? nil : itemIDs.count
        let values = tokens + (userState ?? [])
        tensor =
            count == 0
            ? nil : FloatTensor(rows: count, columns: values.count / count, values: values)
    }
}
