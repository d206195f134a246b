internal import CDense

/// `weight · x + bias`, as torch's Linear has it.
///
/// A row gives the same bits whatever rows are beside it and however many threads work; libraries
/// choose the order of their sums by the shape of the product. Any number of calls may run at the
/// same time.
struct DenseLayer: Sendable {
    /// Multiplications that are worth a further thread (about 50 µs).
    private static let multiplicationsPerThread = 1 << 21
    /// Panels that a thread takes at a time: they share one passage over the rows.
    private static let panelsPerPart = 4
    private static let panel = CDENSE_PANEL

    let inputs: Int
    let outputs: Int
    /// In the form that CDense reads.
    private let weights: TableStorage
    private let bias: [Float]

    /// - Parameters:
    ///   - weights: a row of `inputs` values for each output.
    ///   - bias: a value for each output.
    init(weights: [Float], bias: [Float], inputs: Int) {
        let outputs = bias.count
        let packed = cdense_packed_count(outputs, inputs)
        self.weights = TableStorage(
            [Float](unsafeUninitializedCapacity: packed) { buffer, count in
                cdense_pack(weights, outputs, inputs, buffer.baseAddress!)
                count = packed
            })
        self.bias = bias
        self.inputs = inputs
        self.outputs = outputs
    }

    /// A row of ``outputs`` values for each of the `rows` rows of `x`.
    func callAsFunction(_ x: [Float], rows: Int, threads: Int) -> [Float] {
        let packed = [Float](unsafeUninitializedCapacity: x.count) { buffer, count in
            cdense_pack_rows(x, rows, inputs, buffer.baseAddress!)
            count = x.count
        }
        let panels = (outputs + Self.panel - 1) / Self.panel
        let worthwhile = rows * inputs * outputs / Self.multiplicationsPerThread
        let workers = max(1, min(threads, worthwhile))
        let size = workers == 1 ? panels : Self.panelsPerPart
        return [Float](unsafeUninitializedCapacity: rows * outputs) { buffer, count in
            // Each part writes columns of its own.
            nonisolated(unsafe) let output = buffer.baseAddress!
            shareParts((panels + size - 1) / size, threads: workers) { next in
                while let part = next() {
                    cdense_product(
                        weights.values.baseAddress!, bias, outputs, inputs, packed, rows,
                        part * size, min((part + 1) * size, panels), output)
                }
            }
            count = rows * outputs
        }
    }

    /// Applies the exact GELU, x·Φ(x), to each value.
    static func gelu(_ values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { cdense_gelu($0.baseAddress!, $0.count) }
    }
}
