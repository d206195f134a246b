/// Prompts whose part of the cache is kept as a snapshot when their requests are over: who asks
/// again with the same beginning need not have it evaluated again.
///
/// The least recently used go first when there are too many.
struct KeptPrompts: Sendable {
    /// What a new prompt has in common with a kept one.
    struct Match: Equatable {
        let snapshot: Int
        /// Positions in common.
        let count: Int
        /// Positions of the snapshot.
        let length: Int
    }

    private struct Entry {
        let snapshot: Int
        let adapter: String?
        let prompt: [PositionInput]
        /// Positions of the snapshot: the prompt, and what was generated after it.
        let length: Int
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

    /// The kept prompt with the longest common beginning, which counts as used.
    ///
    /// The prompt's last position is never in it: what follows that is asked for.
    mutating func longestPrefix(of prompt: [PositionInput], adapter: String?) -> Match? {
        var best: (index: Int, count: Int)?
        for (index, entry) in entries.enumerated() where entry.adapter == adapter {
            let count = Self.commonCount(entry.prompt, prompt[..<(prompt.count - 1)])
            if count > 0, count >= best?.count ?? 0 { best = (index, count) }
        }
        guard let best else { return nil }
        let entry = entries.remove(at: best.index)
        entries.append(entry)
        return Match(
            snapshot: entry.snapshot, count: best.count, length: entry.length)
    }

    /// Whether `prompt` is worth a snapshot of `length` positions: that is not too long, and none
    /// begins with it.
    func wants(_ prompt: [PositionInput], adapter: String?, length: Int) -> Bool {
        maximumCount > 0 && length <= maximumTokens
            && !entries.contains {
                $0.adapter == adapter && Self.commonCount($0.prompt, prompt[...]) == prompt.count
            }
    }

    /// Keeps a prompt that is wanted.
    ///
    /// - Returns: Snapshots to drop: of prompts that it begins with, and of the least recently
    ///   used.
    mutating func keep(
        _ prompt: [PositionInput], adapter: String?, length: Int, snapshot: Int
    ) -> [Int] {
        var dropped: [Int] = []
        for index in entries.indices.reversed()
        where entries[index].adapter == adapter
            && Self.commonCount(entries[index].prompt, prompt[...]) == entries[index].prompt.count
        {
            dropped.append(remove(at: index))
        }
        while count >= maximumCount || tokenCount + length > maximumTokens {
            dropped.append(remove(at: 0))
        }
        entries.append(
            Entry(
                snapshot: snapshot, adapter: adapter, prompt: prompt.map(\.detached),
                length: length))
        tokenCount += length
        return dropped
    }

    private mutating func remove(at index: Int) -> Int {
        tokenCount -= entries[index].length
        return entries.remove(at: index).snapshot
    }

    private static func commonCount(
        _ one: [PositionInput], _ other: ArraySlice<PositionInput>
    ) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}
