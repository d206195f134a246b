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
        scores.read(after: nil, model: TinyModel(), path: [])
        for node in trie.nodes.indices where trie.nodes[node].isEvaluated {
            let path = path(to: node, in: trie)
            scores.read(after: node, model: TinyModel(), path: path)
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
        scores.read(after: nil, model: TinyModel(), path: [])
        #expect(scores.candidates.map { $0.logLikelihood != nil } == [true, false, false])
    }

    @Test("the length-normalised score is the log-likelihood by token")
    func mean() {
        #expect(CandidateScore(logLikelihood: -6, tokenCount: 4).meanLogLikelihood == -1.5)
        #expect(CandidateScore(logLikelihood: nil, tokenCount: 4).meanLogLikelihood == nil)
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
    fileprivate mutating func read(after node: Int?, model: TinyModel, path: [Int32]) {
        let answer = model.logits(after: path).withUnsafeBufferPointer {
            LogitQuestion.logProbabilities([0, 1, 2]).answer($0)
        }
        guard case .logProbabilities(let values) = answer else {
            Issue.record("the tiny model's logits are finite")
            return
        }
        take(after: node, continuations(of: node).map { values[Int($0)] })
    }
}
