import Domain
import RankerCore
import Testing

@Suite("Scores of a trie")
struct TrieScoresTests {
    @Test("a trie gives each candidate what it has when scored alone")
    func equalsAlone() {
        let lists = RandomTokens.lists(count: 100, seed: 5)
        let trie = CandidateTrie(tokenLists: lists)
        var scores = TrieScores(trie)
        let isTaken = scores.read(after: nil, model: TinyModel(), path: [])
        #expect(isTaken)
        for node in trie.nodes.indices where trie.nodes[node].isEvaluated {
            let path = path(to: node, in: trie)
            let isTaken = scores.read(after: node, model: TinyModel(), path: path)
            #expect(isTaken)
        }
        for (list, score) in zip(lists, scores.candidates) {
            let alone = TinyModel().logLikelihood(list)
            #expect(abs((score.logLikelihood ?? 0) - alone) < 1e-6)
            #expect(score.tokenCount == list.count)
        }
    }

    @Test("what was not reached has no score")
    func partial() {
        let trie = CandidateTrie(tokenLists: [[1], [2, 0], [2, 1]])
        var scores = TrieScores(trie)
        #expect(scores.candidates.allSatisfy { $0.logLikelihood == nil })
        let isTaken = scores.read(after: nil, model: TinyModel(), path: [])
        #expect(isTaken)
        #expect(scores.candidates.map { $0.logLikelihood != nil } == [true, false, false])
    }

    @Test(
        "logits that are not finite are refused and change nothing",
        arguments: [
            Float.nan, .infinity, -.infinity,
        ])
    func notFinite(_ bad: Float) {
        var scores = TrieScores(CandidateTrie(tokenLists: [[1]]))
        let taken = [0, bad, 0].withUnsafeBufferPointer { scores.read(after: nil, logits: $0) }
        #expect(!taken)
        #expect(scores.candidates[0].logLikelihood == nil)
    }

    private func path(to node: Int, in trie: CandidateTrie) -> [Int32] {
        var tokens: [Int32] = []
        var step: Int? = node
        while let index = step {
            tokens.append(trie.nodes[index].token)
            step = trie.nodes[index].parent
        }
        return tokens.reversed()
    }
}

/// Logits that are a fixed function of the tokens before.
private struct TinyModel {
    func logits(after path: [Int32]) -> [Float] {
        var generator = SeededGenerator(seed: path.reduce(17) { $0 &* 31 &+ UInt64($1) &+ 1 })
        return (0..<3).map { _ in Float.random(in: -4...4, using: &generator) }
    }

    func logLikelihood(_ tokens: [Int32]) -> Double {
        tokens.indices.reduce(0) { sum, index in
            let logits = logits(after: Array(tokens[..<index])).map(Double.init)
            let normaliser = logarithm(logits.reduce(0) { $0 + exponential($1) })
            return sum + logits[Int(tokens[index])] - normaliser
        }
    }
}

extension TrieScores {
    fileprivate mutating func read(after node: Int?, model: TinyModel, path: [Int32]) -> Bool {
        model.logits(after: path).withUnsafeBufferPointer { read(after: node, logits: $0) }
    }
}
