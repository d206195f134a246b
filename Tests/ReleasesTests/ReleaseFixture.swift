import Domain
import Foundation
import Releases

/// A folder of releases that goes away with the value; model files hold any bytes, as this
/// target only compares their hashes.
final class ReleaseFixture {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A manifest that is right in every part.
    static func manifest(name: String = "small") -> ReleaseManifest {
        ReleaseManifest(
            name: name, representation: .hybrid, domain: "movie",
            encoder: .init(model: "sasrec", dimension: 8, window: 6, itemCount: 2),
            projector: .init(input: 8, hidden: 16, output: 16),
            llm: .init(
                name: "tiny", sha256: [UInt8](repeating: 7, count: 32), embeddingDimension: 16,
                vocabularySize: 99),
            adapters: [.init(name: "default")], vocabulary: .init(itemCount: 2),
            fusion: .init(llm: 0.5, srs: 1),
            training: .init(
                dataset: "random", split: "users", splitSHA256: [1, 2], seed: .max,
                recipe: ["learning_rate": "0.001"], metrics: ["hitRatio@1": 0.5],
                created: "2026-01-02T03:04:05Z"))
    }

    /// Writes what the manifest names, changed by `change`.
    @discardableResult
    func write(
        _ folder: String = "small", manifest: ReleaseManifest = manifest(),
        items: Int = 2
    ) throws -> Release {
        let writer = try ReleaseWriter(destination: "\(path)/\(folder)")
        for file in ["encoder.gguf", "projector.gguf", "adapter.gguf"] {
            try Data(file.utf8).write(to: URL(filePath: writer.path(of: file)))
        }
        let ids = (0..<items).map { "item-\($0)" }
        try writer.write(
            ItemVocabulary(ids: ids, titleHashes: ids.map { ItemVocabulary.titleHash(of: $0) }))
        return try writer.finish(manifest)
    }

    func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
    }

    func set(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(file)"))
    }

    func names(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
    }
}
