public import Torch

/// Low-rank additions to a Llama network's projections (Hu et al., ICLR 2022), float32 masters.
///
/// A projection W becomes x Wᵀ + (alpha / rank) dropout(x) Aᵀ Bᵀ, in all seven projections of
/// every block as in LLaRA. A is drawn as peft draws it, B is 0, so that a new adapter changes
/// nothing. Rows of the query's and key's B have the order of the GGUF file (pairs side by side).
public final class LoRAAdapter {
    /// Rank and strength.
    public struct Options: Sendable, Hashable {
        /// Largest rank.
        public static let maximumRank = 256

        /// Columns of B, rows of A.
        public var rank: Int
        /// The addition is scaled by alpha / rank.
        public var alpha: Double
        /// Share of the addition's input that is zeroed in training.
        public var dropout: Double

        /// LLaRA's by default.
        public init(rank: Int = 8, alpha: Double = 32, dropout: Double = 0.1) {
            self.rank = rank
            self.alpha = alpha
            self.dropout = dropout
        }
    }

    /// Rank and strength.
    public let options: Options
    /// The network that it fits.
    public let shape: LlamaShape
    /// `blk.N.PROJECTION.weight.lora_a` [rank, in] and `.lora_b` [out, rank], block after block.
    public let parameters: ParameterSet

    /// A new adapter, which changes nothing yet; A comes from the library's generator.
    ///
    /// - Throws: `TorchError` with `badArgument` for options out of range.
    public init(
        _ options: Options = Options(), shape: LlamaShape, library: TorchLibrary
    ) throws(TorchError) {
        guard (1...Options.maximumRank).contains(options.rank), options.alpha > 0,
            options.alpha.isFinite, (0..<1).contains(options.dropout)
        else {
            throw TorchError(
                code: .badArgument,
                message: "an adapter of rank \(options.rank), alpha \(options.alpha), dropout "
                    + "\(options.dropout); give a rank of 1 to \(Options.maximumRank), a positive "
                    + "alpha and a dropout from 0 to below 1")
        }
        var made = ParameterSet()
        for block in 0..<shape.blocks {
            for projection in LlamaProjection.allCases {
                let (input, output) = shape.size(of: projection)
                let bound = 1 / Double(input).squareRoot()
                try made.add(
                    Self.name(projection, block: block, part: "a"),
                    library.uniform(low: -bound, high: bound, shape: [options.rank, input]))
                try made.add(
                    Self.name(projection, block: block, part: "b"),
                    library.full(0, shape: [output, options.rank]))
            }
        }
        self.options = options
        self.shape = shape
        parameters = made
    }

    static func name(_ projection: LlamaProjection, block: Int, part: String) -> String {
        LlamaShape.weightName(projection.rawValue, block: block) + ".lora_\(part)"
    }

    /// A and B of a projection.
    private func pair(_ projection: LlamaProjection, _ block: Int) -> (a: Tensor, b: Tensor) {
        // The set's order, so that no name is looked up at every step.
        let place = LlamaProjection.allCases.firstIndex(of: projection) ?? 0
        let index = 2 * (block * LlamaProjection.allCases.count + place)
        return (parameters.all[index].tensor, parameters.all[index + 1].tensor)
    }

    /// The addition to projections of one input as two matrices, [n rank, in] and [out, n rank].
    ///
    /// The second has each B, scaled by alpha / rank, where its projection's rows meet its A's
    /// columns, and 0 elsewhere: two products then serve all, and the zeros cost little.
    func matrices(
        _ group: [LlamaProjection], block: Int, type: Tensor.ElementType, device: Tensor.Device
    ) throws(TorchError) -> (low: Tensor, high: Tensor) {
        var low: [Tensor] = []
        var high: [Tensor] = []
        for (place, projection) in group.enumerated() {
            let (a, b) = pair(projection, block)
            low.append(a)
            var row: [Tensor] = []
            for column in group.indices {
                row.append(
                    column == place
                        ? try shape.halved(b, projection)
                        : try b.library.full(
                            0, shape: [shape.size(of: projection).output, options.rank]))
            }
            high.append(try .concatenated(row, dimension: 1))
        }
        let scaled =
            try Tensor.concatenated(high, dimension: 0)
            * (options.alpha / Double(options.rank))
        return (
            try Tensor.concatenated(low, dimension: 0).converted(to: type, device: device),
            try scaled.converted(to: type, device: device)
        )
    }
}
