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
