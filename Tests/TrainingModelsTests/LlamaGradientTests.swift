import Domain
import GGML
import TestSupport
import Testing
import Torch

@testable import TrainingModels

@Suite("Llama's gradients and learning", .serialized)
struct LlamaGradientTests {
    private let library: TorchLibrary
    private let tiny: TinyLlama

    init() throws {
        library = try TorchLibrary()
        tiny = try TinyLlama()
    }

    private let examples = [
        PromptExample(
            prompt: [.token(5), .vector(0), .token(77), .token(9), .vector(1)],
            branches: [[10, 11, 12], [10, 40], [99]]),
        PromptExample(
            prompt: [.vector(1), .token(3), .token(200)], branches: [[1, 2], [7, 7, 7, 7]]),
    ]

    private func vectors() throws -> Tensor {
        try library.tensor(
            ServedModel.vectors(width: TinyLlama.width).values, shape: [3, TinyLlama.width]
        )
    }

    private func network(
        type: Tensor.ElementType = .float32, dropout: Double = 0
    ) throws -> LlamaNetwork {
        let network = try LlamaNetwork(path: tiny.path, library: library, type: type)
        network.lora = try TorchSerial.run {
            try library.setSeed(3)
            let adapter = try LoRAAdapter(
                .init(dropout: dropout), shape: network.shape, library: library)
            for named in adapter.parameters.all {
                let shape = try named.tensor.shape()
                try named.tensor.assign(
                    named.tensor + library.normal(deviation: 0.1, shape: shape))
            }
            return adapter
        }
        return network
    }

    @Test("gradients agree with finite differences in every adapter matrix and in the vectors")
    func finiteDifferences() throws {
        let network = try network()
        let vectors = try vectors().requiringGradient()
        func loss() throws -> Tensor {
            try network.logLikelihoods(examples, vectors: vectors, training: false)
                .reduced(.logSumExp, dimension: 0)
        }
        try loss().backward()
        let lora = try #require(network.lora)
        var checked = lora.parameters.all.map { ($0.name, $0.tensor) }
        checked.append(("vectors", vectors))
        #expect(checked.count == 2 * 7 * 2 + 1)
        for (name, tensor) in checked {
            let gradient = try #require(try tensor.gradient()).floats()
            let place = try #require(
                gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
            let values = try tensor.floats()
            let shape = try tensor.shape()
            func moved(_ by: Float) throws -> Double {
                var changed = values
                changed[place] += by
                try tensor.assign(library.tensor(changed, shape: shape))
                return Double(try loss().item())
            }
            let step: Float = 2e-3
            let difference = try (moved(step) - moved(-step)) / Double(2 * step)
            try tensor.assign(library.tensor(values, shape: shape))
            #expect(
                abs(difference - Double(gradient[place])) < 2e-3 + 0.02 * abs(difference),
                "\(name): \(difference) and \(gradient[place])")
        }
        // A row that no position names has no part in the loss.
        let rows = try #require(try vectors.gradient()).floats()
        #expect(rows[(2 * TinyLlama.width)...].allSatisfy { $0 == 0 })
        #expect(rows[..<TinyLlama.width].contains { $0 != 0 })
    }

    @Test("an example's result does not depend on what stands beside it, nor a branch's")
    func independence() throws {
        let network = try network()
        let together = try network.logLikelihoods(
            examples, vectors: vectors(), training: false
        ).floats()
        var alone: [Float] = []
        for example in examples {
            for branch in example.branches {
                let single = PromptExample(prompt: example.prompt, branches: [branch])
                alone += try network.logLikelihoods(
                    [single], vectors: vectors(), training: false
                ).floats()
            }
        }
        #expect(together.count == alone.count)
        #expect(zip(together, alone).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test(
        "a tiny model learns one batch by heart, by the answer and by the list",
        arguments: [Tensor.ElementType.float32, .bfloat16])
    func overfits(type: Tensor.ElementType) throws {
        let answers = [1, 3]
        let counts = [2.0, 2.0]
        for isList in [false, true] {
            let network = try network(type: type)
            let adapter = try #require(network.lora)
            let adam = try Adam(library: library)
            try adam.addGroup(adapter.parameters.tensors, learningRate: 1e-2)
            func loss() throws -> Tensor {
                let scores = try network.logLikelihoods(
                    examples, vectors: vectors(), training: true)
                if isList {
                    let first = try scores.slice(0, 0..<3).logSoftmax(0).slice(0, 1..<2)
                    let second = try scores.slice(0, 3..<5).logSoftmax(0).slice(0, 0..<1)
                    return try (first + second).reduced(.sum) * -0.5
                }
                let chosen = try scores.selecting(
                    library.indices(answers, shape: [2]), dimension: 0)
                return try chosen.reduced(.sum) * (-1 / counts.reduce(0, +))
            }
            let before = try loss().item()
            for _ in 0..<60 {
                try adam.clearGradients()
                try loss().backward()
                try adam.step()
            }
            let after = try loss().item()
            #expect(before > 0.5)
            // The final norm bounds how sure the answer can be: 0.09 is all that is left to learn.
            #expect(after < 0.12, "\(isList ? "list" : "answer"): \(before) to \(after)")
        }
    }

    @Test("dropout acts in training alone, and repeats with the seed")
    func dropout() throws {
        let network = try network(dropout: 0.5)
        func scores(training: Bool) throws -> [Float] {
            try TorchSerial.run {
                try library.setSeed(9)
                return try network.logLikelihoods(
                    examples, vectors: vectors(), training: training
                ).floats()
            }
        }
        let served = try scores(training: false)
        let trained = try scores(training: true)
        #expect(try scores(training: true) == trained)
        #expect(trained != served)
        #expect(try scores(training: false) == served)
    }

    @Test("what cannot be computed is refused by name")
    func refusals() throws {
        let network = try network()
        func message(_ example: PromptExample, _ rows: Tensor? = nil) throws -> String? {
            #expect(throws: TorchError.self) {
                try network.logLikelihoods([example], vectors: rows, training: false)
            }?.message
        }
        let one = [[Int32(1)]]
        #expect(try message(.init(prompt: [], branches: one))?.contains("is empty") == true)
        #expect(
            try message(.init(prompt: [.token(1)], branches: []))?.contains("no branch") == true)
        #expect(
            try message(.init(prompt: [.token(1)], branches: [[]]))?.contains("no branch") == true)
        for token: Int32 in [-1, 258] {
            #expect(
                try message(.init(prompt: [.token(token)], branches: one))?
                    .contains("258") == true)
            #expect(
                try message(.init(prompt: [.token(1)], branches: [[token]]))?
                    .contains("258") == true)
        }
        #expect(
            try message(.init(prompt: [.vector(0)], branches: one))?
                .contains("vector 0 of 0") == true)
        #expect(
            try message(.init(prompt: [.vector(3)], branches: one), vectors())?
                .contains("vector 3 of 3") == true)
        #expect(
            try message(
                .init(prompt: [.vector(0)], branches: one), library.full(0, shape: [1, 8]))?
                .contains("[n, 32]") == true)
    }
}
