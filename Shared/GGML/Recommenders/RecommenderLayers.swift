internal import CGGML

/// The layers of GRU4Rec and Caser, as ggml nodes.
extension GraphBuilder {
    /// One step of gated recurrent units for the first sequences of `hidden`, which is changed in
    /// place; the others, which have ended, keep their states.
    ///
    /// - Parameters:
    ///   - hidden: [width, sequences].
    ///   - inputGates: [3 x width, sequences that go on]: what the inputs add to the reset gate,
    ///     the update gate and the new state.
    func gruStep(_ hidden: Tensor, inputGates: Tensor, _ name: String) -> Tensor {
        let width = hidden.pointee.ne.0
        let old = rows(hidden, from: 0, count: Int(inputGates.pointee.ne.1))
        let hiddenGates = linear(old, name)
        let gates: Tensor = ggml_sigmoid(
            context,
            add(part(inputGates, 0, 2 * width), part(hiddenGates, 0, 2 * width)))
        let reset = part(gates, 0, width)
        let update = part(gates, width, width)
        let proposed: Tensor = ggml_tanh(
            context,
            add(
                part(inputGates, 2 * width, width),
                ggml_mul(context, reset, part(hiddenGates, 2 * width, width))))
        // (1 - update) · proposed + update · old
        let kept: Tensor = ggml_mul(context, ggml_sub(context, old, proposed), update)
        return ggml_set_2d_inplace(context, hidden, add(proposed, kept), hidden.pointee.nb.1, 0)
    }

    /// For each of `filters` filters its greatest output over all runs of `height` successive
    /// rows, rectified; [filters, sequences] from [width, window, sequences].
    ///
    /// The weight is [width, filters x height], with the filters' rows of one place together: all
    /// rows meet all filter rows in one product, and a filter's output for a run is a sum of
    /// views of it.
    func horizontalFilters(
        _ windows: Tensor, filters: Int, height: Int, _ name: String
    ) -> Tensor {
        let sides = windows.pointee
        let products = product(
            weight("\(name).weight"),
            ggml_reshape_2d(context, windows, sides.ne.0, sides.ne.1 * sides.ne.2))
        let rowStride = products.pointee.nb.1
        let runCount = sides.ne.1 - Int64(height) + 1
        var sums: Tensor?
        for place in 0..<height {
            let outputs: Tensor = ggml_view_3d(
                context, products, Int64(filters), runCount, sides.ne.2, rowStride,
                Int(sides.ne.1) * rowStride,
                place * (rowStride + filters * products.pointee.nb.0))
            sums = sums.map { add($0, outputs) } ?? outputs
        }
        let byRun = ggml_cont(context, ggml_permute(context, sums, 1, 0, 2, 3))
        let greatest = ggml_pool_1d(
            context, byRun, GGML_OP_POOL_MAX, Int32(runCount), Int32(runCount), 0)
        // The bias and the rectifier keep the order of outputs, so that they can come after it.
        let flat = ggml_reshape_2d(context, greatest, Int64(filters), sides.ne.2)
        return relu(ggml_add(context, flat, weight("\(name).bias")))
    }

    /// The rows of a window weighed by their places and summed, rectified; [width, sequences] from
    /// [width, window, sequences].
    func verticalFilter(_ windows: Tensor, _ name: String) -> Tensor {
        let sides = windows.pointee
        let byWidth = ggml_cont(context, ggml_permute(context, windows, 1, 0, 2, 3))
        let sums = ggml_mul_mat(context, weight("\(name).weight"), byWidth)
        let flat = ggml_reshape_2d(context, sums, sides.ne.0, sides.ne.2)
        return relu(ggml_add(context, flat, weight("\(name).bias")))
    }

    /// The columns of `first`, then those of `second`, row by row.
    func joined(_ first: Tensor, _ second: Tensor) -> Tensor {
        ggml_concat(context, first, second, 0)
    }

    /// `count` columns of `x` from column `start` on, where they lie.
    private func part(_ x: Tensor, _ start: Int64, _ count: Int64) -> Tensor {
        ggml_view_2d(
            context, x, count, x.pointee.ne.1, x.pointee.nb.1, Int(start) * x.pointee.nb.0)
    }
}
