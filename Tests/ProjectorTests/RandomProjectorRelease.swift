import Domain
import Foundation
import GGML
import Releases

/// A release with a small projector of seeded random weights, in a folder of its own.
///
/// Its encoder file holds any bytes: this service only has them compared with their hash.
final class RandomProjectorRelease {
    static let input = 8
    static let hidden = 12
    static let output = 16

    let release: Release
    private let folder: URL

    init(
        name: String = "random", seed: UInt64 = 1, hasProjector: Bool = true,
        statedHidden: Int? = nil, hidden: Int = hidden, output: Int = output,
        roles: [String] = ["item"], usesUserState: Bool = false
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let writer = try ReleaseWriter(destination: folder.appending(path: name).path)
        try Data([1, 2, 3]).write(to: URL(filePath: writer.path(of: "encoder.gguf")))
        if hasProjector {
            try Self.network(seed: seed, roles: roles, hidden: hidden, output: output).write(
                to: writer.path(of: "projector.gguf"))
        }
        try writer.write(
            ItemVocabulary(ids: ["a"], titleHashes: [ItemVocabulary.titleHash(of: "A")]))
        release = try writer.finish(
            ReleaseManifest(
                name: name, representation: hasProjector ? .hybrid : .text, domain: "movie",
                encoder: .init(model: "sasrec", dimension: Self.input, window: 6, itemCount: 1),
                projector: hasProjector
                    ? .init(input: Self.input, hidden: statedHidden ?? hidden, output: output)
                    : nil,
                llm: .init(
                    name: "tiny", sha256: [UInt8](repeating: 7, count: 32),
                    embeddingDimension: output, vocabularySize: 99),
                vocabulary: .init(itemCount: 1), prompt: .init(userState: usesUserState),
                fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: "random", split: "users", splitSHA256: [], seed: seed, recipe: [:],
                    metrics: [:], created: "2026-01-02T03:04:05Z")))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static func network(
        seed: UInt64, roles: [String], hidden: Int, output: Int
    ) throws -> GGUFWriter {
        var generator = SeededGenerator(seed: seed)
        var writer = GGUFWriter(architecture: MLPProjector.architecture)
        writer.set("projector.roles", .strings(roles))
        writer.set("projector.input_length", .uint32(UInt32(input)))
        writer.set("projector.hidden_length", .uint32(UInt32(hidden)))
        writer.set("projector.output_length", .uint32(UInt32(output)))
        for role in roles {
            for (name, dimensions) in [
                ("up.weight", [input, hidden]), ("up.bias", [hidden]),
                ("down.weight", [hidden, output]), ("down.bias", [output]),
            ] {
                let values = (0..<dimensions.reduce(1, *)).map { _ in
                    Float.random(in: -0.5...0.5, using: &generator)
                }
                try writer.add(tensor: "\(role).\(name)", dimensions: dimensions, values: values)
            }
        }
        return writer
    }
}
