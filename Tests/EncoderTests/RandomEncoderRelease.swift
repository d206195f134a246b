import Domain
import Foundation
import GGML
import Releases

/// A release of a small network with seeded random weights, in a folder of its own.
final class RandomEncoderRelease {
    typealias Architecture = SequentialConfiguration.Architecture

    static let dimension = 8
    static let window = 6
    static let ids = (0..<12).map { "item-\($0)" }

    let release: Release
    private let folder: URL

    /// - Parameters:
    ///   - statedModel: what the manifest says, where it differs from `architecture`.
    ///   - isStateWide: a Caser without last layer, whose states are wider than item rows.
    init(
        _ architecture: Architecture = .sasrec, name: String = "random", seed: UInt64 = 1,
        statedModel: String? = nil, statedWindow: Int = window, isStateWide: Bool = false,
        dimension: Int = dimension, usesUserState: Bool = false,
        change: (inout GGUFWriter) throws -> Void = { _ in }
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let writer = try ReleaseWriter(destination: folder.appending(path: name).path)
        var network = RandomNetwork(
            architecture, width: dimension, seed: seed, isStateWide: isStateWide)
        try network.draw()
        try change(&network.writer)
        try network.writer.write(to: writer.path(of: "encoder.gguf"))
        // This service has it compared with its hash, no more.
        if usesUserState {
            try Data([1]).write(to: URL(filePath: writer.path(of: "projector.gguf")))
        }
        try writer.write(
            ItemVocabulary(ids: Self.ids, titleHashes: Self.ids.map(ItemVocabulary.titleHash)))
        release = try writer.finish(
            ReleaseManifest(
                name: name, representation: usesUserState ? .hybrid : .text, domain: "movie",
                encoder: .init(
                    model: statedModel ?? architecture.rawValue, dimension: dimension,
                    window: statedWindow, itemCount: Self.ids.count),
                projector: usesUserState
                    ? .init(input: dimension, hidden: 4, output: 16) : nil,
                llm: .init(
                    name: "tiny", sha256: [UInt8](repeating: 7, count: 32),
                    embeddingDimension: 16, vocabularySize: 99),
                vocabulary: .init(itemCount: Self.ids.count),
                prompt: .init(userState: usesUserState),
                fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: "random", split: "users", splitSHA256: [], seed: seed, recipe: [:],
                    metrics: [:], created: "2026-01-02T03:04:05Z")))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The network alone, for what the service must answer.
    func encoder() throws -> SequentialEncoder {
        try SequentialEncoder(path: release.path(of: "encoder.gguf"))
    }
}
