import Domain
import GGML

/// What a random network of any design has: sizes, weights by name, and its file.
struct RandomRecommender {
    let architecture: SequentialConfiguration.Architecture
    var isTied = true
    var hasOutputBias = false
    var dimension = 8
    var window = 6
    var items = 11
    /// Caser only.
    var heights = [2, 3, 4]
    var filters = 5
    var hasLastLayer = true

    /// Shapes and values by name.
    private(set) var tensors: [String: (dimensions: [Int], values: [Float])] = [:]

    init(_ architecture: SequentialConfiguration.Architecture) { self.architecture = architecture }

    /// Width of a state.
    var stateDimension: Int {
        architecture == .caser && !hasLastLayer
            ? heights.count * filters + dimension : dimension
    }

    /// Draws the weights for the sizes set before; spreads are such that no unit is saturated.
    mutating func draw(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func tensor(_ name: String, _ dimensions: [Int], spread: Float) {
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                Float.random(in: -spread...spread, using: &generator)
            }
            tensors[name] = (dimensions, values)
        }
        let spread = 1 / Float(dimension).squareRoot()
        tensor("item_embd.weight", [dimension, items], spread: 0.5)
        switch architecture {
        case .gru4rec:
            for part in ["gru_input", "gru_hidden"] {
                tensor("\(part).weight", [dimension, 3 * dimension], spread: 2 * spread)
                tensor("\(part).bias", [3 * dimension], spread: 0.5)
            }
        case .caser:
            for (number, height) in heights.enumerated() {
                tensor(
                    "horizontal.\(number).weight", [dimension, height, filters], spread: spread)
                tensor("horizontal.\(number).bias", [filters], spread: 0.2)
            }
            tensor("vertical.weight", [window], spread: 0.5)
            tensor("vertical.bias", [1], spread: 0.2)
            guard hasLastLayer else { break }
            tensor(
                "last.weight", [heights.count * filters + dimension, dimension], spread: spread)
            tensor("last.bias", [dimension], spread: 0.2)
        case .sasrec: preconditionFailure("RandomSASRec draws those")
        }
        guard !isTied else { return }
        tensor("output.weight", [stateDimension, items], spread: 0.5)
        if hasOutputBias { tensor("output.bias", [items], spread: 0.5) }
    }

    func values(_ name: String) -> [Double] { tensors[name]!.values.map(Double.init) }

    /// Rows of a tensor of two sides, or of the matrices of one of three.
    func rows(_ name: String, width: Int) -> [[Double]] {
        let values = values(name)
        return stride(from: 0, to: values.count, by: width).map {
            Array(values[$0..<$0 + width])
        }
    }

    /// The file's contents; tests break one thing and write it.
    func writer() throws -> GGUFWriter {
        var writer = GGUFWriter(architecture: architecture.rawValue)
        let prefix = architecture.rawValue
        writer.set("\(prefix).embedding_length", .uint32(UInt32(dimension)))
        writer.set("\(prefix).context_length", .uint32(UInt32(window)))
        writer.set("\(prefix).item_count", .uint32(UInt32(items)))
        writer.set("\(prefix).tied_output", .bool(isTied))
        if architecture == .caser {
            writer.set("caser.filter_heights", .array(heights.map { .uint32(UInt32($0)) }))
            writer.set("caser.filter_count", .uint32(UInt32(filters)))
            writer.set("caser.last_layer", .bool(hasLastLayer))
        }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            try writer.add(tensor: name, dimensions: tensor.dimensions, values: tensor.values)
        }
        return writer
    }

    /// The network of the file.
    func encoder() throws -> SequentialEncoder {
        let folder = try TemporaryFolder()
        try writer().write(to: folder.file("encoder.gguf"))
        return try SequentialEncoder(path: folder.file("encoder.gguf"))
    }
}
