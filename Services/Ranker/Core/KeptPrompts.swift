/// Prompts that stay in the cache when their requests are over: who asks again with the same
/// beginning need not have it evaluated again.
///
/// The least recently used go first, when there are too many or when cells are needed.
struct KeptPrompts: Sendable {
    private struct Entry {
        let sequence: Int32
        let adapter: String?
        let prompt: [PositionInput]
    }

    let maximumCount: Int
    let maximumTokens: Int
    /// The least recently used first.
    private var entries: [Entry] = []
    private(set) var tokenCount = 0

    init(maximumCount: Int, maximumTokens: Int) {
        self.maximumCount = maximumCount
        self.maximumTokens = maximumTokens
    }

    var count: Int { entries.count }

    /// The kept sequence with the longest common beginning, which counts as used.
    ///
    /// The prompt's last position is never in it: what follows that is asked for.
    mutating func longestPrefix(
        of prompt: [PositionInput], adapter: String?
    ) -> (sequence: Int32, count: Int)? {
        var best: (index: Int, count: Int)?
        for (index, entry) in entries.enumerated() where entry.adapter == adapter {
            let count = Self.commonCount(entry.prompt, prompt[..<(prompt.count - 1)])
            if count > 0, count >= best?.count ?? 0 { best = (index, count) }
        }
        guard let best else { return nil }
        let entry = entries.remove(at: best.index)
        entries.append(entry)
        return (entry.sequence, best.count)
    }

    /// Keeps a prompt that the cache holds in `sequence`.
    ///
    /// - Returns: Sequences to remove: of prompts that it contains, of the least recently used,
    ///   or its own when it is too long.
    mutating func keep(
        _ prompt: [PositionInput], adapter: String?, sequence: Int32
    ) -> [Int32] {
        guard maximumCount > 0, prompt.count <= maximumTokens else { return [sequence] }
        var removed: [Int32] = []
        for index in entries.indices.reversed()
        where entries[index].adapter == adapter
            && Self.commonCount(entries[index].prompt, prompt[...]) == entries[index].prompt.count
        {
            removed.append(remove(at: index))
        }
        while count >= maximumCount || tokenCount + prompt.count > maximumTokens {
            removed.append(remove(at: 0))
        }
        entries.append(Entry(sequence: sequence, adapter: adapter, prompt: prompt))
        tokenCount += prompt.count
        return removed
    }

    /// Gives the least recently used one's sequence up.
    mutating func removeOldest() -> Int32? { entries.isEmpty ? nil : remove(at: 0) }

    private mutating func remove(at index: Int) -> Int32 {
        tokenCount -= entries[index].prompt.count
        return entries.remove(at: index).sequence
    }

    private static func commonCount(
        _ one: [PositionInput], _ other: ArraySlice<PositionInput>
    ) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}
