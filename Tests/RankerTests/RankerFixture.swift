import Domain
import Foundation
import GGML
import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Testing

@testable import llara_ranker

/// A ranker as its process serves it, over the shipped LLM and a release made for the test.
final class RankerFixture {
    static let model =
        URL(filePath: #filePath).deletingLastPathComponent().path
        + "/../../.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    let release: Release
    let client: RankerClient
    private let folder: URL
    private let parts: ServiceParts

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        release = try Self.writeRelease(
            folder.appending(path: "test").path, llm: sha256(ofFile: Self.model))
        parts = try await Self.app(release).parts
        client = RankerClient(InProcessTransport(router: parts.router))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func app(_ release: Release) async throws -> RankerApp {
        let settings = ServiceSettings(
            service: "ranker",
            values: ["release": release.directory, "model": model, "threads": "2"])
        return try await RankerApp(
            configuration: RankerConfiguration(settings),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A release of one item; the encoder's file is never opened here.
    static func writeRelease(
        _ path: String, llm: [UInt8], embeddingDimension: Int = 576
    ) throws -> Release {
        let writer = try ReleaseWriter(destination: path)
        try GGUFWriter(architecture: "sasrec").write(to: writer.path(of: "encoder.gguf"))
        try writer.write(
            ItemVocabulary(ids: ["1"], titleHashes: [ItemVocabulary.titleHash(of: "Alien")]))
        return try writer.finish(
            ReleaseManifest(
                name: "test", representation: .text, domain: "movie",
                encoder: .init(model: "sasrec", dimension: 8, window: 6, itemCount: 1),
                llm: .init(
                    name: "SmolLM2", sha256: llm, embeddingDimension: embeddingDimension,
                    vocabularySize: 49_152),
                vocabulary: .init(itemCount: 1), fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: "none", split: "users", splitSHA256: [], seed: 1, recipe: [:],
                    metrics: [:], created: "2026-01-02T03:04:05Z")))
    }
}

/// The RPCError that `body` throws, if it does.
func failure(_ body: () async throws -> some Any) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}
