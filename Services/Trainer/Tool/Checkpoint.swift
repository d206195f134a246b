import Foundation
import GGML
import Torch

/// What a training run needs to go on as if it had never stopped.
struct CheckpointState {
    /// Which run it is: everything that must be equal to go on.
    var identity: String
    /// Whole numbers by name: steps, and the bits of what is a fraction.
    var numbers: [String: UInt64] = [:]
    /// Values by name.
    var tensors: [(name: String, shape: [Int], values: [Float])] = []

    /// Adds weights, and Adam's moments of those that have moved; `optimizer` got the parameters of
    /// the set in its order.
    mutating func add(_ parameters: ParameterSet, optimizer: Adam) throws {
        var steps: [Float] = []
        for (number, named) in parameters.all.enumerated() {
            let shape = try named.tensor.shape()
            tensors.append(("w:\(named.name)", shape, try named.tensor.floats()))
            guard let moments = try optimizer.moments(of: number) else {
                steps.append(0)
                continue
            }
            steps.append(Float(moments.step))
            tensors.append(("m:\(named.name)", shape, try moments.first.floats()))
            tensors.append(("v:\(named.name)", shape, try moments.second.floats()))
        }
        tensors.append(("steps", [steps.count], steps))
    }

    /// Adds weights that are kept beside the current ones, such as the best so far.
    mutating func add(best weights: [String: [Float]], of parameters: ParameterSet) throws {
        for named in parameters.all {
            guard let values = weights[named.name] else { continue }
            tensors.append(("b:\(named.name)", try named.tensor.shape(), values))
        }
    }
}

/// A training run between two steps, in one GGUF file that appears whole or not at all: a disk that
/// is full leaves the checkpoint before in place.
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

    /// Takes it away once the release is written: a run that ended blocks no other.
    func remove() throws { try FileManager.default.removeItem(atPath: path) }

    /// Refuses to go on after nothing, and to write over what a run has reached.
    func require(resuming: Bool) throws {
        guard resuming == exists else {
            throw TrainingFailure(
                description: resuming
                    ? "no checkpoint at \(path); next: start without --resume"
                    : "there is a checkpoint at \(path); next: --resume, or remove it")
        }
    }

    func save(_ state: CheckpointState) throws {
        var writer = GGUFWriter(architecture: Self.architecture)
        writer.set("checkpoint.identity", .string(state.identity))
        for (name, number) in state.numbers.sorted(by: { $0.key < $1.key }) {
            writer.set("checkpoint.\(name)", .uint64(number))
        }
        for tensor in state.tensors {
            try writer.add(
                tensor: tensor.name, dimensions: tensor.shape.reversed(), values: tensor.values)
        }
        try writer.write(to: path)
    }

    /// Opens what was saved.
    ///
    /// - Throws: when the file is of another run: other data, seed or recipe.
    func load(identity: String) throws -> StoredCheckpoint {
        let file = try GGUFFile(path: path)
        try file.requireArchitecture(Self.architecture)
        guard try file.text("checkpoint.identity") == identity else {
            throw TrainingFailure(
                description: "\(path) is of a run with other data, seed or recipe; next: the same "
                    + "options as then, or start anew without --resume")
        }
        return StoredCheckpoint(file: file)
    }
}

/// A checkpoint that was read.
struct StoredCheckpoint {
    let file: GGUFFile

    func number(_ name: String) throws -> UInt64 {
        guard case .uint64(let value) = file.metadata["checkpoint.\(name)"] else {
            throw TrainingFailure(description: "\(file.path) lacks checkpoint.\(name)")
        }
        return value
    }

    func count(_ name: String) throws -> Int {
        try file.count("checkpoint.\(name)", atMost: Int(Int32.max))
    }

    /// Puts weights and moments back.
    func restore(_ parameters: ParameterSet, optimizer: Adam, library: TorchLibrary) throws {
        let steps = try file.values(of: "steps", dimensions: [parameters.all.count])
        for (number, named) in parameters.all.enumerated() {
            let shape = try named.tensor.shape()
            func stored(_ prefix: String) throws -> Tensor {
                try library.tensor(
                    file.values(of: "\(prefix):\(named.name)", dimensions: shape.reversed()),
                    shape: shape
                ).converted(device: named.tensor.placement().device)
            }
            try named.tensor.assign(stored("w"))
            guard steps[number] > 0 else { continue }
            try optimizer.setMoments(
                Adam.Moments(
                    step: Int(steps[number]), first: stored("m"), second: stored("v")),
                of: number)
        }
    }

    /// The best weights by name; empty when none were kept.
    func best(of parameters: ParameterSet) throws -> [String: [Float]] {
        var result: [String: [Float]] = [:]
        for named in parameters.all where file.tensors["b:\(named.name)"] != nil {
            result[named.name] = try file.values(
                of: "b:\(named.name)", dimensions: named.tensor.shape().reversed())
        }
        return result
    }
}
