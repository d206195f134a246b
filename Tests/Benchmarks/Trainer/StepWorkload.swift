import Domain
import Foundation
import GGML
import Torch
import TrainingModels

/// Examples as the list objective has them: a prompt with behavioural tokens, then 20 titles.
struct StepWorkload {
    static let promptPositions = 330
    static let promptVectors = 30
    static let branches = 20
    /// The last of a branch's tokens takes no position.
    static let branchTokens = 7

    let examples: [PromptExample]
    let vectorCount: Int
    var positions: Int { examples.reduce(0) { $0 + $1.positionCount } }

    init(examples count: Int, vocabulary: Int) {
        var generator = SeededGenerator(seed: 5)
        func token() -> Int32 { Int32.random(in: 0..<Int32(vocabulary), using: &generator) }
        let every = Self.promptPositions / Self.promptVectors
        examples = (0..<count).map { example in
            var vector = example * Self.promptVectors
            let prompt = (0..<Self.promptPositions).map { place -> PromptExample.Position in
                guard place % every == every - 1 else { return .token(token()) }
                defer { vector += 1 }
                return .vector(vector)
            }
            let branches = (0..<Self.branches).map { _ in
                (0..<Self.branchTokens).map { _ in token() }
            }
            return PromptExample(prompt: prompt, branches: branches)
        }
        vectorCount = count * Self.promptVectors
    }

    /// As the baseline in Python reads it: a vector is its row's number below 0, from -1 on.
    var json: [String: Any] {
        [
            "vectors": vectorCount,
            "examples": examples.map { example in
                [
                    "prompt": example.prompt.map { position in
                        switch position {
                        case .token(let token): Int(token)
                        case .vector(let row): -1 - row
                        }
                    },
                    "branches": example.branches.map { $0.map(Int.init) },
                ] as [String: Any]
            },
        ]
    }

    /// The model's weights as float32 in one file, and what stands where in it.
    static func export(_ model: String, to file: URL) throws -> [String: Any] {
        let source = try GGUFFile(path: model)
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        var tensors: [[String: Any]] = []
        for info in source.tensors.values.sorted(by: { $0.offset < $1.offset }) {
            let values = try source.values(of: info.name, dimensions: info.dimensions)
            try values.withUnsafeBytes { try handle.write(contentsOf: Data($0)) }
            tensors.append(
                ["name": info.name, "shape": Array(info.dimensions.reversed())])
        }
        try handle.close()
        return [
            "tensors": tensors,
            "heads": try source.count("llama.attention.head_count", atMost: 1_024),
            "key_heads": try source.count("llama.attention.head_count_kv", atMost: 1_024),
            "blocks": try source.count("llama.block_count", atMost: 1_024),
            "rope_base": try Double(source.number("llama.rope.freq_base")),
            "epsilon": try Double(source.number("llama.attention.layer_norm_rms_epsilon")),
        ]
    }
}
