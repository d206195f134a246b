import CTorchTable

/// Element-wise operations and matrix products; shapes broadcast.
extension Tensor {
    /// The sum, element by element.
    public static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(LLARA_TORCH_ADD, "add", right)
    }

    /// The difference, element by element.
    public static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(LLARA_TORCH_SUBTRACT, "subtract", right)
    }

    /// The product, element by element.
    public static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(LLARA_TORCH_MULTIPLY, "multiply", right)
    }

    /// The quotient, element by element.
    public static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try left.binary(LLARA_TORCH_DIVIDE, "divide", right)
    }

    /// Every element times `factor`.
    public static func * (left: Tensor, factor: Double) throws(TorchError) -> Tensor {
        try left.affine(factor: factor, term: 0)
    }

    /// The matrix product; leading dimensions are batches.
    public func matmul(_ right: Tensor) throws(TorchError) -> Tensor {
        try binary(LLARA_TORCH_MATMUL, "matmul", right)
    }

    /// `self * factor + term`.
    public func affine(factor: Double, term: Double) throws(TorchError) -> Tensor {
        try library.tensor("affine") {
            library.table.pointee.affine(handle, factor, term, $0, $1)
        }
    }

    /// GELU in its exact form, x Φ(x) with erf (Hendrycks and Gimpel, 2016).
    public func gelu() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_GELU, "gelu") }

    /// max(x, 0).
    public func relu() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_RELU, "relu") }

    /// x σ(x).
    public func silu() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_SILU, "silu") }

    /// 1 / (1 + exp(-x)).
    public func sigmoid() throws(TorchError) -> Tensor {
        try unary(LLARA_TORCH_SIGMOID, "sigmoid")
    }

    /// The hyperbolic tangent.
    public func tanh() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_TANH, "tanh") }

    /// The exponential.
    public func exp() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_EXP, "exp") }

    /// The natural logarithm.
    public func log() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_LOG, "log") }

    /// x².
    public func square() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_SQUARE, "square") }

    /// 1 / √x.
    public func rsqrt() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_RSQRT, "rsqrt") }

    /// The cosine, of radians.
    public func cos() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_COS, "cos") }

    /// The sine, of radians.
    public func sin() throws(TorchError) -> Tensor { try unary(LLARA_TORCH_SIN, "sin") }

    /// `value` where the bool `mask` is true, this tensor's elements elsewhere.
    public func filled(where mask: Tensor, with value: Double) throws(TorchError) -> Tensor {
        try library.tensor("masked_fill") {
            library.table.pointee.masked_fill(handle, mask.handle, value, $0, $1)
        }
    }

    /// Zeroes each element with `probability` and scales the rest up; 0 changes nothing.
    public func dropout(_ probability: Double) throws(TorchError) -> Tensor {
        try library.tensor("dropout") {
            library.table.pointee.dropout(handle, probability, $0, $1)
        }
    }

    private func unary(
        _ operation: llara_torch_unary, _ name: StaticString
    ) throws(TorchError) -> Tensor {
        try library.tensor(name) {
            library.table.pointee.unary(Int32(bitPattern: operation.rawValue), handle, $0, $1)
        }
    }

    private func binary(
        _ operation: llara_torch_binary, _ name: StaticString, _ right: Tensor
    ) throws(TorchError) -> Tensor {
        try library.tensor(name) {
            library.table.pointee.binary(
                Int32(bitPattern: operation.rawValue), handle, right.handle, $0, $1)
        }
    }
}
