/// The blocks of a SASRec network on ggml: from embedded positions to the last state.
///
/// Kang and McAuley, "Self-attentive sequential recommendation", ICDM 2018. Not safe to share:
/// the encoder runs it under its lock.
final class SASRecNetwork {
    private static let nodesPerBlock = 64

    private let configuration: SASRecConfiguration
    private let runner: GraphRunner

    init(file: GGUFFile, configuration: SASRecConfiguration, threads: Int) throws {
        self.configuration = configuration
        let width = configuration.dimension
        let inner = configuration.feedForward
        var weights: [GraphRunner.Weight] = []
        func load(_ name: String, _ dimensions: [Int]) throws(GGUFError) {
            let values = try file.values(of: name, dimensions: dimensions)
            weights.append(.init(name: name, dimensions: dimensions, values: values))
        }
        for block in 0..<configuration.blockCount {
            let name = "blk.\(block)"
            for part in ["attn_norm", "ffn_norm"] {
                try load("\(name).\(part).weight", [width])
                try load("\(name).\(part).bias", [width])
            }
            for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
                try load("\(name).\(part).weight", [width, width])
                try load("\(name).\(part).bias", [width])
            }
            try load("\(name).ffn_up.weight", [width, inner])
            try load("\(name).ffn_up.bias", [inner])
            try load("\(name).ffn_down.weight", [inner, width])
            try load("\(name).ffn_down.bias", [width])
        }
        try load("output_norm.weight", [width])
        try load("output_norm.bias", [width])
        runner = try GraphRunner(
            weights: weights,
            nodeLimit: (configuration.blockCount + 1) * Self.nodesPerBlock, threads: threads)
    }

    /// The state after the last of `rows` embedded positions.
    func state(embedded: [Float], rows: Int) throws(ComputeError) -> [Float] {
        try runner.run(input: embedded, width: configuration.dimension, rows: rows) {
            builder, input in
            var x = input
            for block in 0..<configuration.blockCount {
                // Only the last state is asked for, so the last block computes only that.
                let isLast = block == configuration.blockCount - 1
                x = self.block(x, "blk.\(block)", builder, onlyLastRow: isLast)
            }
            return builder.layerNorm(x, "output_norm", epsilon: configuration.layerNormEpsilon)
        }
    }

    private func block(
        _ x: GraphRunner.Tensor, _ name: String, _ builder: GraphBuilder, onlyLastRow: Bool
    ) -> GraphRunner.Tensor {
        let epsilon = configuration.layerNormEpsilon
        let isPreNorm = configuration.variant == .preNorm
        let normalised = builder.layerNorm(x, "\(name).attn_norm", epsilon: epsilon)
        let queries = onlyLastRow ? builder.lastRow(normalised) : normalised
        let unchanged = onlyLastRow ? builder.lastRow(x) : x
        let attended = builder.attention(
            queries: queries, sources: isPreNorm ? normalised : x, "\(name).attn",
            heads: configuration.headCount)
        let y = builder.add(isPreNorm ? unchanged : queries, attended)
        let z = builder.layerNorm(y, "\(name).ffn_norm", epsilon: epsilon)
        let up = builder.linear(z, "\(name).ffn_up")
        let activated = configuration.activation == .gelu ? builder.gelu(up) : builder.relu(up)
        return builder.add(isPreNorm ? y : z, builder.linear(activated, "\(name).ffn_down"))
    }
}
