import Domain
import Foundation
import GGML
import Llama
import Releases
import ServiceKit
import TestSupport
import Testing

@testable import llara_ranker

/// Files that crash llama.cpp, or do not load: none of them may harm the process that serves.
@Suite("Hostile model files")
struct HostileFileTests {
    /// GGML_TYPE_I32: values of four bytes, as F32's are.
    private static let int32Type: UInt32 = 26

    private let folder: RankerFolder
    private let path: String
    private let probe = ModelProbe(executable: builtExecutable("llara-ranker"))

    init() throws {
        folder = try RankerFolder()
        path = folder.url.appending(path: "hostile.gguf").path
    }

    /// An adapter that is right but for what `change` does to it.
    private func adapter(_ change: (inout GGUFWriter) -> Void) throws {
        var writer = try RankerFolder.adapter(strength: 1)
        change(&writer)
        try writer.write(to: path)
    }

    private func probeAdapter() async -> ProbeError? {
        await #expect(throws: ProbeError.self) {
            try await probe.require([
                ProbedFile(path: RankerFolder.model, sha256: "model"),
                ProbedFile(path: path, sha256: "adapter"),
            ])
        }
    }

    @Test(
        "an adapter whose metadata has another type crashes the child",
        arguments: ["general.architecture", "general.type", "adapter.type", "adapter.lora.alpha"])
    func adapterMetadata(key: String) async throws {
        try adapter { $0.set(key, .uint16(7)) }
        // Nothing is wrong with the file's form.
        _ = try GGUFFile(path: path)
        let error = await probeAdapter()
        #expect(error?.code == .crashed)
        #expect(error?.path == path)
        #expect(error?.message.contains("GGML_ASSERT") == true)
    }

    @Test("an adapter that makes scores not finite is refused", arguments: [Float.nan, .infinity])
    func adapterValues(alpha: Float) async throws {
        try adapter { $0.set("adapter.lora.alpha", .float32(alpha)) }
        let error = await probeAdapter()
        #expect(error?.code == .refused)
        #expect(error?.message.contains("not finite") == true)
    }

    @Test("an adapter of whole numbers, which only a computation finds, crashes the child")
    func adapterOfIntegers() async throws {
        try adapter { _ in }
        // Between a tensor's name and its type stand the count of its sides and two sides.
        try patch(after: "blk.0.attn_q.weight.lora_a", skipping: 4 + 2 * 8, with: Self.int32Type)
        _ = try GGUFFile(path: path)
        let error = await probeAdapter()
        #expect(error?.code == .crashed)
        #expect(error?.message.contains("signal 11") == true)
    }

    @Test("an adapter of another width is refused")
    func foreignAdapter() async throws {
        try RankerFolder.adapter(strength: 1, width: 64).write(to: path)
        let error = await probeAdapter()
        #expect(error?.code == .refused)
        #expect(error?.path == path)
    }

    @Test(
        "an LLM without layers, or without context, stops the start and not the process",
        arguments: [
            ("llama.block_count", "GGML_ASSERT"), ("llama.context_length", "context size is"),
        ])
    func model(key: String, reason: String) async throws {
        try FileManager.default.copyItem(atPath: RankerFolder.model, toPath: path)
        // The type of the value stands between key and value.
        try patch(after: key, skipping: 4, with: 0)
        _ = try GGUFFile(path: path)
        let release = try folder.write(.init(llm: sha256(ofFile: path)))
        let error = await #expect(throws: ProbeError.self) {
            try await RankerFolder.app([release], model: path, probe: probe)
        }
        #expect(error?.path == path)
        #expect(error?.message.contains(reason) == true)
    }

    @Test("an LLM trained on a shorter context than the service's is served with its own")
    func shortContext() async throws {
        try FileManager.default.copyItem(atPath: RankerFolder.model, toPath: path)
        try patch(after: "llama.context_length", skipping: 4, with: 300)
        let release = try folder.write(.init(llm: sha256(ofFile: path)))
        let app = try await RankerFolder.app([release], model: path, probe: probe)
        #expect(app.engine.options.contextSize == 300)
        #expect(app.engine.options.maximumPromptTokens == 44)
    }

    @Test("an adapter cut short is refused before any child is started")
    func cutShort() async throws {
        try adapter { _ in }
        let bytes = try Data(contentsOf: URL(filePath: path))
        // The last tensor is padded, so less than that must stay.
        try bytes.dropLast(32).write(to: URL(filePath: path))
        let probe = ModelProbe(executable: "/nonexistent")
        await #expect(throws: GGUFError.self) {
            try await RankerProbe.require(
                model: ProbedFile(path: RankerFolder.model, sha256: "model"),
                adapters: [.init(name: "cut", path: path)], by: probe)
        }
    }

    @Test("a loader that takes more memory than it may is ended")
    func memory() async {
        let probe = ModelProbe(
            executable: builtExecutable("llara-ranker"),
            limits: .init(time: .seconds(60), memoryBytes: 32 << 20))
        let error = await #expect(throws: ProbeError.self) {
            try await probe.require([ProbedFile(path: RankerFolder.model, sha256: "model")])
        }
        #expect(error?.path == RankerFolder.model)
        // The stacks of the threads that check its tensors are the first to find no room.
        #expect(error?.message.contains("Resource temporarily unavailable") == true)
    }

    /// Overwrites four bytes that stand `count` after a name in the file's head.
    private func patch(after name: String, skipping count: Int, with value: UInt32) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? file.close() }
        let head = try #require(try file.read(upToCount: 1 << 20))
        let place = try #require(head.firstRange(of: Data(name.utf8)))
        try file.seek(toOffset: UInt64(place.upperBound + count))
        try file.write(contentsOf: withUnsafeBytes(of: value.littleEndian) { Data($0) })
    }
}
