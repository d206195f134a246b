public import Domain
internal import Synchronization

/// The projection from the recommender's space into the LLM's: Linear, GELU, Linear for each role.
///
/// LLaRA (Liao et al., SIGIR 2024) section 3.2; the GELU is the exact one. The network runs under
/// a lock, one batch at a time.
public final class MLPProjector: Sendable {
    /// Value of `general.architecture`.
    public static let architecture = "llara-projector"
    /// Most roles of a file.
    public static let maximumRoles = 16
    /// Largest width anywhere.
    public static let maximumDimension = 65_536
    /// Rows that are projected on the caller's thread; more go to a thread beside the pool.
    public static let inlineRows = 32
    private static let nodeLimit = 64

    /// What vectors can be projected: `item` for item rows.
    public let roles: [String]
    /// Width of what it takes.
    public let input: Int
    /// Width between the layers.
    public let hidden: Int
    /// Width of what it gives.
    public let output: Int
    private let runner: Mutex<GraphRunner>
    private let queue = ComputeQueue(label: "llara.projector")

    /// Loads a GGUF file of the architecture `llara-projector`.
    ///
    /// - Throws: `GGUFError` for a faulty file, `ComputeError` when memory does not suffice.
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
        var weights: [GraphRunner.Weight] = []
        for role in roles {
            for (name, dimensions) in [
                ("up.weight", [input, hidden]), ("up.bias", [hidden]),
                ("down.weight", [hidden, output]), ("down.bias", [output]),
            ] {
                let values = try file.values(of: "\(role).\(name)", dimensions: dimensions)
                weights.append(
                    .init(name: "\(role).\(name)", dimensions: dimensions, values: values))
            }
        }
        runner = Mutex(
            try GraphRunner(weights: weights, nodeLimit: Self.nodeLimit, threads: threads))
        self.roles = roles
        self.input = input
        self.hidden = hidden
        self.output = output
    }

    /// One output row for each row of `vectors`; the result has ``output`` columns.
    ///
    /// - Throws: `ComputeError` for an unknown role, another width, or a value that is not finite.
    public func project(
        _ vectors: FloatTensor, role: String = "item"
    ) throws(ComputeError) -> FloatTensor {
        guard roles.contains(role) else {
            throw ComputeError(
                code: .unknownRole, message: "a role that is not \(roles.joined(separator: ", "))")
        }
        if vectors.rows == 0 { return FloatTensor(rows: 0, columns: output, values: []) }
        guard vectors.columns == input else {
            throw ComputeError(
                code: .wrongDimension,
                message: "rows of \(vectors.columns) values, the projector takes \(input)")
        }
        if let place = vectors.firstNonFinite {
            throw ComputeError(
                code: .notFinite,
                message: "the value in row \(place.row), column \(place.column) is not finite")
        }
        let outcome = runner.withLock { runner in
            Result { () throws(ComputeError) in
                try runner.run(input: vectors.values, width: input, rows: vectors.rows) {
                    builder, rows in
                    builder.linear(
                        builder.gelu(builder.linear(rows, "\(role).up")), "\(role).down")
                }
            }
        }
        return FloatTensor(rows: vectors.rows, columns: output, values: try outcome.get())
    }

    /// As ``project(_:role:)``, off the cooperative pool when there are many rows.
    public func project(
        batch vectors: FloatTensor, role: String
    ) async throws(ComputeError) -> FloatTensor {
        if vectors.rows <= Self.inlineRows { return try project(vectors, role: role) }
        return try await queue.run { () throws(ComputeError) in
            try self.project(vectors, role: role)
        }
    }
}
