internal import CLlama

/// The arrays that llama.cpp reads a batch from, kept between decodes.
final class DecodeBatch {
    private(set) var count = 0
    private let capacity: Int
    private let tokens: UnsafeMutablePointer<llama_token>
    private let positions: UnsafeMutablePointer<llama_pos>
    private let sequenceCounts: UnsafeMutablePointer<Int32>
    private let sequences: UnsafeMutablePointer<UnsafeMutablePointer<llama_seq_id>?>
    private let wantsLogits: UnsafeMutablePointer<Int8>
    /// 0, 1, 2...: a range of sequences is a place in it and a length.
    private let sequenceNumbers: UnsafeMutablePointer<llama_seq_id>

    init(capacity: Int, sequenceCount: Int) {
        self.capacity = capacity
        tokens = .allocate(capacity: capacity)
        positions = .allocate(capacity: capacity)
        sequenceCounts = .allocate(capacity: capacity)
        sequences = .allocate(capacity: capacity)
        wantsLogits = .allocate(capacity: capacity)
        sequenceNumbers = .allocate(capacity: sequenceCount)
        for number in 0..<sequenceCount { sequenceNumbers[number] = llama_seq_id(number) }
    }

    deinit {
        tokens.deallocate()
        positions.deallocate()
        sequenceCounts.deallocate()
        sequences.deallocate()
        wantsLogits.deallocate()
        sequenceNumbers.deallocate()
    }

    func removeAll() { count = 0 }

    /// Adds a position; `token` is unused when the batch goes as embeddings.
    func append(token: Int32 = 0, position: Int, sequences range: Range<Int>, needsLogits: Bool) {
        precondition(count < capacity, "the caller plans within the context's size")
        tokens[count] = token
        positions[count] = llama_pos(position)
        sequenceCounts[count] = Int32(range.count)
        sequences[count] = sequenceNumbers + range.lowerBound
        wantsLogits[count] = needsLogits ? 1 : 0
        count += 1
    }

    /// The batch as tokens, or as the rows at `embeddings`, which must outlive the decode.
    func llamaBatch(embeddings: UnsafeMutablePointer<Float>? = nil) -> llama_batch {
        llama_batch(
            n_tokens: Int32(count), token: embeddings == nil ? tokens : nil, embd: embeddings,
            pos: positions, n_seq_id: sequenceCounts, seq_id: sequences, logits: wantsLogits)
    }
}
