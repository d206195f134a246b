public import Domain
internal import GGML
public import Torch

/// The projector for training: Linear, GELU, Linear for each role (LLaRA section 3.2).
///
/// What it writes, GGML's `MLPProjector` serves. One projector is shared by history and candidates;
/// a second role, with weights of its own, projects the user's state.
public final class ProjectorNetwork {
    /// What can be projected.
    public enum Role: String, Sendable, CaseIterable {
        /// Item rows of the sequential recommender.
        case item
        /// Its states, after a user's history.
        case user
    }

    /// Width of what it takes.
    public let input: Int
    /// Width between the layers; the reference code takes the output's.
    public let hidden: Int
    /// Width of what it gives: the LLM's input.
    public let output: Int
    /// Its roles, in the file's order.
    public let roles: [Role]
    /// Its weights, by the names of the GGUF file.
    public let parameters: ParameterSet
    private let device: Tensor.Device

    /// Makes a projector with weights of `library`'s generator, drawn as torch draws a Linear's:
    /// uniformly within ±1 / √(inputs).
    public init(
        library: TorchLibrary, input: Int, output: Int, roles: [Role],
        device: Tensor.Device = .cpu
    ) throws(TorchError) {
        var made = ParameterSet()
        for role in roles {
            for (layer, inputs) in [("up", input), ("down", output)] {
                let bound = 1 / Double(inputs).squareRoot()
                for (part, shape) in [("weight", [output, inputs]), ("bias", [output])] {
                    try made.add(
                        "\(role.rawValue).\(layer).\(part)",
                        library.uniform(low: -bound, high: bound, shape: shape)
                            .converted(device: device))
                }
            }
        }
        self.input = input
        hidden = output
        self.output = output
        self.roles = roles
        self.device = device
        parameters = made
    }

    /// Vectors [n, input] projected to [n, output].
    public func project(_ vectors: Tensor, role: Role) throws(TorchError) -> Tensor {
        try layer("\(role.rawValue).down", layer("\(role.rawValue).up", vectors).gelu())
    }

    private func layer(_ name: String, _ vectors: Tensor) throws(TorchError) -> Tensor {
        guard let weight = parameters["\(name).weight"] else {
            throw TorchError(code: .badArgument, message: "the projector has no \(name)")
        }
        return try vectors.linear(weight, bias: parameters["\(name).bias"])
    }

    /// Moves a role's drawn weights to where learning starts well: `vectors` then enter with mean 0
    /// and deviation 1 in every column, and their projections have the root mean square `scale`.
    ///
    /// Item rows are small and tokens of the LLM are not (0.11 and 0.14 a value, for the shipped
    /// release): as drawn, all projections are nearly the same vector, of a seventh of the size.
    /// - Parameters:
    ///   - vectors: [n, input], a sample of what will be projected.
    ///   - scale: above 0; what the LLM's token embeddings have.
    public func calibrate(
        _ role: Role, to vectors: FloatTensor, scale: Double
    ) throws(TorchError) {
        guard let library = parameters.all.first?.tensor.library, vectors.rows > 0 else { return }
        let (mean, deviation) = Self.moments(vectors)
        let up = try values("\(role.rawValue).up.weight")
        var bias = try values("\(role.rawValue).up.bias")
        var weight = up
        for row in 0..<hidden {
            for column in 0..<input {
                let value = up[row * input + column] / deviation[column]
                weight[row * input + column] = value
                bias[row] -= value * mean[column]
            }
        }
        try assign("\(role.rawValue).up.weight", weight)
        try assign("\(role.rawValue).up.bias", bias)
        let sample = try library.tensor(vectors.values, shape: [vectors.rows, vectors.columns])
        let square = try library.withoutGradients { () throws(TorchError) in
            try project(sample.converted(device: device), role: role)
                .square().reduced(.mean).item()
        }
        for part in ["weight", "bias"] {
            let name = "\(role.rawValue).down.\(part)"
            let factor = Float(scale / Double(square).squareRoot())
            try assign(name, values(name).map { $0 * factor })
        }
    }

    /// Mean and deviation of every column; a column of one value counts as deviation 1.
    private static func moments(_ vectors: FloatTensor) -> (mean: [Float], deviation: [Float]) {
        let count = Float(vectors.rows)
        var mean = [Float](repeating: 0, count: vectors.columns)
        var square = mean
        for (index, value) in vectors.values.enumerated() {
            mean[index % vectors.columns] += value / count
            square[index % vectors.columns] += value * value / count
        }
        let deviation = zip(mean, square).map { mean, square in
            let variance = square - mean * mean
            return variance > 1e-12 ? variance.squareRoot() : 1
        }
        return (mean, deviation)
    }

    private func values(_ name: String) throws(TorchError) -> [Float] {
        guard let tensor = parameters[name] else {
            throw TorchError(code: .badArgument, message: "the projector has no \(name)")
        }
        return try tensor.floats()
    }

    private func assign(_ name: String, _ values: [Float]) throws(TorchError) {
        guard let tensor = parameters[name] else {
            throw TorchError(code: .badArgument, message: "the projector has no \(name)")
        }
        try tensor.assign(tensor.library.tensor(values, shape: tensor.shape()))
    }

    /// Reads a file that ``write(to:halfPrecision:)`` wrote, to train it further.
    ///
    /// - Throws: `GGUFError` for a faulty file and for one of other roles.
    public static func read(
        from path: String, roles: [Role], library: TorchLibrary, device: Tensor.Device = .cpu
    ) throws -> ProjectorNetwork {
        let file = try GGUFFile(path: path)
        try file.requireArchitecture(MLPProjector.architecture)
        let own = try file.texts("projector.roles")
        guard own == roles.map(\.rawValue) else {
            throw GGUFError(
                code: .metadata,
                message: "it projects \(own.joined(separator: ", ")), needed is "
                    + roles.map(\.rawValue).joined(separator: ", "),
                path: path, advice: "give a projector that was trained for these prompts")
        }
        func width(_ key: String) throws -> Int {
            try file.count("projector.\(key)", atMost: MLPProjector.maximumDimension)
        }
        let network = try ProjectorNetwork(
            library: library, input: width("input_length"), output: width("output_length"),
            roles: roles, device: device)
        for named in network.parameters.all {
            let dimensions = try named.tensor.shape()
            try network.assign(
                named.name, file.values(of: named.name, dimensions: dimensions.reversed()))
        }
        return network
    }

    /// Writes `projector.gguf`, which appears complete or not at all.
    public func write(to path: String, halfPrecision: Bool = false) throws {
        var writer = GGUFWriter(architecture: MLPProjector.architecture)
        writer.set("projector.input_length", .uint32(UInt32(input)))
        writer.set("projector.hidden_length", .uint32(UInt32(hidden)))
        writer.set("projector.output_length", .uint32(UInt32(output)))
        writer.set("projector.roles", .array(roles.map { .string($0.rawValue) }))
        for named in parameters.all {
            let isMatrix = named.name.hasSuffix("weight")
            try writer.add(
                tensor: named.name, dimensions: named.tensor.shape().reversed(),
                values: named.tensor.floats(),
                as: halfPrecision && isMatrix ? .float16 : .float32)
        }
        try writer.write(to: path)
    }
}
