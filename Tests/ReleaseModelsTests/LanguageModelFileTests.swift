import Foundation
import GGML
import ReleaseModels
import Releases
import TestSupport
import Testing

@Suite("The LLM's file beside a release")
struct LanguageModelFileTests {
    private let folder: ScratchFolder
    private let model: LanguageModelFile

    init() throws {
        folder = try ScratchFolder()
        var file = GGUFWriter(architecture: "llama")
        file.set("llama.embedding_length", .uint32(4))
        let zeros = { (count: Int) in [Float](repeating: 0, count: count) }
        try file.add(tensor: "token_embd.weight", dimensions: [4, 9], values: zeros(36))
        try file.add(tensor: "blk.0.attn_k.weight", dimensions: [4, 2], values: zeros(8))
        try file.write(to: "\(folder.path)/tiny.gguf")
        model = try LanguageModelFile(path: "\(folder.path)/tiny.gguf")
    }

    /// Writes an adapter of `attn_k`, changed by `change`.
    private func adapter(
        architecture: String = "llama", type: String = "lora", base: String = "blk.0.attn_k.weight",
        down: [Int] = [4, 1], up: [Int]? = [1, 2]
    ) throws -> String {
        var file = GGUFWriter(architecture: architecture)
        file.set("general.type", .string("adapter"))
        file.set("adapter.type", .string(type))
        file.set("adapter.lora.alpha", .float32(1))
        for (suffix, dimensions) in [("lora_a", down), ("lora_b", up)] {
            guard let dimensions else { continue }
            try file.add(
                tensor: "\(base).\(suffix)", dimensions: dimensions,
                values: [Float](repeating: 0, count: dimensions.reduce(1, *)))
        }
        let path = "\(folder.path)/\(UUID()).gguf"
        try file.write(to: path)
        return path
    }

    @Test("name, hash and sizes are read from it")
    func description() throws {
        #expect(model.model.name == "tiny")
        #expect(model.model.sha256 == (try sha256(ofFile: "\(folder.path)/tiny.gguf")))
        #expect(model.model.embeddingDimension == 4)
        #expect(model.model.vocabularySize == 9)
        try model.require(model.model)
    }

    @Test("another file, and other sizes than the manifest's, are told apart")
    func differences() {
        var other = model.model
        other.vocabularySize = 8
        #expect(throws: ReleaseError.self) { try model.require(other) }
        other.sha256[0] ^= 1
        let error = #expect(throws: ReleaseError.self) { try model.require(other) }
        #expect(error?.code == .hashMismatch)
        #expect(error?.advice.contains("tiny") == true)
    }

    @Test("a file that is no LLM is refused with what to do")
    func noModel() throws {
        let path = try adapter()
        let error = #expect(throws: ReleaseError.self) { try LanguageModelFile(path: path) }
        #expect(error?.advice.contains("ranker") == true)
    }

    @Test("an adapter of this LLM passes")
    func adapterPasses() throws { try model.requireAdapter(path: try adapter()) }

    @Test("an adapter for another base is refused for its reason")
    func adapterFaults() throws {
        for (path, reason) in [
            (try adapter(type: "ia3"), "LoRA"),
            (try adapter(base: "blk.7.attn_k.weight"), "no blk.7.attn_k.weight"),
            (try adapter(down: [5, 1]), "shape"),
            (try adapter(down: [4, 3]), "shape"),
            (try adapter(up: nil), "lacks"),
        ] {
            let error = #expect(throws: ReleaseError.self) { try model.requireAdapter(path: path) }
            #expect(error?.code == .inconsistent)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        let error = #expect(throws: GGUFError.self) {
            try model.requireAdapter(path: try adapter(architecture: "qwen2"))
        }
        #expect(error?.message.contains("llama") == true)
    }
}
