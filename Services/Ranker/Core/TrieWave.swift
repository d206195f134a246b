/// A part of a candidate trie that the engine evaluates in one batch.
///
/// Each path through the wave is a sequence of the engine; a token belongs to every sequence that
/// runs through it, and those are neighbours because the trie is in depth-first order.
public struct TrieWave: Sendable, Equatable {
    /// A token to evaluate.
    public struct Entry: Sendable, Equatable {
        /// Its node in the trie.
        public let node: Int
        /// The sequences that it belongs to, counted from 0 in each wave.
        public var sequences: Range<Int>
        /// False where an earlier wave has already read what follows the node.
        public let needsLogits: Bool
    }

    /// The tokens in depth-first order.
    public private(set) var entries: [Entry] = []
    /// How many sequences the wave needs.
    public private(set) var sequenceCount = 0

    /// Cuts the evaluated nodes of `trie` into waves of at most `maximumTokens` tokens and
    /// `maximumSequences` sequences.
    ///
    /// Where a path is cut off, the next wave repeats the way to it; a path longer than
    /// `maximumTokens` is a wave of its own.
    public static func plan(
        _ trie: CandidateTrie, maximumTokens: Int, maximumSequences: Int
    ) -> [TrieWave] {
        precondition(maximumTokens > 0 && maximumSequences > 0, "a wave holds something")
        var waves: [TrieWave] = []
        var builder = Builder(nodeCount: trie.nodes.count)
        for path in Paths(trie) {
            let wave = builder.wave
            if wave.sequenceCount == maximumSequences
                || (wave.sequenceCount > 0
                    && wave.entries.count + builder.newCount(path) > maximumTokens)
            {
                waves.append(builder.finishWave())
            }
            builder.add(path)
        }
        return builder.wave.entries.isEmpty ? waves : waves + [builder.finishWave()]
    }
}

extension TrieWave {
    private struct Builder {
        private(set) var wave = TrieWave()
        /// The path added last and where its nodes stand in the wave: in depth-first order,
        /// what the next path shares with the wave is what it shares with this one.
        private var lastPath: [(node: Int, entry: Int)] = []
        private var wasRead: [Bool]

        init(nodeCount: Int) { wasRead = Array(repeating: false, count: nodeCount) }

        func newCount(_ path: [Int]) -> Int { path.count - sharedCount(path) }

        mutating func add(_ path: [Int]) {
            let sequence = wave.sequenceCount
            wave.sequenceCount += 1
            lastPath.removeSubrange(sharedCount(path)...)
            for (_, entry) in lastPath {
                let first = wave.entries[entry].sequences.lowerBound
                wave.entries[entry].sequences = first..<wave.sequenceCount
            }
            for node in path[lastPath.count...] {
                lastPath.append((node, wave.entries.count))
                wave.entries.append(
                    Entry(
                        node: node, sequences: sequence..<wave.sequenceCount,
                        needsLogits: !wasRead[node]))
                wasRead[node] = true
            }
        }

        mutating func finishWave() -> TrieWave {
            defer {
                wave = TrieWave()
                lastPath = []
            }
            return wave
        }

        private func sharedCount(_ path: [Int]) -> Int {
            zip(path, lastPath).prefix { $0 == $1.node }.count
        }
    }
}

/// The ways from the prompt to each evaluated node that no evaluated node follows.
private struct Paths: Sequence, IteratorProtocol {
    private let trie: CandidateTrie
    private var position = 0

    init(_ trie: CandidateTrie) { self.trie = trie }

    mutating func next() -> [Int]? {
        while position < trie.nodes.count {
            let node = trie.nodes[position]
            defer { position += 1 }
            guard node.isEvaluated,
                !node.children.contains(where: { trie.nodes[$0].isEvaluated })
            else { continue }
            var path: [Int] = []
            var step: Int? = position
            while let index = step {
                path.append(index)
                step = trie.nodes[index].parent
            }
            return path.reversed()
        }
        return nil
    }
}
