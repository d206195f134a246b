/// Log-likelihoods of a trie's candidates, filled as the engine reads node after node.
public struct TrieScores: Sendable {
    private let trie: CandidateTrie
    /// By node: log-likelihood of the tokens up to it, once the node before it was read.
    private var sums: [Double?]

    /// Starts with nothing read.
    public init(_ trie: CandidateTrie) {
        self.trie = trie
        sums = Array(repeating: nil, count: trie.nodes.count)
    }

    /// The tokens that continue `node`, or the prompt for nil.
    public func continuations(of node: Int?) -> [Int32] {
        trie.children(of: node).map { trie.nodes[$0].token }
    }

    /// Takes the log-probabilities of the tokens that continue `node`, or the prompt for nil, in
    /// the trie's order; the node before must have been taken.
    public mutating func take(after node: Int?, _ logProbabilities: [Double]) {
        guard let before = node.map({ sums[$0] }) ?? 0 else {
            preconditionFailure("a node is read after the node before it")
        }
        for (child, logProbability) in zip(trie.children(of: node), logProbabilities) {
            sums[child] = before + logProbability
        }
    }

    /// The scores by candidate; nil for one whose last token was not reached.
    public var candidates: [CandidateScore] {
        trie.lastNodes.indices.map { index in
            CandidateScore(
                logLikelihood: sums[trie.lastNodes[index]],
                tokenCount: trie.tokenCount(ofCandidate: index))
        }
    }
}

/// What the LLM says of one candidate.
public struct CandidateScore: Sendable, Equatable {
    /// Sum over all tokens, the newline included, in nats; nil when it was not reached in time.
    public let logLikelihood: Double?
    /// Tokens of the candidate.
    public let tokenCount: Int

    /// The length-normalised score: the log-likelihood by token, in nats.
    public var meanLogLikelihood: Double? { logLikelihood.map { $0 / Double(tokenCount) } }

    /// Makes a score.
    public init(logLikelihood: Double?, tokenCount: Int) {
        self.logLikelihood = logLikelihood
        self.tokenCount = tokenCount
    }
}
