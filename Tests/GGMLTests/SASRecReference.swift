import Foundation
import GGML

/// SASRec in double precision by plain loops, written from the papers and not from the graph.
struct SASRecReference {
    let model: RandomSASRec

    typealias Matrix = [[Double]]

    /// The state after a sequence of item indices.
    func state(_ sequence: [Int]) -> [Double] {
        let newest = Array(sequence.suffix(model.window))
        let items = rows("item_embd.weight", model.dimension)
        let positions = rows("position_embd.weight", model.dimension)
        var x: Matrix = []
        for (place, item) in newest.enumerated() {
            let position = positions[model.window - newest.count + place]
            x.append(
                (0..<model.dimension).map { Double(model.scale) * items[item][$0] + position[$0] })
        }
        for block in 0..<model.blocks { x = self.block(x, "blk.\(block)") }
        return layerNorm(x[x.count - 1], "output_norm")
    }

    /// The scores of all items for a state.
    func scores(_ state: [Double]) -> [Double] {
        let table = rows(model.isTied ? "item_embd.weight" : "output.weight", model.dimension)
        let bias = model.hasOutputBias && !model.isTied ? model.values("output.bias") : nil
        return table.enumerated().map { index, row in dot(row, state) + (bias?[index] ?? 0) }
    }

    private func block(_ x: Matrix, _ name: String) -> Matrix {
        let normalised = x.map { layerNorm($0, "\(name).attn_norm") }
        switch model.variant {
        case .preNorm:
            let y = add(x, attention(normalised, normalised, name))
            return add(y, y.map { feedForward(layerNorm($0, "\(name).ffn_norm"), name) })
        case .original:
            let y = add(normalised, attention(normalised, x, name))
            let z = y.map { layerNorm($0, "\(name).ffn_norm") }
            return add(z, z.map { feedForward($0, name) })
        }
    }

    private func attention(_ queries: Matrix, _ sources: Matrix, _ name: String) -> Matrix {
        let q = queries.map { linear($0, "\(name).attn_q") }
        let k = sources.map { linear($0, "\(name).attn_k") }
        let v = sources.map { linear($0, "\(name).attn_v") }
        let width = model.dimension / model.heads
        var joined = Matrix(
            repeating: [Double](repeating: 0, count: model.dimension), count: queries.count)
        for head in 0..<model.heads {
            let columns = head * width..<(head + 1) * width
            for place in queries.indices {
                let logits = (0...place).map { other in
                    columns.reduce(0) { $0 + q[place][$1] * k[other][$1] }
                        / Double(width).squareRoot()
                }
                let largest = logits.max()!
                let powers = logits.map { exp($0 - largest) }
                let total = powers.reduce(0, +)
                for other in 0...place {
                    for column in columns {
                        joined[place][column] += powers[other] / total * v[other][column]
                    }
                }
            }
        }
        return joined.map { linear($0, "\(name).attn_output") }
    }

    private func feedForward(_ x: [Double], _ name: String) -> [Double] {
        let up = linear(x, "\(name).ffn_up")
        let activated =
            switch model.activation {
            case .gelu: up.map(exactGELU)
            case .relu: up.map { max(0, $0) }
            }
        return linear(activated, "\(name).ffn_down")
    }

    private func layerNorm(_ x: [Double], _ name: String) -> [Double] {
        let weight = model.values("\(name).weight")
        let bias = model.values("\(name).bias")
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        let deviation = (variance + Double(model.epsilon)).squareRoot()
        return x.indices.map { (x[$0] - mean) / deviation * weight[$0] + bias[$0] }
    }

    private func linear(_ x: [Double], _ name: String) -> [Double] {
        referenceLinear(x, model.values("\(name).weight"), model.values("\(name).bias"))
    }

    private func rows(_ name: String, _ width: Int) -> Matrix {
        let values = model.values(name)
        return (0..<values.count / width).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    private func add(_ first: Matrix, _ second: Matrix) -> Matrix {
        zip(first, second).map { zip($0, $1).map(+) }
    }
}

/// `weight · x + bias` for a weight of rows as wide as `x`.
func referenceLinear(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    bias.indices.map { row in
        bias[row] + x.indices.reduce(0) { $0 + weight[row * x.count + $1] * x[$1] }
    }
}

/// x·Φ(x).
func exactGELU(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The largest difference between what was computed and what the reference says; infinite where
/// one of them is not a number.
func largestDifference(_ values: some Sequence<Float>, _ reference: [Double]) -> Double {
    zip(values, reference).map { value, expected in
        let difference = abs(Double(value) - expected)
        return difference.isNaN ? .infinity : difference
    }.max() ?? 0
}
