import Domain
import GGML
import TestSupport
import Torch

@testable import TrainingModels

/// A random Llama of two blocks with a vocabulary of single bytes, as a GGUF file that llama.cpp
/// loads, too.
struct TinyLlama {
    static let width = 32
    static let vocabulary = 258
    private static let heads = 4
    private static let keyHeads = 2
    private static let feedForward = 48

    let folder: ScratchFolder
    var path: String { "\(folder.path)/tiny.gguf" }

    /// Writes the file; `change` makes it unfit before that.
    init(tied: Bool = false, change: (inout GGUFWriter) throws -> Void = { _ in }) throws {
        folder = try ScratchFolder()
        var writer = GGUFWriter(architecture: "llama")
        for (key, value) in [
            ("block_count", 2), ("context_length", 512), ("embedding_length", Self.width),
            ("feed_forward_length", Self.feedForward), ("attention.head_count", Self.heads),
            ("attention.head_count_kv", Self.keyHeads),
            ("rope.dimension_count", Self.width / Self.heads), ("vocab_size", Self.vocabulary),
        ] { writer.set("llama.\(key)", .uint32(UInt32(value))) }
        writer.set("llama.attention.layer_norm_rms_epsilon", .float32(1e-5))
        writer.set("llama.rope.freq_base", .float32(1_000))
        Self.setTokenizer(&writer)
        var generator = SeededGenerator(seed: 11)
        func add(_ name: String, _ dimensions: [Int], around middle: Float, by range: Float) throws
        {
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                middle + Float.random(in: -range...range, using: &generator)
            }
            try writer.add(tensor: name, dimensions: dimensions, values: values)
        }
        let key = Self.width / Self.heads * Self.keyHeads
        try add("token_embd.weight", [Self.width, Self.vocabulary], around: 0, by: 1)
        for block in 0..<2 {
            for (part, input, output) in [
                ("attn_q", Self.width, Self.width), ("attn_k", Self.width, key),
                ("attn_v", Self.width, key), ("attn_output", Self.width, Self.width),
                ("ffn_gate", Self.width, Self.feedForward),
                ("ffn_up", Self.width, Self.feedForward),
                ("ffn_down", Self.feedForward, Self.width),
            ] { try add("blk.\(block).\(part).weight", [input, output], around: 0, by: 0.3) }
            for norm in ["attn_norm", "ffn_norm"] {
                try add("blk.\(block).\(norm).weight", [Self.width], around: 1, by: 0.3)
            }
        }
        try add("output_norm.weight", [Self.width], around: 1, by: 0.3)
        if !tied { try add("output.weight", [Self.width, Self.vocabulary], around: 0, by: 0.5) }
        try change(&writer)
        try writer.write(to: path)
    }

    /// GPT-2's alphabet of bytes, no merges, and two control tokens.
    private static func setTokenizer(_ writer: inout GGUFWriter) {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        var next: UInt32 = 256
        let letters = (0..<256).map { byte -> String in
            if printable.contains(byte) { return String(UnicodeScalar(UInt8(byte))) }
            defer { next += 1 }
            return UnicodeScalar(next).map { String($0) } ?? ""
        }
        writer.set("tokenizer.ggml.model", .string("gpt2"))
        writer.set("tokenizer.ggml.pre", .string("default"))
        writer.set("tokenizer.ggml.tokens", .strings(letters + ["<start>", "<end>"]))
        let kinds = Array(repeating: Int32(1), count: 256) + [3, 3]
        writer.set("tokenizer.ggml.token_type", .array(kinds.map { .int32($0) }))
        writer.set("tokenizer.ggml.merges", .strings([]))
        writer.set("tokenizer.ggml.bos_token_id", .uint32(256))
        writer.set("tokenizer.ggml.eos_token_id", .uint32(257))
        writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    }
}
