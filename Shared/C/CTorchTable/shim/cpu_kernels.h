// What libtorch computes slowly on the CPU, composed otherwise. Only llara_torch.cpp includes it.
#pragma once

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

namespace {

/// 64 random bits of a counter (Steele et al., 2014: SplitMix64).
uint64_t random_bits(uint64_t seed, uint64_t counter) noexcept {
    uint64_t bits = seed + counter * 0x9e3779b97f4a7c15u;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

/// What dropout multiplies by: 0 with `probability`, known to 1/65,536, else 1 / (1 - probability).
///
/// libtorch draws a mask on one thread, which took a sixth of a training step. Here bits follow
/// from the place, so that all threads draw, and the mask does not depend on their number.
template <typename Element>
void fill_dropout_mask(at::Tensor &mask, double probability, uint64_t seed) {
    constexpr int64_t drawn_at_once = 4;
    const auto bound = static_cast<uint64_t>(probability * 65'536);
    const auto kept = static_cast<Element>(static_cast<float>(1 / (1 - probability)));
    const auto dropped = static_cast<Element>(0.f);
    Element *values = mask.data_ptr<Element>();
    const int64_t count = mask.numel();
    const int64_t draws = (count + drawn_at_once - 1) / drawn_at_once;
    at::parallel_for(0, draws, 16'384, [&](int64_t first, int64_t last) {
        for (int64_t draw = first; draw < last; ++draw) {
            const uint64_t bits = random_bits(seed, static_cast<uint64_t>(draw));
            const int64_t start = draw * drawn_at_once;
            const int64_t end = std::min(start + drawn_at_once, count);
            for (int64_t place = start; place < end; ++place) {
                const uint64_t part = (bits >> (16 * (place - start))) & 0xffff;
                values[place] = part < bound ? dropped : kept;
            }
        }
    });
}

at::Tensor dropout_mask(const at::Tensor &tensor, double probability) {
    at::Tensor mask = at::empty(tensor.sizes(), tensor.options().requires_grad(false));
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    uint64_t seed;
    {
        std::lock_guard<std::mutex> lock(generator.mutex());
        seed = at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
    }
    if (tensor.scalar_type() == at::kBFloat16) {
        fill_dropout_mask<at::BFloat16>(mask, probability, seed);
    } else {
        fill_dropout_mask<float>(mask, probability, seed);
    }
    return mask;
}

/// Whether attention is composed of products and a softmax instead of libtorch's fused kernel.
///
/// That kernel multiplies its bfloat16 blocks through MKL, which on processors other than Intel's
/// has no instruction for it: a third of a training step went there. What is composed keeps the
/// scores for the way back, so long texts stay with the fused kernel.
bool composes_attention(
    const at::Tensor &query, const at::Tensor &key, const std::optional<at::Tensor> &mask,
    bool causal, double dropout_probability) {
    constexpr int64_t most_scores = 1 << 20;
    bool masked_alike = !mask || (!causal && mask->scalar_type() == query.scalar_type());
    bool heads_divide = key.size(1) > 0 && query.size(1) % key.size(1) == 0;
    return query.device().is_cpu() && query.scalar_type() == at::kBFloat16 && masked_alike
        && heads_divide && dropout_probability == 0
        && query.size(2) * key.size(2) <= most_scores;
}

at::Tensor composed_attention(
    const at::Tensor &query, const at::Tensor &key, const at::Tensor &value,
    std::optional<at::Tensor> mask, bool causal) {
    const int64_t batch = query.size(0), heads = query.size(1), width = query.size(3);
    const int64_t key_heads = key.size(1), queries = query.size(2), keys = key.size(2);
    const int64_t rows = heads / key_heads * queries;
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    if (causal) {
        mask = at::full({queries, keys}, -std::numeric_limits<double>::infinity(), query.options())
                   .triu(1);
    }
    at::Tensor scores = at::bmm(
        (query * scale).reshape({batch * key_heads, rows, width}),
        key.reshape({batch * key_heads, keys, width}).transpose(1, 2));
    if (mask) scores = scores.view({batch, heads, queries, keys}) + *mask;
    at::Tensor shares = at::softmax(scores, -1).reshape({batch * key_heads, rows, keys});
    return at::bmm(shares, value.reshape({batch * key_heads, keys, width}))
        .view({batch, heads, queries, width});
}

} // namespace
