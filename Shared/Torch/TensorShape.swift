import CTorchTable

/// Views and selections.
extension Tensor {
    /// Swaps two dimensions.
    public func transposed(_ first: Int, _ second: Int) throws(TorchError) -> Tensor {
        try library.tensor("transpose") {
            library.table.pointee.transpose(handle, Int64(first), Int64(second), $0, $1)
        }
    }

    /// The same elements under another shape; one size may be -1 and follows from the rest.
    public func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
        let sizes = shape.map(Int64.init)
        return try library.tensor("reshape") {
            library.table.pointee.reshape(handle, sizes, Int32(sizes.count), $0, $1)
        }
    }

    /// Positions `range` of `dimension`, every `step`-th.
    public func slice(
        _ dimension: Int, _ range: Range<Int>, step: Int = 1
    ) throws(TorchError) -> Tensor {
        try library.tensor("slice") {
            library.table.pointee.slice(
                handle, Int64(dimension), Int64(range.lowerBound), Int64(range.upperBound),
                Int64(step), $0, $1)
        }
    }

    /// Joins tensors along `dimension`; there must be at least one.
    public static func concatenated(
        _ tensors: [Tensor], dimension: Int
    ) throws(TorchError) -> Tensor {
        guard let library = tensors.first?.library else {
            throw TorchError(code: .badArgument, message: "concatenate: no tensors")
        }
        let handles = tensors.map(\.handle)
        return try library.tensor("concatenate") {
            library.table.pointee.concatenate(
                handles, Int32(handles.count), Int64(dimension), $0, $1)
        }
    }

    /// The positions that the int64 vector `indices` names, in its order.
    public func selecting(_ indices: Tensor, dimension: Int) throws(TorchError) -> Tensor {
        try library.tensor("index_select") {
            library.table.pointee.index_select(
                handle, Int64(dimension), indices.handle, $0, $1)
        }
    }

    /// One element of `dimension` for each int64 element of `indices` (torch.gather).
    public func gathering(_ indices: Tensor, dimension: Int) throws(TorchError) -> Tensor {
        try library.tensor("gather") {
            library.table.pointee.gather(handle, Int64(dimension), indices.handle, $0, $1)
        }
    }
}
