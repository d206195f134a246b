internal import Foundation
internal import GGML

/// The shape of a network of the Llama family, as its GGUF file records it.
public struct LlamaShape: Sendable, Hashable {
    /// Most blocks, heads, and positions of a width that a file may ask for.
    static let maximumBlocks = 1_024
    static let maximumHeads = 1_024
    static let maximumWidth = 65_536

    /// Transformer blocks.
    public let blocks: Int
    /// Width of the input space, H.
    public let width: Int
    /// Inner width of the feed-forward network.
    public let feedForward: Int
    /// Query heads.
    public let heads: Int
    /// Key and value heads; divides ``heads``.
    public let keyHeads: Int
    /// Width of a head.
    public let headWidth: Int
    /// Tokens of the vocabulary.
    public let vocabulary: Int
    /// Added to the mean square by the norms.
    public let epsilon: Double
    /// Base of the rotary angles.
    public let ropeBase: Double
    /// Whether the token embeddings are the output layer, too.
    public let tiedOutput: Bool
}

/// The projections of a block that an adapter may change.
public enum LlamaProjection: String, Sendable, CaseIterable {
    case query = "attn_q"
    case key = "attn_k"
    case value = "attn_v"
    case output = "attn_output"
    case gate = "ffn_gate"
    case up = "ffn_up"
    case down = "ffn_down"
}

extension LlamaShape {
    /// The columns (in) and rows (out) of a projection's weight.
    public func size(of projection: LlamaProjection) -> (input: Int, output: Int) {
        switch projection {
        case .query: (width, heads * headWidth)
        case .key, .value: (width, keyHeads * headWidth)
        case .output: (heads * headWidth, width)
        case .gate, .up: (width, feedForward)
        case .down: (feedForward, width)
        }
    }

    /// The name of a block's weight in the file.
    static func weightName(_ part: String, block: Int) -> String { "blk.\(block).\(part).weight" }

    /// Reads a file's shape and refuses what ``LlamaNetwork`` would compute otherwise than
    /// llama.cpp does.
    ///
    /// - Throws: `GGUFError` naming the key or tensor.
    init(_ file: GGUFFile) throws(GGUFError) {
        try file.requireArchitecture("llama")
        func count(_ key: String, atMost limit: Int) throws(GGUFError) -> Int {
            let value = try file.count("llama.\(key)", atMost: limit)
            guard value > 0 else { throw file.refusal("llama.\(key) is 0") }
            return value
        }
        blocks = try count("block_count", atMost: Self.maximumBlocks)
        width = try count("embedding_length", atMost: Self.maximumWidth)
        feedForward = try count("feed_forward_length", atMost: Self.maximumWidth)
        heads = try count("attention.head_count", atMost: Self.maximumHeads)
        keyHeads =
            file.metadata["llama.attention.head_count_kv"] == nil
            ? heads : try count("attention.head_count_kv", atMost: Self.maximumHeads)
        headWidth =
            file.metadata["llama.attention.key_length"] == nil
            ? width / heads : try count("attention.key_length", atMost: Self.maximumWidth)
        guard heads % keyHeads == 0, headWidth % 2 == 0, headWidth > 0 else {
            throw file.refusal("\(heads) heads of \(headWidth) for \(keyHeads) key heads")
        }
        epsilon = Double(try file.number("llama.attention.layer_norm_rms_epsilon"))
        ropeBase =
            file.metadata["llama.rope.freq_base"] == nil
            ? 10_000 : Double(try file.number("llama.rope.freq_base"))
        guard let table = file.tensors[TokenEmbeddingTable.tensorName],
            table.dimensions.count == 2, table.dimensions[0] == width
        else { throw file.refusal("it has no \(TokenEmbeddingTable.tensorName) of this width") }
        vocabulary = table.dimensions[1]
        tiedOutput = file.tensors["output.weight"] == nil
        try requirePlainParts(of: file)
    }

    /// Every tensor's name and (ggml) shape, the token embeddings first.
    var tensors: [(name: String, dimensions: [Int])] {
        var list = [(TokenEmbeddingTable.tensorName, [width, vocabulary])]
        for block in 0..<blocks {
            list.append((Self.weightName("attn_norm", block: block), [width]))
            list.append((Self.weightName("ffn_norm", block: block), [width]))
            for projection in LlamaProjection.allCases {
                let (input, output) = size(of: projection)
                list.append(
                    (Self.weightName(projection.rawValue, block: block), [input, output]))
            }
        }
        list.append(("output_norm.weight", [width]))
        if !tiedOutput { list.append(("output.weight", [width, vocabulary])) }
        return list
    }

    /// Biases, scaled positions, experts: llama.cpp would use them, this network does not.
    private func requirePlainParts(of file: GGUFFile) throws(GGUFError) {
        for (key, expected) in [
            ("rope.dimension_count", headWidth), ("attention.value_length", headWidth),
            ("expert_count", 0),
        ] where file.metadata["llama.\(key)"] != nil {
            let value = try file.count("llama.\(key)", atMost: Self.maximumWidth)
            guard value == expected else {
                throw file.refusal("llama.\(key) is \(value), computed is \(expected)")
            }
        }
        if file.metadata["llama.rope.scaling.type"] != nil,
            try file.text("llama.rope.scaling.type") != "none"
        {
            throw file.refusal("its rotary positions are scaled, which is not computed here")
        }
        let known = tensors
        for (name, dimensions) in known { _ = try file.tensor(name, dimensions: dimensions) }
        let names = Set(known.map(\.name))
        if let other = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw file.refusal("its \(other) is not computed here")
        }
    }
}

extension GGUFFile {
    /// An error that names a Llama file's unfit part.
    func refusal(_ message: String) -> GGUFError {
        GGUFError(
            code: .unsupported, message: message, path: path,
            advice: "give a plain Llama model, such as the one that the ranker serves by default")
    }
}
