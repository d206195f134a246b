import Foundation
import GGML
import Torch
import TrainingModels

/// A training run between two epochs, in one GGUF file that appears whole or not at all: weights,
/// Adam's moments and the best weights so far.
struct Checkpoint {
    private static let architecture = "llara-checkpoint"

    let path: String

    /// The file of a run in a folder that is made when it is missing.
    init(directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        path = "\(directory)/checkpoint.gguf"
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Stores the run; `identity` says which run it is.
    func save(_ training: SequentialTraining, identity: String) throws {
        var writer = GGUFWriter(architecture: Self.architecture)
        writer.set("checkpoint.identity", .string(identity))
        writer.set("checkpoint.epoch", .uint32(UInt32(training.nextEpoch - 1)))
        writer.set("checkpoint.best_epoch", .uint32(UInt32(training.bestEpoch)))
        writer.set("checkpoint.best_bits", .uint64(training.best.bitPattern))
        for (number, named) in training.model.parameters.all.enumerated() {
            let dimensions = try Array(named.tensor.shape().reversed())
            func add(_ prefix: String, _ values: [Float]) throws {
                try writer.add(
                    tensor: "\(prefix):\(named.name)", dimensions: dimensions, values: values)
            }
            try add("w", named.tensor.floats())
            try add("b", training.bestWeights[named.name] ?? [])
            if let moments = try training.optimizer.moments(of: number) {
                writer.set("checkpoint.step", .uint32(UInt32(moments.step)))
                try add("m", moments.first.floats())
                try add("v", moments.second.floats())
            }
        }
        try writer.write(to: path)
    }

    /// Puts a stored run back; the next epoch then goes as if the run had never stopped.
    ///
    /// - Throws: when the file is of another run: other data, seed or recipe.
    func load(into training: SequentialTraining, identity: String, library: TorchLibrary) throws {
        let file = try GGUFFile(path: path)
        try file.requireArchitecture(Self.architecture)
        guard try file.text("checkpoint.identity") == identity else {
            throw TrainingFailure(
                description: "\(path) is of a run with other data, seed or recipe; next: the same "
                    + "options as then, or start anew without --resume")
        }
        guard case .uint64(let bits) = file.metadata["checkpoint.best_bits"] else {
            throw TrainingFailure(description: "\(path) lacks checkpoint.best_bits")
        }
        let step = try file.count("checkpoint.step", atMost: Int(Int32.max))
        var best: [String: [Float]] = [:]
        for (number, named) in training.model.parameters.all.enumerated() {
            let shape = try named.tensor.shape()
            func read(_ prefix: String) throws -> [Float] {
                try file.values(of: "\(prefix):\(named.name)", dimensions: shape.reversed())
            }
            try named.tensor.assign(library.tensor(read("w"), shape: shape))
            best[named.name] = try read("b")
            let moments = Adam.Moments(
                step: step, first: try library.tensor(read("m"), shape: shape),
                second: try library.tensor(read("v"), shape: shape))
            try training.optimizer.setMoments(moments, of: number)
        }
        training.resume(
            after: try file.count("checkpoint.epoch", atMost: Int(Int32.max)),
            best: Double(bitPattern: bits),
            bestEpoch: try file.count("checkpoint.best_epoch", atMost: Int(Int32.max)),
            bestWeights: best)
    }
}
