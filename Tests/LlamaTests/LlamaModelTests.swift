import Foundation
import GGML
import RankerCore
import Testing

@testable import Llama

@Suite("Model and adapters")
struct LlamaModelTests {
    @Test("the shipped model has the width and vocabulary that releases name")
    func dimensions() throws {
        let model = try ModelFixture.model()
        try model.require(embeddingDimension: 576, vocabularySize: 49_152)
        #expect(model.adapterNames.isEmpty)
        #expect(model.summary.contains("Q8_0"))
        let error = #expect(throws: LlamaError.self) {
            try model.require(embeddingDimension: 4_096, vocabularySize: 49_152)
        }
        #expect(error?.code == .incompatible)
    }

    @Test("a file that is not there or no model is refused")
    func unreadable() {
        for path in ["/nonexistent.gguf", #filePath] {
            let error = #expect(throws: LlamaError.self) { try LlamaModel(path: path) }
            #expect(error?.code == .unreadable)
        }
    }

    @Test("an adapter changes the scores when it is named")
    func adapters() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/default.gguf"
        try writeAdapter(path)
        let model = try LlamaModel(
            path: ModelFixture.path, adapters: [.init(name: "default", path: path)])
        #expect(model.adapterNames == ["default"])
        let engine = try await LlamaEngine(
            model: model, embeddings: ModelFixture.embeddings(),
            options: EngineOptions(contextSize: 512, threads: 2))
        let unnamed = try await score(engine, adapter: "")
        let named = try await score(engine, adapter: "default")
        await #expect(throws: LlamaError.self) { try await score(engine, adapter: "other") }
        await engine.shutDown()

        let bare = try await LlamaEngine.forTest(EngineOptions(contextSize: 512, threads: 2))
        let plain = try await score(bare, adapter: "")
        await bare.shutDown()
        #expect(unnamed == plain)
        #expect(abs(try #require(named) - (try #require(plain))) > 1e-2)
    }

    @Test("an adapter for another shape is refused by name")
    func foreignAdapter() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/foreign.gguf"
        try writeAdapter(path, width: 64)
        let error = #expect(throws: LlamaError.self) {
            try LlamaModel(path: ModelFixture.path, adapters: [.init(name: "x", path: path)])
        }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains("foreign.gguf") == true)
    }

    private func score(_ engine: LlamaEngine, adapter: String) async throws -> Double? {
        try await engine.score(
            prompt: ModelFixture.prompt, candidates: [ModelFixture.candidates[0]],
            adapter: adapter
        ).candidates[0].logLikelihood
    }

    /// A rank-1 adapter of the first layer's query projection.
    private func writeAdapter(_ path: String, width: Int = 576) throws {
        var writer = GGUFWriter(architecture: "llama")
        writer.set("general.type", .string("adapter"))
        writer.set("adapter.type", .string("lora"))
        writer.set("adapter.lora.alpha", .float32(1))
        let values = (0..<width).map { Float($0 % 7) * 0.05 - 0.15 }
        try writer.add(
            tensor: "blk.0.attn_q.weight.lora_a", dimensions: [width, 1], values: values)
        try writer.add(
            tensor: "blk.0.attn_q.weight.lora_b", dimensions: [1, width], values: values)
        try writer.write(to: path)
    }
}

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/llara-llama-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
