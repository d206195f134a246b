public import Domain

/// The vectors of a prompt: row numbers into one tensor of width H.
public struct PromptVectors: Sendable {
    /// Behavioural tokens by item.
    public let rowByItem: [String: Int]
    /// The user's state; nil where the release has none in its prompts, or the user has none.
    public let userStateRow: Int?
    /// The rows; nil without any.
    public let tensor: FloatTensor?

    /// Of a prompt of text alone.
    public static let none = PromptVectors(itemIDs: [], tokens: [], userState: nil)

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
