import RankerCore
import Testing

@Suite("Waves of a trie")
struct TrieWaveTests {
    @Test("a small trie is one wave, whose sequences are its paths")
    func oneWave() {
        let trie = CandidateTrie(tokenLists: [[1, 2, 9], [1, 3, 9], [5, 9]])
        let waves = TrieWave.plan(trie, maximumTokens: 10, maximumSequences: 10)
        #expect(waves.count == 1)
        #expect(waves[0].sequenceCount == 3)
        #expect(waves[0].entries.map { trie.nodes[$0.node].token } == [1, 2, 3, 5])
        #expect(waves[0].entries.map(\.sequences) == [0..<2, 0..<1, 1..<2, 2..<3])
        #expect(waves[0].entries.allSatisfy { $0.needsLogits })
    }

    @Test("candidates of one token need no wave")
    func noWave() {
        let trie = CandidateTrie(tokenLists: [[1], [2]])
        #expect(TrieWave.plan(trie, maximumTokens: 8, maximumSequences: 8).isEmpty)
    }

    @Test("a cut path is repeated, but read only once")
    func repeatedPath() {
        let trie = CandidateTrie(tokenLists: [[1, 2, 9], [1, 3, 9]])
        let waves = TrieWave.plan(trie, maximumTokens: 2, maximumSequences: 8)
        #expect(waves.map { $0.entries.map(\.node) } == [[0, 1], [0, 3]])
        #expect(waves.map { $0.entries.map(\.needsLogits) } == [[true, true], [false, true]])
    }

    @Test("a path longer than a wave is a wave of its own")
    func longPath() {
        let trie = CandidateTrie(tokenLists: [[1, 9], [2, 3, 4, 5, 9], [6, 9]])
        let waves = TrieWave.plan(trie, maximumTokens: 2, maximumSequences: 8)
        #expect(waves.map(\.entries.count) == [1, 4, 1])
    }

    @Test("a thousand candidates: every node is read once, within the limits of each wave")
    func limits() {
        let trie = CandidateTrie(tokenLists: RandomTokens.lists(count: 1_000, seed: 3))
        for (tokens, sequences) in [(16, 256), (64, 3), (64, 1), (1_000, 256)] {
            let waves = TrieWave.plan(trie, maximumTokens: tokens, maximumSequences: sequences)
            let read = waves.flatMap(\.entries).filter(\.needsLogits).map(\.node)
            #expect(read == trie.nodes.indices.filter { trie.nodes[$0].isEvaluated })
            #expect(waves.allSatisfy { $0.entries.count <= tokens })
            #expect(waves.allSatisfy { (1...sequences).contains($0.sequenceCount) })
        }
    }

    @Test("each sequence of a wave is one unbroken path from the prompt")
    func sequencesArePaths() {
        let trie = CandidateTrie(tokenLists: RandomTokens.lists(count: 300, seed: 11))
        for wave in TrieWave.plan(trie, maximumTokens: 40, maximumSequences: 16) {
            for sequence in 0..<wave.sequenceCount {
                let path = wave.entries.filter { $0.sequences.contains(sequence) }.map(\.node)
                let parents = path.map { trie.nodes[$0].parent }
                #expect(parents == [nil] + path.dropLast().map(Optional.some))
            }
        }
    }
}
