/// A GRU4Rec network on ggml: from item rows to the last hidden states.
///
/// Hidasi et al., "Session-based recommendations with recurrent neural networks", ICLR 2016, as
/// LLaRA (Liao et al., SIGIR 2024) uses it: one layer of gated recurrent units (Cho et al., EMNLP
/// 2014, in the form of torch.nn.GRU) that is as wide as an item row and starts at zero; the state
/// is the hidden one after the newest item. Padding is never computed. Beside those of
/// ``SequentialConfiguration`` the file has, for d = width:
///
/// | tensor | shape, the first side varies fastest | in torch |
/// | --- | --- | --- |
/// | `gru_input.weight` and `.bias` | [d, 3d], [3d] | `gru.weight_ih_l0`, `gru.bias_ih_l0` |
/// | `gru_hidden.weight` and `.bias` | [d, 3d], [3d] | `gru.weight_hh_l0`, `gru.bias_hh_l0` |
///
/// The three parts of 3d are those of torch: reset gate, update gate, new state.
final class GRU4RecNetwork: SequentialNetwork {
    private static let nodesPerStep = 24

    let stateDimension: Int
    private let runner: GraphRunner

    init(file: GGUFFile, shape: SequentialConfiguration) throws {
        let width = shape.dimension
        stateDimension = width
        var weights = try file.linear("gru_input", width, 3 * width)
        weights += try file.linear("gru_hidden", width, 3 * width)
        runner = try GraphRunner(
            weights: weights, nodeLimit: (shape.window + 1) * Self.nodesPerStep, threads: 1)
    }

    func states(of sequences: PackedSequences) throws(ComputeError) -> [Float] {
        let steps = RecurrentSteps(lengths: sequences.lengths)
        let width = stateDimension
        let states = try runner.run(
            [
                .floats(
                    steps.byTime(sequences.rows, width: width), [width, sequences.rowCount]),
                .floats(
                    [Float](repeating: 0, count: width * steps.order.count),
                    [width, steps.order.count]),
            ]
        ) { builder, inputs in
            let gates = builder.linear(inputs[0], "gru_input")
            var hidden = inputs[1]
            var start = 0
            for active in steps.activeCounts {
                hidden = builder.gruStep(
                    hidden, inputGates: builder.rows(gates, from: start, count: active),
                    "gru_hidden")
                start += active
            }
            return hidden
        }
        return steps.inGivenOrder(states, width: width)
    }
}

/// Sequences of different lengths side by side: the longest first, so that those which still go
/// on are always the first ones.
private struct RecurrentSteps {
    /// Numbers of the sequences, the longest first.
    let order: [Int]
    /// For every step how many sequences have an item there.
    let activeCounts: [Int]
    private let lengths: [Int]
    private let starts: [Int]

    init(lengths: [Int]) {
        let order = lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
        var starts: [Int] = []
        var start = 0
        for length in lengths {
            starts.append(start)
            start += length
        }
        self.order = order
        self.lengths = lengths
        self.starts = starts
        activeCounts = (0..<(lengths.max() ?? 0)).map { step in
            order.prefix { lengths[$0] > step }.count
        }
    }

    /// The rows of all first steps, then those of all second ones, and so on.
    func byTime(_ rows: [Float], width: Int) -> [Float] {
        var sorted: [Float] = []
        sorted.reserveCapacity(rows.count)
        for (step, active) in activeCounts.enumerated() {
            for sequence in order.prefix(active) {
                let row = (starts[sequence] + step) * width
                sorted += rows[row..<row + width]
            }
        }
        return sorted
    }

    /// Rows in the order of ``order``, back in the order that was given.
    func inGivenOrder(_ rows: [Float], width: Int) -> [Float] {
        var given = rows
        for (place, sequence) in order.enumerated() {
            given.replaceSubrange(
                sequence * width..<(sequence + 1) * width,
                with: rows[place * width..<(place + 1) * width])
        }
        return given
    }
}
