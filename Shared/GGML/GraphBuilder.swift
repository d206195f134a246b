internal import CGGML

/// The layers that the small networks are made of, as ggml nodes.
///
/// Matrices are given as [width, rows]: ggml's first side varies fastest.
struct GraphBuilder {
    typealias Tensor = GraphRunner.Tensor

    let context: OpaquePointer
    let weights: [String: Tensor]

    /// The named weight; networks name only what they loaded.
    func weight(_ name: String) -> Tensor { weights[name]! }

    /// `weight · x + bias`, the weight as torch's Linear has it.
    func linear(_ x: Tensor, _ name: String) -> Tensor {
        ggml_add(context, product(weight("\(name).weight"), x), weight("\(name).bias"))
    }

    /// `weight · x` for a row or more.
    ///
    /// ggml sums a single row in another order than several, so that one is computed twice: a
    /// row's result never depends on how many rows stand beside it.
    func product(_ weight: Tensor, _ x: Tensor) -> Tensor {
        guard x.pointee.ne.1 == 1 else { return ggml_mul_mat(context, weight, x) }
        return rows(ggml_mul_mat(context, weight, ggml_concat(context, x, x, 1)), from: 0, count: 1)
    }

    /// Layer normalisation over the width (Ba, Kiros and Hinton 2016).
    func layerNorm(_ x: Tensor, _ name: String, epsilon: Float) -> Tensor {
        let scaled = ggml_mul(context, ggml_norm(context, x, epsilon), weight("\(name).weight"))
        return ggml_add(context, scaled, weight("\(name).bias"))
    }

    /// The rows of `x` that `indices` name, in their order.
    func rows(_ x: Tensor, _ indices: Tensor) -> Tensor { ggml_get_rows(context, x, indices) }

    /// `count` rows of `x` from row `start` on, where they lie.
    func rows(_ x: Tensor, from start: Int, count: Int) -> Tensor {
        let stride = x.pointee.nb.1
        return ggml_view_2d(context, x, x.pointee.ne.0, Int64(count), stride, start * stride)
    }

    func add(_ first: Tensor, _ second: Tensor) -> Tensor { ggml_add(context, first, second) }

    /// The exact GELU, x·Φ(x); ggml's plain one is the tanh form over a half-precision table.
    func gelu(_ x: Tensor) -> Tensor { ggml_gelu_erf(context, x) }

    func relu(_ x: Tensor) -> Tensor { ggml_relu(context, x) }

    /// Multi-head scaled dot-product attention with the projections `name`_q, _k, _v, _output.
    ///
    /// Vaswani et al., "Attention is all you need", NIPS 2017. The rows of several sequences lie
    /// one after another, and each attends within its own: with a query a row, a query sees the
    /// rows up to its own place; with a query a sequence, it stands for the last place and sees
    /// all.
    func attention(
        queries: Tensor, sources: Tensor, _ name: String, heads: Int, lengths: [Int]
    ) -> Tensor {
        let q = linear(queries, "\(name)_q")
        let k = linear(sources, "\(name)_k")
        let v = linear(sources, "\(name)_v")
        let hasQueryOfEachRow = queries.pointee.ne.1 == sources.pointee.ne.1
        let rowStride = q.pointee.nb.1
        // The weighted sums take the place of the queries they came from.
        var mixed = q
        var start = 0
        for (index, length) in lengths.enumerated() {
            let first = hasQueryOfEachRow ? start : index
            let sums = weightedSums(
                queries: split(q, heads, from: first, count: hasQueryOfEachRow ? length : 1),
                keys: split(k, heads, from: start, count: length),
                values: split(v, heads, from: start, count: length))
            mixed = ggml_set_inplace(
                context, mixed, ggml_permute(context, sums, 0, 2, 1, 3), rowStride / heads,
                rowStride, rowStride, first * rowStride)
            start += length
        }
        return linear(mixed, "\(name)_output")
    }

    /// softmax(queries · keys / √width) · values for each head; all are [width, places, heads].
    private func weightedSums(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor {
        let scale = 1 / Float(queries.pointee.ne.0).squareRoot()
        var scores: Tensor = ggml_mul_mat(context, keys, queries)
        if queries.pointee.ne.1 > 1 { scores = ggml_diag_mask_inf(context, scores, 0) }
        let weights = ggml_soft_max_ext(context, scores, nil, scale, 0)
        // [place, width, head], so that the weighted sum is a matrix product.
        let turned = ggml_cont(context, ggml_permute(context, values, 1, 0, 2, 3))
        return ggml_mul_mat(context, turned, weights)
    }

    /// Rows of [width, rows] as [head width, rows, heads].
    private func split(_ x: Tensor, _ heads: Int, from start: Int, count: Int) -> Tensor {
        let side = x.pointee
        let width = side.ne.0 / Int64(heads)
        return ggml_view_3d(
            context, x, width, Int64(count), Int64(heads), side.nb.1, Int(width) * side.nb.0,
            start * side.nb.1)
    }
}
