internal import Torch

/// Examples laid end to end without padding, as plain values: what stands at each row, where it
/// stands in its text, what it sees, and what it predicts.
struct PackedBatch {
    /// The rows of one example.
    struct Span {
        /// All its rows; the prompt's come first, then branch after branch.
        let rows: Range<Int>
        let promptCount: Int
        /// Rows of each branch, counted from the example's first; empty for a single token.
        let branches: [Range<Int>]
    }

    /// A token whose probability is wanted.
    struct Prediction {
        /// Place in ``predictingRows``.
        let row: Int
        let token: Int
        /// Counted over all examples.
        let branch: Int
    }

    private(set) var spans: [Span] = []
    /// Position in its text for each row; branches continue their prompt.
    private(set) var positions: [Int] = []
    /// For each row, a place in the list of ``tokens`` followed by the vectors.
    private(set) var sources: [Int] = []
    private(set) var tokens: [Int] = []
    /// Rows whose next token is wanted; a prompt's last row once for all its branches.
    private(set) var predictingRows: [Int] = []
    private(set) var predictions: [Prediction] = []
    private(set) var branchCount = 0

    var rowCount: Int { positions.count }

    /// Lays out `examples` for `vectorCount` rows of vectors and tokens below `vocabulary`.
    init(_ examples: [PromptExample], vectorCount: Int, vocabulary: Int) throws(TorchError) {
        guard !examples.isEmpty else { throw Self.refusal("a batch without examples") }
        for (index, example) in examples.enumerated() {
            guard !example.prompt.isEmpty else { throw Self.refusal("example \(index) is empty") }
            guard !example.branches.isEmpty, example.branches.allSatisfy({ !$0.isEmpty }) else {
                throw Self.refusal("example \(index) has no branch, or one without tokens")
            }
            let tokens = example.branches.joined()
            guard tokens.allSatisfy({ (0..<vocabulary).contains(Int($0)) }) else {
                throw Self.refusal("example \(index) has a token beyond the \(vocabulary) known")
            }
            for position in example.prompt {
                switch position {
                case .token(let token) where !(0..<vocabulary).contains(Int(token)):
                    throw Self.refusal(
                        "example \(index) has a token beyond the \(vocabulary) known")
                case .vector(let row) where !(0..<vectorCount).contains(row):
                    throw Self.refusal(
                        "example \(index) names vector \(row) of \(vectorCount)")
                default: break
                }
            }
            append(example)
        }
        // Vectors follow the tokens, whose number is known only now.
        let tokenCount = tokens.count
        for row in sources.indices where sources[row] < 0 {
            sources[row] = tokenCount + ~sources[row]
        }
    }

    private mutating func append(_ example: PromptExample) {
        let start = rowCount
        for (place, position) in example.prompt.enumerated() {
            switch position {
            case .token(let token): append(token: token, at: place)
            case .vector(let row):
                sources.append(~row)
                positions.append(place)
            }
        }
        let lastPromptRow = predictingRows.count
        predictingRows.append(rowCount - 1)
        var branches: [Range<Int>] = []
        for branch in example.branches {
            let first = rowCount - start
            for (offset, token) in branch.enumerated() {
                let isFirst = offset == 0
                predictions.append(
                    Prediction(
                        row: isFirst ? lastPromptRow : predictingRows.count - 1,
                        token: Int(token), branch: branchCount))
                if offset + 1 < branch.count {
                    predictingRows.append(rowCount)
                    append(token: token, at: example.prompt.count + offset)
                }
            }
            branches.append(first..<rowCount - start)
            branchCount += 1
        }
        spans.append(
            Span(
                rows: start..<rowCount, promptCount: example.prompt.count, branches: branches))
    }

    private mutating func append(token: Int32, at position: Int) {
        sources.append(tokens.count)
        tokens.append(Int(token))
        positions.append(position)
    }

    private static func refusal(_ message: String) -> TorchError {
        TorchError(code: .badArgument, message: "\(message); correct the example")
    }
}

extension PackedBatch.Span {
    /// What the rows of branches see among all the example's rows, row after row.
    ///
    /// The prompt's rows see the prompt up to themselves, for which no mask is needed.
    var branchMask: [Bool] {
        let count = rows.count
        var mask = [Bool](repeating: false, count: (count - promptCount) * count)
        for branch in branches {
            for query in branch {
                let start = (query - promptCount) * count
                for key in 0..<promptCount { mask[start + key] = true }
                for key in branch.lowerBound...query { mask[start + key] = true }
            }
        }
        return mask
    }
}
