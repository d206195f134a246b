/// The blocks of a SASRec network on ggml: from item rows to the last states.
///
/// Kang and McAuley, "Self-attentive sequential recommendation", ICDM 2018. The newest item always
/// has the last position, as published. Beside those of ``SequentialConfiguration`` the file has,
/// for d = width and f = feed-forward width:
///
/// | tensor | shape, the first side varies fastest |
/// | --- | --- |
/// | `position_embd.weight` | [d, window] |
/// | `blk.N.attn_norm`, `blk.N.ffn_norm`, `output_norm` `.weight` and `.bias` | [d] |
/// | `blk.N.attn_q`, `_k`, `_v`, `_output` `.weight` and `.bias` | [d, d], [d] |
/// | `blk.N.ffn_up` `.weight` and `.bias` | [d, f], [f] |
/// | `blk.N.ffn_down` `.weight` and `.bias` | [f, d], [d] |
final class SASRecNetwork: SequentialNetwork {
    private static let nodesPerBlock = 64
    private static let nodesPerSequence = 16

    let stateDimension: Int
    private let window: Int
    private let configuration: SASRecConfiguration
    private let positions: [Float]
    private let runner: GraphRunner

    init(file: GGUFFile, shape: SequentialConfiguration) throws {
        let width = shape.dimension
        configuration = try SASRecConfiguration(file: file, dimension: width)
        stateDimension = width
        window = shape.window
        positions = try file.values(of: "position_embd.weight", dimensions: [width, window])
        var weights: [GraphRunner.Weight] = []
        for block in 0..<configuration.blockCount {
            let name = "blk.\(block)"
            for part in ["attn_norm", "ffn_norm"] {
                weights.append(try file.weight("\(name).\(part).weight", [width]))
                weights.append(try file.weight("\(name).\(part).bias", [width]))
            }
            for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
                weights += try file.linear("\(name).\(part)", width, width)
            }
            weights += try file.linear("\(name).ffn_up", width, configuration.feedForward)
            weights += try file.linear("\(name).ffn_down", configuration.feedForward, width)
        }
        weights.append(try file.weight("output_norm.weight", [width]))
        weights.append(try file.weight("output_norm.bias", [width]))
        let nodes =
            Self.nodesPerBlock + Self.nodesPerSequence * SequentialEncoder.maximumSequencesPerGraph
        runner = try GraphRunner(
            weights: weights, nodeLimit: (configuration.blockCount + 1) * nodes, threads: 1)
    }

    func states(of sequences: PackedSequences) throws(ComputeError) -> [Float] {
        let lengths = sequences.lengths
        var last: [Int32] = []
        var end: Int32 = 0
        for length in lengths {
            end += Int32(length)
            last.append(end - 1)
        }
        let embedded = GraphRunner.Input.floats(
            embed(sequences), [stateDimension, sequences.rowCount])
        return try runner.run([embedded, .indices(last)]) { builder, inputs in
            var x = inputs[0]
            for block in 0..<configuration.blockCount {
                // Only the last states are asked for, so the last block computes only those.
                let isLast = block == configuration.blockCount - 1
                x = self.block(
                    x, "blk.\(block)", builder, lengths: lengths, only: isLast ? inputs[1] : nil)
            }
            return builder.layerNorm(x, "output_norm", epsilon: configuration.layerNormEpsilon)
        }
    }

    /// Scaled item rows plus positions.
    private func embed(_ sequences: PackedSequences) -> [Float] {
        let scale = configuration.embeddingScale
        var embedded = sequences.rows
        var place = 0
        for length in sequences.lengths {
            let first = (window - length) * stateDimension
            for position in first..<positions.count {
                embedded[place] = scale * embedded[place] + positions[position]
                place += 1
            }
        }
        return embedded
    }

    private func block(
        _ x: GraphRunner.Tensor, _ name: String, _ builder: GraphBuilder, lengths: [Int],
        only rows: GraphRunner.Tensor?
    ) -> GraphRunner.Tensor {
        let epsilon = configuration.layerNormEpsilon
        let isPreNorm = configuration.variant == .preNorm
        let normalised = builder.layerNorm(x, "\(name).attn_norm", epsilon: epsilon)
        let queries = rows.map { builder.rows(normalised, $0) } ?? normalised
        let unchanged = rows.map { builder.rows(x, $0) } ?? x
        let attended = builder.attention(
            queries: queries, sources: isPreNorm ? normalised : x, "\(name).attn",
            heads: configuration.headCount, lengths: lengths)
        let y = builder.add(isPreNorm ? unchanged : queries, attended)
        let z = builder.layerNorm(y, "\(name).ffn_norm", epsilon: epsilon)
        let up = builder.linear(z, "\(name).ffn_up")
        let activated = configuration.activation == .gelu ? builder.gelu(up) : builder.relu(up)
        return builder.add(isPreNorm ? y : z, builder.linear(activated, "\(name).ffn_down"))
    }
}
