internal import CLlama
internal import Domain
internal import RankerCore

/// The arrays that llama.cpp reads a batch from, kept between decodes.
final class DecodeBatch {
    private var count = 0
    private let capacity: Int
    private let width: Int
    private let tokens: UnsafeMutablePointer<llama_token>
    private let embeddings: UnsafeMutablePointer<Float>
    private let positions: UnsafeMutablePointer<llama_pos>
    private let sequenceCounts: UnsafeMutablePointer<Int32>
    private let sequences: UnsafeMutablePointer<UnsafeMutablePointer<llama_seq_id>?>
    private let wantsLogits: UnsafeMutablePointer<Int8>
    /// What ``sequences`` points into.
    private var sequenceTable: [llama_seq_id] = []

    init(capacity: Int, width: Int) {
        self.capacity = capacity
        self.width = width
        tokens = .allocate(capacity: capacity)
        embeddings = .allocate(capacity: capacity * width)
        positions = .allocate(capacity: capacity)
        sequenceCounts = .allocate(capacity: capacity)
        sequences = .allocate(capacity: capacity)
        wantsLogits = .allocate(capacity: capacity)
    }

    deinit {
        tokens.deallocate()
        embeddings.deallocate()
        positions.deallocate()
        sequenceCounts.deallocate()
        sequences.deallocate()
        wantsLogits.deallocate()
    }

    /// Lays out the positions of `step`.
    ///
    /// The engine takes tokens or embeddings in a batch, not both; so tokens are looked up, and
    /// prompts, tries and generations of several requests share a batch.
    func fill(_ step: BatchStep, embeddings table: any TokenEmbeddings) {
        precondition(step.positions.count <= capacity, "steps are planned within the batch")
        count = step.positions.count
        sequenceTable = step.sequences
        for (number, position) in step.positions.enumerated() {
            let row = embeddings + number * width
            switch position.input {
            case .token(let token):
                tokens[number] = token
                copy(table.row(token), to: row)
            case .vector(let values):
                tokens[number] = LLAMA_TOKEN_NULL
                copy(values, to: row)
            }
            positions[number] = llama_pos(position.index)
            sequenceCounts[number] = Int32(position.sequences.count)
            wantsLogits[number] = 0
        }
        for output in step.outputs { wantsLogits[output.position] = 1 }
        sequenceTable.withUnsafeMutableBufferPointer { table in
            for (number, position) in step.positions.enumerated() {
                sequences[number] = table.baseAddress.map { $0 + position.sequences.lowerBound }
            }
        }
    }

    private func copy(_ values: some Collection<Float>, to row: UnsafeMutablePointer<Float>) {
        _ = UnsafeMutableBufferPointer(start: row, count: width).update(fromContentsOf: values)
    }

    /// Calls `body` with the batch as llama.cpp takes it, as embeddings or, of tokens only, as
    /// tokens.
    func withBatch<Result>(asTokens: Bool, _ body: (llama_batch) -> Result) -> Result {
        sequenceTable.withUnsafeMutableBufferPointer { _ in
            body(
                llama_batch(
                    n_tokens: Int32(count), token: asTokens ? tokens : nil,
                    embd: asTokens ? nil : embeddings, pos: positions,
                    n_seq_id: sequenceCounts, seq_id: sequences, logits: wantsLogits))
        }
    }
}
