/// The item rows of several sequences one after another, without padding between them.
struct PackedSequences {
    /// As many rows as all ``lengths`` together, the oldest of a sequence first.
    let rows: [Float]
    /// Rows of each sequence: 1 to the network's window.
    let lengths: [Int]

    /// Number of rows.
    var rowCount: Int { lengths.reduce(0, +) }
}

/// From the item rows of sequences to the states after them; one of the recommender designs.
///
/// It belongs to one owner that runs one computation at a time; it is not safe to share.
protocol SequentialNetwork: AnyObject {
    /// Width of a state; the output table has rows of this width.
    var stateDimension: Int { get }

    /// One state a sequence, row after row; at most
    /// ``SequentialEncoder/maximumSequencesPerGraph`` sequences.
    ///
    /// A state is the same, bit for bit, whatever stands beside its sequence.
    func states(of sequences: PackedSequences) throws(ComputeError) -> [Float]
}
