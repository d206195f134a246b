import Domain
import GGML

/// Draws a small network of one of the three designs into a GGUF file.
struct RandomNetwork {
    var writer: GGUFWriter
    private let architecture: SequentialConfiguration.Architecture
    private let isStateWide: Bool
    private var generator: SeededGenerator
    private let width: Int
    private let window = RandomEncoderRelease.window
    private let items = RandomEncoderRelease.ids.count

    init(
        _ architecture: SequentialConfiguration.Architecture, width: Int, seed: UInt64,
        isStateWide: Bool
    ) {
        self.width = width
        self.architecture = architecture
        self.isStateWide = isStateWide
        writer = GGUFWriter(architecture: architecture.rawValue)
        generator = SeededGenerator(seed: seed)
    }

    /// Sets the metadata and adds the tensors.
    mutating func draw() throws {
        set("embedding_length", .uint32(UInt32(width)))
        set("context_length", .uint32(UInt32(window)))
        set("item_count", .uint32(UInt32(items)))
        set("tied_output", .bool(!isStateWide))
        try add("item_embd.weight", [width, items])
        switch architecture {
        case .sasrec: try drawSASRec()
        case .gru4rec:
            try addLinear("gru_input", width, 3 * width)
            try addLinear("gru_hidden", width, 3 * width)
        case .caser: try drawCaser()
        }
    }

    private mutating func drawSASRec() throws {
        set("block_count", .uint32(1))
        set("attention.head_count", .uint32(2))
        set("feed_forward_length", .uint32(16))
        set("variant", .string("pre_norm"))
        set("activation", .string("gelu"))
        set("layer_norm_epsilon", .float32(1e-5))
        set("embedding_scale", .float32(1))
        try add("position_embd.weight", [width, window])
        for part in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
            try add("\(part).weight", [width])
            try add("\(part).bias", [width])
        }
        for part in ["attn_q", "attn_k", "attn_v", "attn_output"] {
            try addLinear("blk.0.\(part)", width, width)
        }
        try addLinear("blk.0.ffn_up", width, 16)
        try addLinear("blk.0.ffn_down", 16, width)
    }

    private mutating func drawCaser() throws {
        let heights = [2, 3, 4]
        let filters = 4
        let outputs = heights.count * filters + width
        set("filter_heights", .array(heights.map { .uint32(UInt32($0)) }))
        set("filter_count", .uint32(UInt32(filters)))
        set("last_layer", .bool(!isStateWide))
        for (number, height) in heights.enumerated() {
            try add("horizontal.\(number).weight", [width, height, filters])
            try add("horizontal.\(number).bias", [filters])
        }
        try add("vertical.weight", [window])
        try add("vertical.bias", [1])
        if isStateWide {
            try addLinear("output", outputs, items)
        } else {
            try addLinear("last", outputs, width)
        }
    }

    private mutating func set(_ key: String, _ value: GGUFValue) {
        writer.set("\(architecture.rawValue).\(key)", value)
    }

    private mutating func addLinear(_ name: String, _ input: Int, _ output: Int) throws {
        try add("\(name).weight", [input, output])
        try add("\(name).bias", [output])
    }

    private mutating func add(_ name: String, _ dimensions: [Int]) throws {
        // A wide network repeats its draws: they cost the most of making one.
        let count = dimensions.reduce(1, *)
        let draws = (0..<min(count, 9_973)).map { _ in
            Float.random(in: -0.5...0.5, using: &generator)
        }
        let values = (0..<count).map { draws[$0 % draws.count] }
        try writer.add(tensor: name, dimensions: dimensions, values: values)
    }
}
