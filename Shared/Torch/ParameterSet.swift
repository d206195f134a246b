import CTorchTable

/// A module's parameters by name, in the order added: what is trained, clipped, stored and loaded.
public struct ParameterSet {
    /// One parameter.
    public struct Named {
        /// Its name, such as "blk.0.attn_q.weight".
        public let name: String
        /// Its values.
        public let tensor: Tensor
    }

    /// Every parameter, in the order added.
    public private(set) var all: [Named] = []

    /// An empty set.
    public init() {}

    /// Adds a parameter and lets it require its gradient; the name must be new.
    public mutating func add(_ name: String, _ tensor: Tensor) throws(TorchError) {
        guard self[name] == nil else {
            throw TorchError(code: .badArgument, message: "a second parameter named \(name)")
        }
        try tensor.requiringGradient()
        all.append(Named(name: name, tensor: tensor))
    }

    /// The parameter of that name.
    public subscript(name: String) -> Tensor? {
        all.first { $0.name == name }?.tensor
    }

    /// Every tensor, in the order added.
    public var tensors: [Tensor] { all.map(\.tensor) }

    /// Scales all gradients so that their joint 2-norm is at most `maximum`; returns what it was.
    @discardableResult
    public func clipGradientNorm(_ maximum: Double) throws(TorchError) -> Double {
        guard let library = all.first?.tensor.library else { return 0 }
        let handles = all.map(\.tensor.handle)
        var norm = 0.0
        try library.check("clip_gradient_norm") {
            library.table.pointee.clip_gradient_norm(
                handles, Int32(handles.count), maximum, &norm, $0)
        }
        return norm
    }
}
