import Foundation
import GGML

/// GRU4Rec and Caser in double precision by plain loops, written from the papers and torch's
/// documentation and not from the graphs.
struct RecommenderReference {
    let model: RandomRecommender

    /// The state after a sequence of item indices.
    func state(_ sequence: [Int]) -> [Double] {
        let table = model.rows("item_embd.weight", width: model.dimension)
        let newest = sequence.suffix(model.window).map { table[$0] }
        return model.architecture == .gru4rec ? gru(newest) : caser(newest)
    }

    /// The scores of all items for a state.
    func scores(_ state: [Double]) -> [Double] {
        let name = model.isTied ? "item_embd.weight" : "output.weight"
        let bias = model.hasOutputBias && !model.isTied ? model.values("output.bias") : nil
        return model.rows(name, width: state.count).enumerated().map { item, row in
            dot(row, state) + (bias?[item] ?? 0)
        }
    }

    private func gru(_ inputs: [[Double]]) -> [Double] {
        let width = model.dimension
        var hidden = [Double](repeating: 0, count: width)
        for input in inputs {
            let fromInput = linear(input, "gru_input")
            let fromHidden = linear(hidden, "gru_hidden")
            hidden = (0..<width).map { unit in
                let reset = sigmoid(fromInput[unit] + fromHidden[unit])
                let update = sigmoid(fromInput[width + unit] + fromHidden[width + unit])
                let proposed = tanh(
                    fromInput[2 * width + unit] + reset * fromHidden[2 * width + unit])
                return (1 - update) * proposed + update * hidden[unit]
            }
        }
        return hidden
    }

    private func caser(_ items: [[Double]]) -> [Double] {
        let empty = [Double](repeating: 0, count: model.dimension)
        let window = items + Array(repeating: empty, count: model.window - items.count)
        var outputs: [Double] = []
        for (number, height) in model.heights.enumerated() {
            let weights = model.rows("horizontal.\(number).weight", width: model.dimension)
            let bias = model.values("horizontal.\(number).bias")
            for filter in 0..<model.filters {
                let runs = (0...model.window - height).map { start in
                    (0..<height).reduce(bias[filter]) { sum, place in
                        sum + dot(weights[filter * height + place], window[start + place])
                    }
                }
                outputs.append(max(0, runs.max()!))
            }
        }
        let places = model.values("vertical.weight")
        let bias = model.values("vertical.bias")[0]
        for column in 0..<model.dimension {
            let sum = (0..<model.window).reduce(bias) { $0 + places[$1] * window[$1][column] }
            outputs.append(max(0, sum))
        }
        return model.hasLastLayer ? linear(outputs, "last").map { max(0, $0) } : outputs
    }

    private func linear(_ x: [Double], _ name: String) -> [Double] {
        referenceLinear(x, model.values("\(name).weight"), model.values("\(name).bias"))
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
