internal import Domain

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

    /// Takes the logits after `node`, or after the prompt for nil; the node before must have
    /// been read.
    ///
    /// - Returns: False when the logits are not finite; nothing is taken then.
    public mutating func read(
        after node: Int?, logits: UnsafeBufferPointer<Float>
    ) -> Bool {
        guard let normaliser = logSumExp(logits), normaliser.isFinite else { return false }
        guard let before = node.map({ sums[$0] }) ?? 0 else {
            preconditionFailure("a node is read after the node before it")
        }
        for child in node.map({ trie.nodes[$0].children }) ?? trie.roots {
            let logit = Double(logits[Int(trie.nodes[child].token)])
            sums[child] = before + logit - normaliser
        }
        return true
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

    /// Makes a score.
    public init(logLikelihood: Double?, tokenCount: Int) {
        self.logLikelihood = logLikelihood
        self.tokenCount = tokenCount
    }
}
