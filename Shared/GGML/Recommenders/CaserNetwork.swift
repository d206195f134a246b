/// A Caser network on ggml: from item rows to states by convolution over the window.
///
/// Tang and Wang, "Personalized top-N sequential recommendation via convolutional sequence
/// embedding", WSDM 2018, without its user embedding, as LLaRA (Liao et al., SIGIR 2024) uses it.
/// A window that is not full has its items first and zeros after them. Horizontal filters see
/// some successive items whole and keep their greatest output; one vertical filter weighs the
/// places of the window. Beside those of ``SequentialConfiguration`` the file has, for d = width,
/// F = filters of a height, h = the N-th height, s = F x heights + d:
///
/// | tensor | shape, the first side varies fastest | in torch |
/// | --- | --- | --- |
/// | `horizontal.N.weight` and `.bias` | [d, h, F], [F] | `horizontal_cnn.N`, (F, 1, h, d) |
/// | `vertical.weight` and `.bias` | [window], [1] | `vertical_cnn`, (1, 1, window, 1) |
/// | `last.weight` and `.bias`, with `caser.last_layer` | [s, d], [d] | none in LLaRA |
///
/// A state is the horizontal outputs by height, then the vertical ones; the last layer, with a
/// rectifier like the others, leads from there to the width of an item row.
final class CaserNetwork: SequentialNetwork {
    private static let nodesPerHeight = 16
    private static let nodesPerPlace = 4
    private static let otherNodes = 32

    let stateDimension: Int
    private let dimension: Int
    private let window: Int
    private let configuration: CaserConfiguration
    private let runner: GraphRunner

    init(file: GGUFFile, shape: SequentialConfiguration) throws {
        let configuration = try CaserConfiguration(file: file, shape: shape)
        let width = shape.dimension
        let filters = configuration.filterCount
        let outputs = filters * configuration.heights.count + width
        var weights: [GraphRunner.Weight] = []
        for (number, height) in configuration.heights.enumerated() {
            let name = "horizontal.\(number)"
            let values = try file.values(
                of: "\(name).weight", dimensions: [width, height, filters])
            weights.append(
                .init(
                    name: "\(name).weight", dimensions: [width, filters * height],
                    values: Self.byPlace(values, width: width, height: height)))
            weights.append(try file.weight("\(name).bias", [filters]))
        }
        weights.append(try file.weight("vertical.weight", [shape.window]))
        weights.append(try file.weight("vertical.bias", [1]))
        if configuration.hasLastLayer { weights += try file.linear("last", outputs, width) }
        runner = try GraphRunner(
            weights: weights,
            nodeLimit: configuration.heights.reduce(Self.otherNodes) {
                $0 + Self.nodesPerHeight + $1 * Self.nodesPerPlace
            }, threads: 1)
        stateDimension = configuration.hasLastLayer ? width : outputs
        dimension = width
        window = shape.window
        self.configuration = configuration
    }

    func states(of sequences: PackedSequences) throws(ComputeError) -> [Float] {
        let windows = GraphRunner.Input.floats(
            padded(sequences), [dimension, window, sequences.lengths.count])
        return try runner.run([windows]) { builder, inputs in
            var outputs: GraphRunner.Tensor?
            for (number, height) in configuration.heights.enumerated() {
                let greatest = builder.horizontalFilters(
                    inputs[0], filters: configuration.filterCount, height: height,
                    "horizontal.\(number)")
                outputs = outputs.map { builder.joined($0, greatest) } ?? greatest
            }
            let vertical = builder.verticalFilter(inputs[0], "vertical")
            let state = outputs.map { builder.joined($0, vertical) } ?? vertical
            return configuration.hasLastLayer
                ? builder.relu(builder.linear(state, "last")) : state
        }
    }

    /// Every sequence with zeros after its items up to the window.
    private func padded(_ sequences: PackedSequences) -> [Float] {
        var rows: [Float] = []
        rows.reserveCapacity(sequences.lengths.count * window * dimension)
        var start = 0
        for length in sequences.lengths {
            rows += sequences.rows[start..<start + length * dimension]
            rows += repeatElement(0, count: (window - length) * dimension)
            start += length * dimension
        }
        return rows
    }

    /// The rows of filters, given filter by filter, place by place instead.
    private static func byPlace(_ values: [Float], width: Int, height: Int) -> [Float] {
        let filters = values.count / (width * height)
        var sorted: [Float] = []
        sorted.reserveCapacity(values.count)
        for place in 0..<height {
            for filter in 0..<filters {
                let row = (filter * height + place) * width
                sorted += values[row..<row + width]
            }
        }
        return sorted
    }
}
