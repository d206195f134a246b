import Foundation
import GGML
import TestSupport
import Testing
import Torch

@testable import TrainingModels

@Suite("Llama files and adapters")
struct LlamaFileTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    private func refusal(_ change: (inout GGUFWriter) throws -> Void) throws -> GGUFError? {
        let tiny = try TinyLlama(change: change)
        return #expect(throws: GGUFError.self) {
            try LlamaNetwork(path: tiny.path, library: library, type: .float32)
        }
    }

    @Test("the shape is the file's")
    func shape() throws {
        for tied in [true, false] {
            let tiny = try TinyLlama(tied: tied)
            let shape = try LlamaNetwork(path: tiny.path, library: library, type: .float32).shape
            #expect(shape.tiedOutput == tied)
            #expect((shape.blocks, shape.width, shape.feedForward) == (2, 32, 48))
            #expect((shape.heads, shape.keyHeads, shape.headWidth) == (4, 2, 8))
            #expect((shape.vocabulary, shape.ropeBase) == (258, 1_000))
        }
    }

    @Test("what llama.cpp would compute otherwise is refused by name")
    func refusals() throws {
        let other = try refusal { $0.set("general.architecture", .string("qwen2")) }
        #expect(other?.message.contains("qwen2") == true)
        let bias = try refusal {
            try $0.add(
                tensor: "blk.0.attn_q.bias", dimensions: [32],
                values: .init(repeating: 0, count: 32))
        }
        #expect(bias?.message.contains("blk.0.attn_q.bias") == true)
        let more = try refusal { $0.set("llama.block_count", .uint32(3)) }
        #expect(more?.message.contains("blk.2.") == true)
        let wider = try refusal { $0.set("llama.feed_forward_length", .uint32(64)) }
        #expect(wider?.message.contains("[32, 48]") == true)
        let scaled = try refusal { $0.set("llama.rope.scaling.type", .string("yarn")) }
        #expect(scaled?.message.contains("scaled") == true)
        let partial = try refusal { $0.set("llama.rope.dimension_count", .uint32(4)) }
        #expect(partial?.message.contains("rope.dimension_count") == true)
        let none = try refusal { $0.set("llama.attention.head_count", .uint32(0)) }
        #expect(none?.message.contains("head_count is 0") == true)
        let odd = try refusal { $0.set("llama.attention.head_count_kv", .uint32(3)) }
        #expect(odd?.message.contains("3 key heads") == true)
    }

    @Test(
        "blocks, heads and widths have their limits",
        arguments: [
            ("block_count", 1_024), ("attention.head_count", 1_024),
            ("attention.head_count_kv", 1_024), ("attention.key_length", 65_536),
            ("embedding_length", 65_536), ("feed_forward_length", 65_536),
        ] as [(String, UInt32)])
    func limits(key: String, limit: UInt32) throws {
        let beyond = try refusal { $0.set("llama.\(key)", .uint32(limit + 1)) }
        #expect(beyond?.code == .limitExceeded && beyond?.message.contains(key) == true)
        // At the limit it is no more than a shape that the weights of this file do not have.
        let within = try refusal { $0.set("llama.\(key)", .uint32(limit)) }
        #expect(within?.code != .limitExceeded)
    }

    @Test("an adapter comes back from its file, in either precision")
    func adapterFile() throws {
        let tiny = try TinyLlama()
        let shape = try LlamaNetwork(path: tiny.path, library: library, type: .float32).shape
        let adapter = try TorchSerial.run {
            try LoRAAdapter(.init(rank: 4, alpha: 6), shape: shape, library: library)
        }
        let last = try #require(adapter.parameters.all.last)
        try last.tensor.assign(library.full(0.25, shape: last.tensor.shape()))
        for half in [false, true] {
            let path = "\(tiny.folder.path)/\(half).gguf"
            try adapter.write(to: path, halfPrecision: half)
            let again = try LoRAAdapter.read(from: path, shape: shape, library: library)
            #expect(again.options == .init(rank: 4, alpha: 6, dropout: 0))
            for (old, new) in zip(adapter.parameters.all, again.parameters.all) {
                let (a, b) = (try old.tensor.floats(), try new.tensor.floats())
                let worst = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
                #expect(old.name == new.name && worst <= (half ? 2e-4 : 0))
            }
        }
    }

    @Test("an adapter of another network is refused by name, from its file and in use")
    func foreignAdapter() throws {
        let tiny = try TinyLlama()
        let network = try LlamaNetwork(path: tiny.path, library: library, type: .float32)
        let deeper = try TinyLlama { $0.set("llama.rope.freq_base", .float32(10)) }
        let other = try LlamaNetwork(path: deeper.path, library: library, type: .float32)
        network.lora = try TorchSerial.run { try LoRAAdapter(shape: other.shape, library: library) }
        let inUse = #expect(throws: TorchError.self) {
            try network.logLikelihoods(
                [.init(prompt: [.token(1)], branches: [[2]])], training: false)
        }
        #expect(inUse?.message.contains("another network") == true)

        func fault(_ change: (inout GGUFWriter) throws -> Void) throws -> String? {
            let path = "\(tiny.folder.path)/foreign.gguf"
            var writer = GGUFWriter(architecture: "llama")
            writer.set("general.type", .string("adapter"))
            writer.set("adapter.type", .string("lora"))
            writer.set("adapter.lora.alpha", .float32(1))
            try change(&writer)
            try writer.write(to: path)
            return #expect(throws: GGUFError.self) {
                try LoRAAdapter.read(from: path, shape: network.shape, library: library)
            }?.message
        }
        let first = "blk.0.attn_q.weight.lora_a"
        func pair(_ width: Int) -> (inout GGUFWriter) throws -> Void {
            { writer in
                for adapted in try LoRAAdapter(shape: other.shape, library: library).parameters.all
                {
                    let sizes = try adapted.tensor.shape().reversed().map { $0 == 32 ? width : $0 }
                    try writer.add(
                        tensor: adapted.name, dimensions: sizes,
                        values: .init(repeating: 0, count: sizes.reduce(1, *)))
                }
            }
        }
        #expect(try fault { _ in }?.contains(first) == true)
        #expect(try fault(pair(64))?.contains("[64, 8]") == true)
        #expect(
            try fault {
                try $0.add(
                    tensor: first, dimensions: [32, 8], values: .init(repeating: 0, count: 256))
            }?.contains("1 tensors, needed are 28") == true)
        #expect(try fault { $0.set("adapter.type", .string("ia3")) }?.contains("ia3") == true)
        #expect(
            try fault { $0.set("general.architecture", .string("qwen2")) }?
                .contains("qwen2") == true)
    }

    @Test("an adapter's options have limits")
    func options() throws {
        let tiny = try TinyLlama()
        let shape = try LlamaNetwork(path: tiny.path, library: library, type: .float32).shape
        for options in [
            LoRAAdapter.Options(rank: 0), .init(rank: 257), .init(alpha: 0), .init(alpha: .nan),
            .init(dropout: 1), .init(dropout: -0.1),
        ] {
            let error = #expect(throws: TorchError.self) {
                try LoRAAdapter(options, shape: shape, library: library)
            }
            #expect(error?.code == .badArgument)
        }
        let widest = try TorchSerial.run {
            try LoRAAdapter(.init(rank: 256), shape: shape, library: library)
        }
        #expect(widest.parameters.all.count == 28)
    }
}
