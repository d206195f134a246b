public import Domain

/// The projection from the recommender's space into the LLM's: Linear, GELU, Linear for each role.
///
/// LLaRA (Liao et al., SIGIR 2024) section 3.2; the GELU is the exact one. A row gives the same
/// bits in any batch and with any number of threads.
public final class MLPProjector: Sendable {
    /// Value of `general.architecture`.
    public static let architecture = "llara-projector"
    /// Most roles of a file.
    public static let maximumRoles = 16
    /// Largest width anywhere.
    public static let maximumDimension = 65_536
    /// Multiplications that are made on the caller's thread (about half a millisecond); a larger
    /// call goes to a thread beside the pool.
    public static let inlineMultiplications = 1 << 25

    /// What vectors can be projected: `item` for item rows.
    public let roles: [String]
    /// Width of what it takes.
    public let input: Int
    /// Width between the layers.
    public let hidden: Int
    /// Width of what it gives.
    public let output: Int
    private let layers: [String: (up: DenseLayer, down: DenseLayer)]
    private let threads: Int
    private let queue = ComputeQueue(
        label: "llara.projector", limit: ComputeLimits.maximumWaiting)

    /// Loads a GGUF file of the architecture `llara-projector`.
    ///
    /// - Parameter threads: threads of one call with many rows.
    /// - Throws: `GGUFError` for a faulty file.
    public init(path: String, threads: Int = 1) throws {
        let file = try GGUFFile(path: path)
        try file.requireArchitecture(Self.architecture)
        func width(_ key: String) throws(GGUFError) -> Int {
            let value = try file.count("projector.\(key)", atMost: Self.maximumDimension)
            guard value > 0 else { throw file.failure(.metadata, "projector.\(key) is 0") }
            return value
        }
        let input = try width("input_length")
        let hidden = try width("hidden_length")
        let output = try width("output_length")
        let roles = try file.texts("projector.roles")
        guard (1...Self.maximumRoles).contains(roles.count), Set(roles).count == roles.count else {
            throw file.failure(
                .metadata, "projector.roles is not a list of 1 to \(Self.maximumRoles) names")
        }
        func layer(_ name: String, _ inputs: Int, _ outputs: Int) throws -> DenseLayer {
            DenseLayer(
                weights: try file.values(of: "\(name).weight", dimensions: [inputs, outputs]),
                bias: try file.values(of: "\(name).bias", dimensions: [outputs]), inputs: inputs)
        }
        var layers: [String: (up: DenseLayer, down: DenseLayer)] = [:]
        for role in roles {
            layers[role] = (
                up: try layer("\(role).up", input, hidden),
                down: try layer("\(role).down", hidden, output)
            )
        }
        self.layers = layers
        self.threads = max(1, threads)
        self.roles = roles
        self.input = input
        self.hidden = hidden
        self.output = output
    }

    /// One output row for each row of `vectors`; the result has ``output`` columns.
    ///
    /// - Throws: `ComputeError` for an unknown role, another width, or a value that is not finite
    ///   or too large to be projected.
    public func project(
        _ vectors: FloatTensor, role: String = "item"
    ) throws(ComputeError) -> FloatTensor {
        let (up, down) = try layers(of: role, for: vectors)
        if vectors.rows == 0 { return FloatTensor(rows: 0, columns: output, values: []) }
        if let place = vectors.firstNonFinite {
            throw ComputeError(
                code: .notFinite,
                message: "the value in row \(place.row), column \(place.column) is not finite")
        }
        var activations = up(vectors.values, rows: vectors.rows, threads: threads)
        DenseLayer.gelu(&activations)
        let values = down(activations, rows: vectors.rows, threads: threads)
        let projected = FloatTensor(rows: vectors.rows, columns: output, values: values)
        if let place = projected.firstNonFinite {
            throw ComputeError(
                code: .notFinite, message: "row \(place.row) is too large to project")
        }
        return projected
    }

    private func layers(
        of role: String, for vectors: FloatTensor
    ) throws(ComputeError) -> (up: DenseLayer, down: DenseLayer) {
        guard let layers = layers[role] else {
            throw ComputeError(
                code: .unknownRole, message: "a role that is not \(roles.joined(separator: ", "))")
        }
        guard vectors.rows == 0 || vectors.columns == input else {
            throw ComputeError(
                code: .wrongDimension,
                message: "rows of \(vectors.columns) values, the projector takes \(input)")
        }
        return layers
    }

    /// As ``project(_:role:)``, off the cooperative pool when that takes long.
    public func project(
        batch vectors: FloatTensor, role: String
    ) async throws(ComputeError) -> FloatTensor {
        // What cannot be projected takes no place in the queue.
        _ = try layers(of: role, for: vectors)
        let multiplications = vectors.rows * hidden * (input + output)
        if multiplications <= Self.inlineMultiplications {
            return try project(vectors, role: role)
        }
        return try await queue.run { () throws(ComputeError) in
            try self.project(vectors, role: role)
        }
    }
}
