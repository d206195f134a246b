import Domain
import Foundation
import GGML
import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit
import TestSupport
import Testing

@testable import llara_ranker

/// A ranker as its process serves it, over the shipped LLM and releases made for the test.
final class RankerFixture {
    let releases: [Release]
    let client: RankerClient
    private let folder: RankerFolder
    let app: RankerApp

    /// Serves releases of these names and adapters; an adapter is told by its strength.
    init(_ specifications: [RankerFolder.Specification] = [.init()]) async throws {
        folder = try RankerFolder()
        releases = try specifications.map(folder.write)
        app = try await RankerFolder.app(releases)
        client = RankerClient(InProcessTransport(router: app.parts.router))
    }

    var release: Release { releases[0] }
}

/// A folder of ranker releases that goes with the test.
final class RankerFolder {
    static let model =
        URL(filePath: #filePath).deletingLastPathComponent().path
        + "/../../.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"
    private static let modelSHA256 = Result { try sha256(ofFile: model) }

    /// What a release is to hold.
    struct Specification {
        var name = "test"
        var llm: [UInt8]?
        var embeddingDimension = 576
        /// Strength by name.
        var adapters: KeyValuePairs<String, Float> = [:]
    }

    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// One for all tests: what passed once need not be loaded by a child again.
    static let probe = ModelProbe(executable: builtExecutable("llara-ranker"))

    static func app(
        _ releases: [Release], model: String = model, probe: ModelProbe = probe
    ) async throws -> RankerApp {
        let settings = ServiceSettings(
            service: "ranker",
            values: [
                "release": releases.map(\.directory).joined(separator: ","), "model": model,
                "threads": "2",
            ])
        return try await RankerApp(
            configuration: RankerConfiguration(settings), probe: probe,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A release of one item; the encoder's file is never opened here.
    func write(_ specification: Specification) throws -> Release {
        let writer = try ReleaseWriter(
            destination: url.appending(path: specification.name).path)
        try GGUFWriter(architecture: "sasrec").write(to: writer.path(of: "encoder.gguf"))
        try writer.write(
            ItemVocabulary(ids: ["1"], titleHashes: [ItemVocabulary.titleHash(of: "Alien")]))
        for (name, strength) in specification.adapters {
            try Self.adapter(strength: strength).write(to: writer.path(of: "\(name).gguf"))
        }
        return try writer.finish(
            ReleaseManifest(
                name: specification.name, representation: .text, domain: "movie",
                encoder: .init(model: "sasrec", dimension: 8, window: 6, itemCount: 1),
                llm: .init(
                    name: "SmolLM2", sha256: specification.llm ?? Self.modelSHA256.get(),
                    embeddingDimension: specification.embeddingDimension,
                    vocabularySize: 49_152),
                adapters: specification.adapters.map {
                    .init(name: $0.key, file: "\($0.key).gguf")
                },
                vocabulary: .init(itemCount: 1), fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: "none", split: "users", splitSHA256: [], seed: 1, recipe: [:],
                    metrics: [:], created: "2026-01-02T03:04:05Z")))
    }

    /// A rank-1 adapter of the first layer's query projection.
    static func adapter(strength: Float, width: Int = 576) throws -> GGUFWriter {
        var writer = GGUFWriter(architecture: "llama")
        writer.set("general.type", .string("adapter"))
        writer.set("adapter.type", .string("lora"))
        writer.set("adapter.lora.alpha", .float32(1))
        let values = (0..<width).map { strength * (Float($0 % 7) * 0.05 - 0.15) }
        try writer.add(
            tensor: "blk.0.attn_q.weight.lora_a", dimensions: [width, 1], values: values)
        try writer.add(
            tensor: "blk.0.attn_q.weight.lora_b", dimensions: [1, width], values: values)
        return writer
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
