import Domain
import Foundation
import GGML
import Releases

/// A release of a small SASRec network with seeded random weights, in a folder of its own.
final class RandomEncoderRelease {
    static let dimension = 8
    static let window = 6
    static let ids = (0..<12).map { "item-\($0)" }

    let release: Release
    private let folder: URL

    init(
        name: String = "random", seed: UInt64 = 1, statedWindow: Int = window,
        dimension: Int = dimension
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let writer = try ReleaseWriter(destination: folder.appending(path: name).path)
        try Self.network(seed: seed, dimension: dimension).write(
            to: writer.path(of: "encoder.gguf"))
        try writer.write(
            ItemVocabulary(ids: Self.ids, titleHashes: Self.ids.map(ItemVocabulary.titleHash)))
        release = try writer.finish(
            ReleaseManifest(
                name: name, representation: .text, domain: "movie",
                encoder: .init(
                    model: "sasrec", dimension: dimension, window: statedWindow,
                    itemCount: Self.ids.count),
                llm: .init(
                    name: "tiny", sha256: [UInt8](repeating: 7, count: 32),
                    embeddingDimension: 16, vocabularySize: 99),
                vocabulary: .init(itemCount: Self.ids.count), fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: "random", split: "users", splitSHA256: [], seed: seed, recipe: [:],
                    metrics: [:], created: "2026-01-02T03:04:05Z")))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The network alone, for what the service must answer.
    func encoder() throws -> SequentialEncoder {
        try SequentialEncoder(path: release.path(of: "encoder.gguf"))
    }

    private static func network(seed: UInt64, dimension: Int) throws -> GGUFWriter {
        var generator = SeededGenerator(seed: seed)
        var writer = GGUFWriter(architecture: "sasrec")
        for (key, value) in [
            ("embedding_length", dimension), ("context_length", window), ("block_count", 1),
            ("attention.head_count", 2), ("feed_forward_length", 16), ("item_count", ids.count),
        ] {
            writer.set("sasrec.\(key)", .uint32(UInt32(value)))
        }
        writer.set("sasrec.variant", .string("pre_norm"))
        writer.set("sasrec.activation", .string("gelu"))
        writer.set("sasrec.layer_norm_epsilon", .float32(1e-5))
        writer.set("sasrec.embedding_scale", .float32(1))
        writer.set("sasrec.tied_output", .bool(true))
        func add(_ name: String, _ dimensions: [Int]) throws {
            // A wide network repeats its draws: they cost the most of making one.
            let count = dimensions.reduce(1, *)
            let draws = (0..<min(count, 9_973)).map { _ in
                Float.random(in: -0.5...0.5, using: &generator)
            }
            let values = (0..<count).map { draws[$0 % draws.count] }
            try writer.add(tensor: name, dimensions: dimensions, values: values)
        }
        try add("item_embd.weight", [dimension, ids.count])
        try add("position_embd.weight", [dimension, window])
        for part in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
            try add("\(part).weight", [dimension])
            try add("\(part).bias", [dimension])
        }
        for (part, input, output) in [
            ("attn_q", dimension, dimension), ("attn_k", dimension, dimension),
            ("attn_v", dimension, dimension), ("attn_output", dimension, dimension),
            ("ffn_up", dimension, 16), ("ffn_down", 16, dimension),
        ] {
            try add("blk.0.\(part).weight", [input, output])
            try add("blk.0.\(part).bias", [output])
        }
        return writer
    }
}
