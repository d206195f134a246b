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
        let product = ggml_mul_mat(context, weight("\(name).weight"), x)
        return ggml_add(context, product, weight("\(name).bias"))
    }

    /// Layer normalisation over the width (Ba, Kiros and Hinton 2016).
    func layerNorm(_ x: Tensor, _ name: String, epsilon: Float) -> Tensor {
        let scaled = ggml_mul(context, ggml_norm(context, x, epsilon), weight("\(name).weight"))
        return ggml_add(context, scaled, weight("\(name).bias"))
    }

    /// The last row of `x`.
    func lastRow(_ x: Tensor) -> Tensor {
        let stride = x.pointee.nb.1
        return ggml_view_2d(
            context, x, x.pointee.ne.0, 1, stride, Int(x.pointee.ne.1 - 1) * stride)
    }

    func add(_ first: Tensor, _ second: Tensor) -> Tensor { ggml_add(context, first, second) }

    /// The exact GELU, x·Φ(x); ggml's plain one is the tanh form over a half-precision table.
    func gelu(_ x: Tensor) -> Tensor { ggml_gelu_erf(context, x) }

    func relu(_ x: Tensor) -> Tensor { ggml_relu(context, x) }

    /// Multi-head scaled dot-product attention with the projections `name`_q, _k, _v, _output.
    ///
    /// Vaswani et al., "Attention is all you need", NIPS 2017. With as many queries as sources a
    /// query sees the sources up to its own place; a single query stands for the last place and
    /// sees all.
    func attention(
        queries: Tensor, sources: Tensor, _ name: String, heads: Int
    ) -> Tensor {
        let width = Int(queries.pointee.ne.0)
        let headWidth = width / heads
        let queryCount = queries.pointee.ne.1
        let q = split(linear(queries, "\(name)_q"), heads: heads)
        let k = split(linear(sources, "\(name)_k"), heads: heads)
        let values = ggml_reshape_3d(
            context, linear(sources, "\(name)_v"), Int64(headWidth), Int64(heads),
            sources.pointee.ne.1)
        // [place, head width, head], so that the weighted sum is a matrix product.
        let v = ggml_cont(context, ggml_permute(context, values, 1, 2, 0, 3))
        var scores = ggml_scale(
            context, ggml_mul_mat(context, k, q), 1 / Float(headWidth).squareRoot())
        if queryCount > 1 { scores = ggml_diag_mask_inf(context, scores, 0) }
        let mixed = ggml_mul_mat(context, v, ggml_soft_max(context, scores))
        let joined = ggml_cont_2d(
            context, ggml_permute(context, mixed, 0, 2, 1, 3), Int64(width), queryCount)
        return linear(joined!, "\(name)_output")
    }

    /// [width, places] as [head width, places, heads].
    private func split(_ x: Tensor, heads: Int) -> Tensor {
        let parts = ggml_reshape_3d(
            context, x, x.pointee.ne.0 / Int64(heads), Int64(heads), x.pointee.ne.1)
        return ggml_permute(context, parts, 0, 2, 1, 3)
    }
}
