import Domain
import GGML
import Llama
import TestSupport
import Testing
import Torch

@testable import TrainingModels

/// The score that a candidate's tokens get in training is the one that the ranker serves.
@Suite("Llama as trained beside llama.cpp", .serialized)
struct LlamaParityTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    /// The greatest difference of a candidate's log-likelihood, in nats.
    private func difference(
        _ network: LlamaNetwork, path: String, adapter: String?, vectors: Bool
    ) async throws -> Double {
        let model = try LlamaModel(
            path: path, adapters: adapter.map { [.init(name: "default", path: $0)] } ?? [])
        let rows = ServedModel.vectors(width: network.shape.width)
        let example = try ServedModel.example(LlamaTokenizer(model), withVectors: vectors)
        let own = try network.logLikelihoods(
            [example], vectors: library.tensor(rows.values, shape: [rows.rows, rows.columns]),
            training: false
        ).floats()
        let served = try await ServedModel.scores(
            model, path: path, with: vectors ? rows : nil)
        try #require(own.count == served.count && own.count == ServedModel.candidates.count)
        return zip(own, served).map { abs(Double($0) - $1) }.max() ?? .infinity
    }

    /// An adapter whose B is not 0, so that it changes every projection.
    private func adapter(_ network: LlamaNetwork, deviation: Double) throws -> LoRAAdapter {
        try TorchSerial.run {
            try library.setSeed(5)
            let adapter = try LoRAAdapter(shape: network.shape, library: library)
            for named in adapter.parameters.all where named.name.hasSuffix("lora_b") {
                try named.tensor.assign(
                    library.normal(deviation: deviation, shape: named.tensor.shape()))
            }
            return adapter
        }
    }

    @Test(
        "float32 weights: as served but for the rounding of the engine's cache",
        arguments: [true, false])
    func tiny(tied: Bool) async throws {
        let tiny = try TinyLlama(tied: tied)
        let network = try LlamaNetwork(path: tiny.path, library: library, type: .float32)
        let plain = try await difference(network, path: tiny.path, adapter: nil, vectors: false)
        let hybrid = try await difference(network, path: tiny.path, adapter: nil, vectors: true)
        let lora = try adapter(network, deviation: 0.1)
        let file = "\(tiny.folder.path)/adapter.gguf"
        try lora.write(to: file)
        network.lora = lora
        let adapted = try await difference(network, path: tiny.path, adapter: file, vectors: true)
        let lost = try await difference(network, path: tiny.path, adapter: nil, vectors: true)
        // Measured, for sums over 6 to 25 tokens of -40 to -120 nats: 0.013, 0.015 and 0.054 tied,
        // 0.004, 0.003 and 0.017 untied. The engine keeps keys in F16 and values in BF16.
        #expect(plain < 0.02 && hybrid < 0.02 && adapted < 0.08)
        // The adapter does change the scores.
        #expect(lost > 1)
    }

    /// llama.cpp rounds a Q8_0 weight's other operand to 8 bits as well, this network does not.
    ///
    /// Measured over these titles: 0.53 without vectors, 0.70 with them, 0.25 with an adapter in
    /// half precision. With the same weights as an F32 file, whose operands stay, llama.cpp is
    /// 0.020, 0.039 and 0.016 away: so much is its cache, the rest its 8 bits.
    @Test("the shipped Q8_0 model: as served but for the engine's 8-bit operands")
    func shipped() async throws {
        let path = ServedModel.path
        let folder = try ScratchFolder()
        let network = try LlamaNetwork(path: path, library: library, type: .float32)
        let plain = try await difference(network, path: path, adapter: nil, vectors: false)
        let hybrid = try await difference(network, path: path, adapter: nil, vectors: true)
        let lora = try adapter(network, deviation: 0.02)
        let file = "\(folder.path)/adapter.gguf"
        try lora.write(to: file, halfPrecision: true)
        network.lora = lora
        let adapted = try await difference(network, path: path, adapter: file, vectors: true)
        #expect(plain < 0.75 && hybrid < 0.9 && adapted < 0.75)
    }
}
