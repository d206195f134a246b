import Domain
import RankerCore
import Testing

@Suite("Candidate trie")
struct CandidateTrieTests {
    @Test("what candidates share is one path, in depth-first order")
    func sharedPath() {
        let trie = CandidateTrie(tokenLists: [[1, 2, 9], [5, 9], [1, 3, 9], [1, 2, 4, 9]])
        #expect(trie.nodes.map(\.token) == [1, 2, 9, 4, 9, 3, 9, 5, 9])
        #expect(trie.nodes.map(\.depth) == [0, 1, 2, 2, 3, 1, 2, 0, 1])
        #expect(trie.nodes.map(\.parent) == [nil, 0, 1, 1, 3, 0, 5, nil, 7])
        #expect(trie.roots == [0, 7])
        #expect(trie.lastNodes == [2, 8, 6, 4])
        #expect((0..<4).map(trie.tokenCount(ofCandidate:)) == [3, 2, 3, 4])
    }

    @Test("the last token of a candidate is not evaluated unless another goes on from it")
    func lastTokens() {
        let trie = CandidateTrie(tokenLists: [[1, 9], [1, 9, 2]])
        #expect(trie.nodes.map(\.isEvaluated) == [true, true, false])
        #expect(trie.evaluatedCount == 2)
    }

    @Test("equal candidates share their last node")
    func equalCandidates() {
        let trie = CandidateTrie(tokenLists: [[1, 2], [1, 2]])
        #expect(trie.nodes.count == 2)
        #expect(trie.lastNodes == [1, 1])
    }

    @Test("the way to each candidate's last node spells its tokens")
    func spelling() {
        let lists = RandomTokens.lists(count: 200, seed: 7)
        let trie = CandidateTrie(tokenLists: lists)
        for (list, last) in zip(lists, trie.lastNodes) {
            var tokens: [Int32] = []
            var node: Int? = last
            while let index = node {
                tokens.append(trie.nodes[index].token)
                node = trie.nodes[index].parent
            }
            #expect(tokens.reversed() == list)
        }
    }
}

/// Token lists with many common beginnings.
enum RandomTokens {
    static func lists(count: Int, seed: UInt64) -> [[Int32]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<Int.random(in: 1...7, using: &generator)).map { _ in
                Int32.random(in: 0..<3, using: &generator)
            }
        }
    }
}
