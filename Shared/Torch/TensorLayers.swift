import CTorchTable

/// The layers of a network, reductions and losses.
extension Tensor {
    /// `self · weightᵀ + bias`; weight [out, in], bias [out].
    public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try library.tensor("linear") {
            library.table.pointee.linear(handle, weight.handle, bias?.handle, $0, $1)
        }
    }

    /// The rows of this [count, width] table that `indices` name: its shape plus [width].
    public func rows(_ indices: Tensor) throws(TorchError) -> Tensor {
        try library.tensor("embedding") {
            library.table.pointee.embedding(handle, indices.handle, $0, $1)
        }
    }

    /// Layer normalisation over the last dimension (Ba, Kiros and Hinton, 2016).
    public func layerNorm(
        _ weight: Tensor, bias: Tensor? = nil, epsilon: Double
    ) throws(TorchError) -> Tensor {
        try library.tensor("layer_norm") {
            library.table.pointee.layer_norm(
                handle, weight.handle, bias?.handle, epsilon, $0, $1)
        }
    }

    /// Root-mean-square normalisation over the last dimension (Zhang and Sennrich, 2019).
    public func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        try library.tensor("rms_norm") {
            library.table.pointee.rms_norm(handle, weight.handle, epsilon, $0, $1)
        }
    }

    /// Softmax over `dimension`.
    public func softmax(_ dimension: Int) throws(TorchError) -> Tensor {
        try library.tensor("softmax") {
            library.table.pointee.softmax(handle, Int64(dimension), $0, $1)
        }
    }

    /// The logarithm of the softmax over `dimension`.
    public func logSoftmax(_ dimension: Int) throws(TorchError) -> Tensor {
        try library.tensor("log_softmax") {
            library.table.pointee.log_softmax(handle, Int64(dimension), $0, $1)
        }
    }

    /// Scaled dot-product attention (Vaswani et al., 2017, section 3.2.1), this tensor the queries.
    ///
    /// All are [batch, heads, length, width]; fewer key heads than query heads are repeated. `mask`
    /// is bool, true where attended, or of this tensor's type and added to the scores; it
    /// broadcasts to [batch, heads, queries, keys], and every query must attend somewhere. `mask`
    /// and `causal` exclude each other.
    public func attention(
        keys: Tensor, values: Tensor, mask: Tensor? = nil, causal: Bool = false,
        dropout: Double = 0
    ) throws(TorchError) -> Tensor {
        try library.tensor("attention") {
            library.table.pointee.attention(
                handle, keys.handle, values.handle, mask?.handle, causal ? 1 : 0, dropout, $0, $1)
        }
    }

    /// What a reduction keeps of many values.
    public enum Reduction: Sendable {
        /// Their sum.
        case sum
        /// Their mean.
        case mean
        /// The greatest.
        case maximum
        /// log Σ exp.
        case logSumExp
    }

    /// Reduces `dimension`, or all of them when it is nil.
    public func reduced(
        _ reduction: Reduction, dimension: Int? = nil, keepingDimension: Bool = false
    ) throws(TorchError) -> Tensor {
        guard let dimension else {
            return try library.tensor("reduce_all") {
                library.table.pointee.reduce_all(reduction.raw, handle, $0, $1)
            }
        }
        return try library.tensor("reduce") {
            library.table.pointee.reduce(
                reduction.raw, handle, Int64(dimension), keepingDimension ? 1 : 0, $0, $1)
        }
    }

    /// Mean cross-entropy of logits [n, classes] against int64 targets [n], of which rows whose
    /// target is `ignoredIndex` do not count, or against probabilities of the logits' shape.
    public func crossEntropy(
        targets: Tensor, ignoredIndex: Int = -100, labelSmoothing: Double = 0
    ) throws(TorchError) -> Tensor {
        try library.tensor("cross_entropy") {
            library.table.pointee.cross_entropy(
                handle, targets.handle, Int64(ignoredIndex), labelSmoothing, $0, $1)
        }
    }

    /// Mean binary cross-entropy of logits against targets in [0, 1] of the same shape.
    public func binaryCrossEntropy(targets: Tensor) throws(TorchError) -> Tensor {
        try library.tensor("binary_cross_entropy") {
            library.table.pointee.binary_cross_entropy(handle, targets.handle, $0, $1)
        }
    }
}

extension Tensor.Reduction {
    var raw: Int32 {
        let value =
            switch self {
            case .sum: LLARA_TORCH_SUM
            case .mean: LLARA_TORCH_MEAN
            case .maximum: LLARA_TORCH_MAXIMUM
            case .logSumExp: LLARA_TORCH_LOG_SUM_EXP
            }
        return Int32(bitPattern: value.rawValue)
    }
}
