internal import Domain
internal import Foundation
internal import GGML
public import Releases

/// A complete hybrid release with seeded random weights: every box of the product is real,
/// only its knowledge is missing.
///
/// If asked for, with all that training can make: an adapter and the user's state in the prompts.
public struct RandomRelease {
    private static let dimension = 16
    private static let hidden = 576

    /// The release, opened.
    public let release: Release

    /// Writes the release into a new temporary folder, over `itemIDs`.
    ///
    /// - Parameters:
    ///   - splitSHA256: of the rows that it claims to know nothing of.
    ///   - isHybrid: whether it has a projector and prompts with behavioural tokens.
    ///   - isComplete: whether it has, beside these, an adapter and the user's state.
    ///   - window: newest items that its encoder reads.
    public init(
        itemIDs: [String], seed: UInt64 = 1, name: String = "random",
        splitSHA256: [UInt8] = [UInt8](repeating: 0, count: 32), isHybrid: Bool = true,
        isComplete: Bool = false, window: Int = 10
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("llara-release-\(UUID().uuidString)").path
        var weights = Weights(seed: seed)
        let writer = try ReleaseWriter(destination: folder)
        try Self.encoder(itemCount: itemIDs.count, window: window, &weights)
            .write(to: writer.path(of: "encoder.gguf"))
        let roles = isComplete ? ["item", "user"] : ["item"]
        if isHybrid {
            try Self.projector(roles, &weights).write(to: writer.path(of: "projector.gguf"))
        }
        if isComplete { try Self.adapter().write(to: writer.path(of: "adapter.gguf")) }
        try writer.write(
            ItemVocabulary(ids: itemIDs, titleHashes: itemIDs.map(ItemVocabulary.titleHash)))
        release = try writer.finish(
            ReleaseManifest(
                name: name, representation: isHybrid ? .hybrid : .text, domain: "movie",
                encoder: .init(
                    model: "sasrec", dimension: Self.dimension, window: window,
                    itemCount: itemIDs.count),
                projector: isHybrid
                    ? .init(input: Self.dimension, hidden: Self.hidden, output: Self.hidden)
                    : nil,
                llm: .init(
                    name: "SmolLM2-135M-Instruct-Q8_0", sha256: RealModel.sha256,
                    embeddingDimension: Self.hidden, vocabularySize: 49_152),
                adapters: isComplete ? [.init(name: "default")] : [],
                vocabulary: .init(itemCount: itemIDs.count),
                prompt: isComplete ? .init(userState: true) : nil,
                fusion: .init(llm: 0.5, srs: 0.5),
                training: .init(
                    dataset: "random", split: "users",
                    splitSHA256: splitSHA256, seed: seed, recipe: [:],
                    metrics: [:], created: "2026-11-21")))
    }

    private static func encoder(itemCount: Int, window: Int, _ weights: inout Weights) throws
        -> GGUFWriter
    {
        let d = dimension
        var file = GGUFWriter(architecture: "sasrec")
        file.set("sasrec.variant", .string("pre_norm"))
        file.set("sasrec.activation", .string("gelu"))
        for (key, value) in [
            ("embedding_length", d), ("context_length", window), ("block_count", 1),
            ("attention.head_count", 2), ("feed_forward_length", 4 * d), ("item_count", itemCount),
        ] {
            file.set("sasrec.\(key)", .uint32(UInt32(value)))
        }
        file.set("sasrec.layer_norm_epsilon", .float32(1e-5))
        file.set("sasrec.embedding_scale", .float32(1))
        file.set("sasrec.tied_output", .bool(true))
        try file.add(
            tensor: "item_embd.weight", dimensions: [d, itemCount],
            values: weights.draw(d * itemCount, scale: 1))
        try file.add(
            tensor: "position_embd.weight", dimensions: [d, window],
            values: weights.draw(d * window, scale: 0.1))
        for norm in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
            try file.add(
                tensor: "\(norm).weight", dimensions: [d],
                values: [Float](repeating: 1, count: d))
            try file.add(
                tensor: "\(norm).bias", dimensions: [d], values: [Float](repeating: 0, count: d))
        }
        for (name, input, output) in [
            ("attn_q", d, d), ("attn_k", d, d), ("attn_v", d, d), ("attn_output", d, d),
            ("ffn_up", d, 4 * d), ("ffn_down", 4 * d, d),
        ] {
            try weights.addLinear("blk.0.\(name)", input, output, to: &file)
        }
        return file
    }

    private static func projector(
        _ roles: [String], _ weights: inout Weights
    ) throws -> GGUFWriter {
        var file = GGUFWriter(architecture: "llara-projector")
        file.set("projector.roles", .strings(roles))
        file.set("projector.input_length", .uint32(UInt32(dimension)))
        file.set("projector.hidden_length", .uint32(UInt32(hidden)))
        file.set("projector.output_length", .uint32(UInt32(hidden)))
        for role in roles {
            try weights.addLinear("\(role).up", dimension, hidden, to: &file)
            try weights.addLinear("\(role).down", hidden, hidden, to: &file)
        }
        return file
    }

    /// A rank-1 adapter of the first layer's query projection.
    private static func adapter() throws -> GGUFWriter {
        var file = GGUFWriter(architecture: "llama")
        file.set("general.type", .string("adapter"))
        file.set("adapter.type", .string("lora"))
        file.set("adapter.lora.alpha", .float32(1))
        let values = (0..<hidden).map { Float($0 % 7) * 0.05 - 0.15 }
        try file.add(
            tensor: "blk.0.attn_q.weight.lora_a", dimensions: [hidden, 1], values: values)
        try file.add(
            tensor: "blk.0.attn_q.weight.lora_b", dimensions: [1, hidden], values: values)
        return file
    }
}

private struct Weights {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func draw(_ count: Int, scale: Float) -> [Float] {
        (0..<count).map { _ in Float.random(in: -scale...scale, using: &generator) }
    }

    mutating func addLinear(
        _ name: String, _ input: Int, _ output: Int, to file: inout GGUFWriter
    ) throws {
        let scale = 1 / Float(input).squareRoot()
        try file.add(
            tensor: "\(name).weight", dimensions: [input, output],
            values: draw(input * output, scale: scale))
        try file.add(tensor: "\(name).bias", dimensions: [output], values: draw(output, scale: 0.1))
    }
}

/// The model that Deploy/bootstrap put into the prefix.
public enum RealModel {
    /// Its file.
    public static let path =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    /// Its SHA-256.
    public static let sha256: [UInt8] = [
        0x7b, 0x46, 0x60, 0x9d, 0x11, 0x70, 0x3c, 0x05, 0x83, 0x97, 0xe5, 0xcf, 0xe4, 0xcc, 0x6e,
        0x4b, 0x25, 0x08, 0xcb, 0x1e, 0xb4, 0xc8, 0x0d, 0xdc, 0x47, 0x2a, 0x5d, 0x42, 0x1f, 0xbd,
        0xb5, 0x08,
    ]
}
