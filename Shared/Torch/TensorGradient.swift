import CTorchTable

/// Gradients: a parameter requires one, a scalar loss fills it in.
extension Tensor {
    /// Makes this tensor a parameter, or no longer one; returns it.
    @discardableResult
    public func requiringGradient(_ required: Bool = true) throws(TorchError) -> Tensor {
        try library.check("set_requires_grad") {
            library.table.pointee.set_requires_grad(handle, required ? 1 : 0, $0)
        }
        return self
    }

    /// Whether operations on this tensor are recorded.
    public func requiresGradient() throws(TorchError) -> Bool {
        var required: Int32 = 0
        try library.check("requires_grad") {
            library.table.pointee.requires_grad(handle, &required, $0)
        }
        return required != 0
    }

    /// Adds the gradient of this scalar to every parameter behind it.
    public func backward() throws(TorchError) {
        try library.check("backward") { library.table.pointee.backward(handle, $0) }
    }

    /// The gradient collected so far, of this tensor's shape; nil before the first.
    public func gradient() throws(TorchError) -> Tensor? {
        try library.optionalTensor("gradient") {
            library.table.pointee.gradient(handle, $0, $1)
        }
    }

    /// Forgets the gradient.
    public func clearGradient() throws(TorchError) {
        try library.check("clear_gradient") {
            library.table.pointee.clear_gradient(handle, $0)
        }
    }

    /// The same values, cut off from what they were computed from.
    public func detached() throws(TorchError) -> Tensor {
        try library.tensor("tensor_detach") {
            library.table.pointee.tensor_detach(handle, $0, $1)
        }
    }
}
