/// A table of item rows, all in memory as float32, with the inner products of its rows.
struct ItemTable: Sendable {
    /// Rows computed before their scores are compared; they stay in the nearest cache.
    private static let blockRows = 256

    let dimension: Int
    let count: Int
    private let values: [Float]
    private let bias: [Float]?

    init(values: [Float], dimension: Int, bias: [Float]? = nil) {
        self.values = values
        self.dimension = dimension
        self.bias = bias
        count = values.count / dimension
    }

    func row(_ index: Int) -> ArraySlice<Float> {
        values[index * dimension..<(index + 1) * dimension]
    }

    /// The inner product of `state` with row `index`, plus its bias.
    func score(_ state: UnsafeBufferPointer<Float>, _ index: Int) -> Float {
        values.withUnsafeBufferPointer { table in
            innerProduct(
                state.baseAddress!, table.baseAddress! + index * dimension, dimension)
                + (bias?[index] ?? 0)
        }
    }

    /// The best rows of `range`; see ``TopSelection`` for the order.
    func best(
        _ state: UnsafeBufferPointer<Float>, in range: Range<Int>, count: Int,
        excluding: Set<Int>, tieOrder: [Int32]?
    ) -> TopSelection {
        var selection = TopSelection(limit: count, tieOrder: tieOrder)
        var scores = [Float](repeating: 0, count: Self.blockRows)
        values.withUnsafeBufferPointer { table in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.blockRows) {
                let rows = min(Self.blockRows, range.upperBound - start)
                for row in 0..<rows {
                    scores[row] = innerProduct(
                        state.baseAddress!, table.baseAddress! + (start + row) * dimension,
                        dimension)
                }
                if let bias {
                    for row in 0..<rows { scores[row] += bias[start + row] }
                }
                for row in 0..<rows where selection.wouldKeep(scores[row], start + row) {
                    // The set is asked last: few rows come this far.
                    guard !excluding.contains(start + row) else { continue }
                    selection.insert(scores[row], start + row)
                }
            }
        }
        return selection
    }
}

/// The inner product of two vectors, always summed in the same order.
private func innerProduct(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
) -> Float {
    let left = UnsafeRawPointer(first)
    let right = UnsafeRawPointer(second)
    var sums = SIMD16<Float>(repeating: 0)
    var index = 0
    while index + 16 <= count {
        sums +=
            left.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
            * right.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
        index += 16
    }
    var sum = sums.sum()
    while index < count {
        sum += first[index] * second[index]
        index += 1
    }
    return sum
}
