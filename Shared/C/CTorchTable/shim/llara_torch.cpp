// The table of llara_torch.h over libtorch. Compiled by Deploy/tools/build-torch-shim, never by
// SwiftPM. Every function goes through `guarded`, so no exception crosses the C boundary.
#include "llara_torch.h"

#include "cpu_kernels.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <c10/core/CachingDeviceAllocator.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

struct llara_tensor {
    at::Tensor value;
};

struct llara_optimizer {
    llara_adam_options options;
    std::unique_ptr<torch::optim::Optimizer> adam;
    std::vector<at::Tensor> parameters;
};

namespace {

struct BadArgument : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Unsupported : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void write_message(llara_error_ref error, const char *message) noexcept {
    if (error == nullptr || error->text == nullptr || error->capacity == 0) return;
    std::snprintf(error->text, error->capacity, "%s", message);
}

template <typename Body>
int guarded(llara_error_ref error, Body &&body) noexcept {
    try {
        body();
        return LLARA_TORCH_OK;
    } catch (const BadArgument &failure) {
        write_message(error, failure.what());
        return LLARA_TORCH_BAD_ARGUMENT;
    } catch (const Unsupported &failure) {
        write_message(error, failure.what());
        return LLARA_TORCH_UNSUPPORTED;
    } catch (const c10::OutOfMemoryError &failure) {
        write_message(error, failure.what_without_backtrace());
        return LLARA_TORCH_OUT_OF_MEMORY;
    } catch (const c10::Error &failure) {
        // The backtrace names addresses only: the first part says what was wrong.
        write_message(error, failure.what_without_backtrace());
        return LLARA_TORCH_FAILED;
    } catch (const std::bad_alloc &) {
        write_message(error, "out of memory");
        return LLARA_TORCH_OUT_OF_MEMORY;
    } catch (const std::exception &failure) {
        write_message(error, failure.what());
        return LLARA_TORCH_FAILED;
    } catch (...) {
        write_message(error, "an unknown exception");
        return LLARA_TORCH_FAILED;
    }
}

/// Runs `body`, which yields a tensor, and hands the result out.
template <typename Body>
int yielding(llara_tensor_out out, llara_error_ref error, Body &&body) noexcept {
    return guarded(error, [&] { *out = new llara_tensor{body()}; });
}

at::ScalarType scalar_type(int32_t type) {
    switch (type) {
    case LLARA_TORCH_FLOAT32: return at::kFloat;
    case LLARA_TORCH_BFLOAT16: return at::kBFloat16;
    case LLARA_TORCH_INT64: return at::kLong;
    case LLARA_TORCH_BOOL: return at::kBool;
    default: throw BadArgument("unknown element type " + std::to_string(type));
    }
}

at::Device device_of(int32_t device) {
    switch (device) {
    case LLARA_TORCH_CPU: return at::Device(at::kCPU);
    case LLARA_TORCH_CUDA:
        if (!torch::cuda::is_available()) throw Unsupported("this torch finds no CUDA device");
        return at::Device(at::kCUDA, 0);
    default: throw BadArgument("unknown device " + std::to_string(device));
    }
}

at::IntArrayRef sizes_of(const int64_t *sizes, int32_t rank) {
    if (rank < 0 || rank > 16) throw BadArgument("a tensor has 0 to 16 dimensions");
    return at::IntArrayRef(sizes, static_cast<size_t>(rank));
}

std::vector<at::Tensor> list_of(const llara_tensor_ref *tensors, int32_t count) {
    if (count < 0) throw BadArgument("a negative number of tensors");
    std::vector<at::Tensor> list;
    list.reserve(static_cast<size_t>(count));
    for (int32_t index = 0; index < count; ++index) list.push_back(tensors[index]->value);
    return list;
}

std::optional<at::Tensor> optional_of(llara_optional_tensor_ref tensor) {
    return tensor == nullptr ? std::optional<at::Tensor>() : tensor->value;
}

// The process.

int manual_seed(uint64_t seed, llara_error_ref error) noexcept {
    return guarded(error, [&] { torch::manual_seed(seed); });
}

int rng_state_get(uint8_t *bytes, int64_t *length, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        auto generator = at::detail::getDefaultCPUGenerator();
        at::Tensor state = generator.get_state().contiguous();
        if (bytes != nullptr) {
            if (*length < state.numel()) throw BadArgument("the buffer is too small");
            std::memcpy(bytes, state.data_ptr<uint8_t>(), static_cast<size_t>(state.numel()));
        }
        *length = state.numel();
    });
}

int rng_state_set(const uint8_t *bytes, int64_t length, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        at::Tensor state = at::empty({length}, at::kByte);
        std::memcpy(state.data_ptr<uint8_t>(), bytes, static_cast<size_t>(length));
        auto generator = at::detail::getDefaultCPUGenerator();
        generator.set_state(state);
    });
}

int set_num_threads(int32_t count, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        if (count < 1) throw BadArgument("at least one thread");
        at::set_num_threads(count);
    });
}

int num_threads(int32_t *count, llara_error_ref error) noexcept {
    return guarded(error, [&] { *count = at::get_num_threads(); });
}

int set_deterministic(int32_t enabled, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        at::globalContext().setDeterministicAlgorithms(enabled != 0, false);
    });
}

int device_available(int32_t device, int32_t *available, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        *available = device == LLARA_TORCH_CPU
            || (device == LLARA_TORCH_CUDA && torch::cuda::is_available());
    });
}

int memory(int32_t device, llara_torch_memory *statistics, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        llara_torch_memory result{};
        struct rusage usage {};
        if (getrusage(RUSAGE_SELF, &usage) == 0) {
            result.resident_peak = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
        }
        if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
            unsigned long total = 0, resident = 0;
            if (std::fscanf(file, "%lu %lu", &total, &resident) == 2) {
                result.resident = resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
            }
            std::fclose(file);
        }
        if (device != LLARA_TORCH_CPU) {
            auto place = device_of(device);
            auto stats = at::getDeviceAllocator(place.type())->getDeviceStats(place.index());
            constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
            result.device_allocated = static_cast<uint64_t>(stats.allocated_bytes[all].current);
            result.device_allocated_peak = static_cast<uint64_t>(stats.allocated_bytes[all].peak);
        }
        *statistics = result;
    });
}

int grad_enabled(int32_t enabled, int32_t *previous, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        *previous = at::GradMode::is_enabled();
        at::GradMode::set_enabled(enabled != 0);
    });
}

// Making, reading and placing tensors.

template <typename Element>
at::Tensor copied(const Element *values, at::IntArrayRef sizes, at::ScalarType type) {
    at::Tensor tensor = at::empty(sizes, type);
    if (tensor.numel() > 0) {
        if (values == nullptr) throw BadArgument("no values");
        std::memcpy(
            tensor.data_ptr<Element>(), values,
            static_cast<size_t>(tensor.numel()) * sizeof(Element));
    }
    return tensor;
}

template <typename Element>
void copy_out(const at::Tensor &tensor, Element *values, int64_t count, at::ScalarType type) {
    if (tensor.numel() != count) {
        throw BadArgument(
            "the tensor has " + std::to_string(tensor.numel()) + " elements, not "
            + std::to_string(count));
    }
    if (count == 0) return;
    if (values == nullptr) throw BadArgument("no buffer");
    at::Tensor dense = tensor.detach().to(at::kCPU, type).contiguous();
    std::memcpy(
        values, dense.data_ptr<Element>(), static_cast<size_t>(count) * sizeof(Element));
}

int tensor_from_floats(
    const float *values, llara_sizes sizes, int32_t rank, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return copied(values, sizes_of(sizes, rank), at::kFloat); });
}

int tensor_from_int64(
    const int64_t *values, llara_sizes sizes, int32_t rank, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return copied(values, sizes_of(sizes, rank), at::kLong); });
}

int tensor_full(
    double value, llara_sizes sizes, int32_t rank, int32_t type, int32_t device,
    llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        auto options = at::TensorOptions().dtype(scalar_type(type)).device(device_of(device));
        return at::full(sizes_of(sizes, rank), value, options);
    });
}

int tensor_normal(
    double mean, double deviation, llara_sizes sizes, int32_t rank, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        at::NoGradGuard unrecorded;
        return at::empty(sizes_of(sizes, rank), at::kFloat).normal_(mean, deviation);
    });
}

int tensor_uniform(
    double low, double high, llara_sizes sizes, int32_t rank, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        at::NoGradGuard unrecorded;
        return at::empty(sizes_of(sizes, rank), at::kFloat).uniform_(low, high);
    });
}

void tensor_free(llara_optional_tensor_ref tensor) noexcept { delete tensor; }

int tensor_to_floats(
    llara_tensor_ref tensor, float *values, int64_t count, llara_error_ref error) noexcept {
    return guarded(error, [&] { copy_out(tensor->value, values, count, at::kFloat); });
}

int tensor_to_int64(
    llara_tensor_ref tensor, int64_t *values, int64_t count, llara_error_ref error) noexcept {
    return guarded(error, [&] { copy_out(tensor->value, values, count, at::kLong); });
}

int tensor_rank(llara_tensor_ref tensor, int32_t *rank, llara_error_ref error) noexcept {
    return guarded(error, [&] { *rank = static_cast<int32_t>(tensor->value.dim()); });
}

int tensor_shape(
    llara_tensor_ref tensor, int64_t *sizes, int32_t rank, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        if (rank != tensor->value.dim()) throw BadArgument("the rank differs");
        for (int32_t index = 0; index < rank; ++index) sizes[index] = tensor->value.size(index);
    });
}

int tensor_type(
    llara_tensor_ref tensor, int32_t *type, int32_t *device, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        switch (tensor->value.scalar_type()) {
        case at::kFloat: *type = LLARA_TORCH_FLOAT32; break;
        case at::kBFloat16: *type = LLARA_TORCH_BFLOAT16; break;
        case at::kLong: *type = LLARA_TORCH_INT64; break;
        case at::kBool: *type = LLARA_TORCH_BOOL; break;
        default: throw Unsupported("an element type that the table does not name");
        }
        *device = tensor->value.is_cuda() ? LLARA_TORCH_CUDA : LLARA_TORCH_CPU;
    });
}

int tensor_convert(
    llara_tensor_ref tensor, int32_t type, int32_t device, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return tensor->value.to(device_of(device), scalar_type(type));
    });
}

int tensor_assign(
    llara_tensor_ref tensor, llara_tensor_ref source, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        if (tensor->value.sizes() != source->value.sizes()) throw BadArgument("the shapes differ");
        at::NoGradGuard unrecorded;
        tensor->value.copy_(source->value);
    });
}

int tensor_detach(
    llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return tensor->value.detach(); });
}

int tensor_clone(llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return tensor->value.clone(); });
}

// Gradients.

int set_requires_grad(
    llara_tensor_ref tensor, int32_t required, llara_error_ref error) noexcept {
    return guarded(error, [&] { tensor->value.set_requires_grad(required != 0); });
}

int requires_grad(llara_tensor_ref tensor, int32_t *required, llara_error_ref error) noexcept {
    return guarded(error, [&] { *required = tensor->value.requires_grad(); });
}

int backward(llara_tensor_ref scalar, llara_error_ref error) noexcept {
    return guarded(error, [&] { scalar->value.backward(); });
}

int gradient(llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        const at::Tensor &found = tensor->value.grad();
        *out = found.defined() ? new llara_tensor{found} : nullptr;
    });
}

int clear_gradient(llara_tensor_ref tensor, llara_error_ref error) noexcept {
    return guarded(error, [&] { tensor->value.mutable_grad().reset(); });
}

int clip_gradient_norm(
    llara_tensor_list tensors, int32_t count, double maximum, double *norm,
    llara_error_ref error) noexcept {
    return guarded(error, [&] {
        *norm = torch::nn::utils::clip_grad_norm_(list_of(tensors, count), maximum);
    });
}

// Element by element.

int unary(
    int32_t operation, llara_tensor_ref tensor, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&]() -> at::Tensor {
        const at::Tensor &value = tensor->value;
        switch (operation) {
        case LLARA_TORCH_GELU: return at::gelu(value, "none");
        case LLARA_TORCH_RELU: return at::relu(value);
        case LLARA_TORCH_SILU: return at::silu(value);
        case LLARA_TORCH_SIGMOID: return at::sigmoid(value);
        case LLARA_TORCH_TANH: return at::tanh(value);
        case LLARA_TORCH_EXP: return at::exp(value);
        case LLARA_TORCH_LOG: return at::log(value);
        case LLARA_TORCH_SQUARE: return at::square(value);
        case LLARA_TORCH_RSQRT: return at::rsqrt(value);
        case LLARA_TORCH_COS: return at::cos(value);
        case LLARA_TORCH_SIN: return at::sin(value);
        default: throw BadArgument("unknown operation " + std::to_string(operation));
        }
    });
}

int binary(
    int32_t operation, llara_tensor_ref left, llara_tensor_ref right, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&]() -> at::Tensor {
        switch (operation) {
        case LLARA_TORCH_ADD: return at::add(left->value, right->value);
        case LLARA_TORCH_SUBTRACT: return at::sub(left->value, right->value);
        case LLARA_TORCH_MULTIPLY: return at::mul(left->value, right->value);
        case LLARA_TORCH_DIVIDE: return at::div(left->value, right->value);
        case LLARA_TORCH_MATMUL: return at::matmul(left->value, right->value);
        default: throw BadArgument("unknown operation " + std::to_string(operation));
        }
    });
}

int affine(
    llara_tensor_ref tensor, double factor, double term, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&]() -> at::Tensor {
        at::Tensor result = factor == 1 ? tensor->value : at::mul(tensor->value, factor);
        return term == 0 ? result : at::add(result, term);
    });
}

int masked_fill(
    llara_tensor_ref tensor, llara_tensor_ref mask, double value, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::masked_fill(tensor->value, mask->value, value); });
}

int dropout(
    llara_tensor_ref tensor, double probability, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        const at::Tensor &value = tensor->value;
        if (!(probability >= 0 && probability < 1)) {
            throw BadArgument("dropout wants a probability from 0 to below 1");
        }
        if (probability == 0) return value;
        bool drawn_here = value.device().is_cpu()
            && (value.scalar_type() == at::kBFloat16 || value.scalar_type() == at::kFloat);
        return drawn_here ? value * dropout_mask(value, probability)
                          : at::dropout(value, probability, true);
    });
}

// Layers.

int linear(
    llara_tensor_ref tensor, llara_tensor_ref weight, llara_optional_tensor_ref bias,
    llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::linear(tensor->value, weight->value, optional_of(bias));
    });
}

int embedding(
    llara_tensor_ref table, llara_tensor_ref indices, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::embedding(table->value, indices->value); });
}

int layer_norm(
    llara_tensor_ref tensor, llara_tensor_ref weight, llara_optional_tensor_ref bias,
    double epsilon, llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::layer_norm(
            tensor->value, weight->value.sizes(), weight->value, optional_of(bias), epsilon);
    });
}

int rms_norm(
    llara_tensor_ref tensor, llara_tensor_ref weight, double epsilon, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::rms_norm(tensor->value, weight->value.sizes(), weight->value, epsilon);
    });
}

int softmax(
    llara_tensor_ref tensor, int64_t dimension, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::softmax(tensor->value, dimension); });
}

int log_softmax(
    llara_tensor_ref tensor, int64_t dimension, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::log_softmax(tensor->value, dimension); });
}

int attention(
    llara_tensor_ref query, llara_tensor_ref key, llara_tensor_ref value,
    llara_optional_tensor_ref mask, int32_t causal, double dropout_probability,
    llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        if (query->value.dim() != 4 || key->value.dim() != 4) {
            throw BadArgument("attention wants [batch, heads, length, width]");
        }
        std::optional<at::Tensor> added = optional_of(mask);
        if (composes_attention(
                query->value, key->value, added, causal != 0, dropout_probability)) {
            return composed_attention(
                query->value, key->value, value->value, added, causal != 0);
        }
        bool grouped = query->value.size(1) != key->value.size(1);
        return at::scaled_dot_product_attention(
            query->value, key->value, value->value, added, dropout_probability, causal != 0,
            std::nullopt, grouped);
    });
}

// Shapes.

int transpose(
    llara_tensor_ref tensor, int64_t first, int64_t second, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::transpose(tensor->value, first, second); });
}

int reshape(
    llara_tensor_ref tensor, llara_sizes sizes, int32_t rank, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::reshape(tensor->value, sizes_of(sizes, rank)); });
}

int slice(
    llara_tensor_ref tensor, int64_t dimension, int64_t start, int64_t end, int64_t step,
    llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::slice(tensor->value, dimension, start, end, step);
    });
}

int concatenate(
    llara_tensor_list tensors, int32_t count, int64_t dimension, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] { return at::cat(list_of(tensors, count), dimension); });
}

int index_select(
    llara_tensor_ref tensor, int64_t dimension, llara_tensor_ref indices, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::index_select(tensor->value, dimension, indices->value);
    });
}

int gather(
    llara_tensor_ref tensor, int64_t dimension, llara_tensor_ref indices, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::gather(tensor->value, dimension, indices->value);
    });
}

// Reductions and losses.

int reduce(
    int32_t operation, llara_tensor_ref tensor, int64_t dimension, int32_t keep_dimension,
    llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&]() -> at::Tensor {
        bool keep = keep_dimension != 0;
        switch (operation) {
        case LLARA_TORCH_SUM: return at::sum(tensor->value, at::IntArrayRef(dimension), keep);
        case LLARA_TORCH_MEAN: return at::mean(tensor->value, at::IntArrayRef(dimension), keep);
        case LLARA_TORCH_MAXIMUM: return std::get<0>(at::max(tensor->value, dimension, keep));
        case LLARA_TORCH_LOG_SUM_EXP:
            return at::logsumexp(tensor->value, at::IntArrayRef(dimension), keep);
        default: throw BadArgument("unknown reduction " + std::to_string(operation));
        }
    });
}

int reduce_all(
    int32_t operation, llara_tensor_ref tensor, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&]() -> at::Tensor {
        switch (operation) {
        case LLARA_TORCH_SUM: return at::sum(tensor->value);
        case LLARA_TORCH_MEAN: return at::mean(tensor->value);
        case LLARA_TORCH_MAXIMUM: return at::max(tensor->value);
        case LLARA_TORCH_LOG_SUM_EXP: {
            at::Tensor flat = at::reshape(tensor->value, {-1});
            return at::logsumexp(flat, at::IntArrayRef(int64_t{0}));
        }
        default: throw BadArgument("unknown reduction " + std::to_string(operation));
        }
    });
}

int cross_entropy(
    llara_tensor_ref logits, llara_tensor_ref targets, int64_t ignore_index,
    double label_smoothing, llara_tensor_out out, llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::cross_entropy_loss(
            logits->value, targets->value, {}, at::Reduction::Mean, ignore_index, label_smoothing);
    });
}

int binary_cross_entropy(
    llara_tensor_ref logits, llara_tensor_ref targets, llara_tensor_out out,
    llara_error_ref error) noexcept {
    return yielding(out, error, [&] {
        return at::binary_cross_entropy_with_logits(logits->value, targets->value);
    });
}

// Adam.

template <typename Options>
Options group_options(
    const llara_adam_options &options, double learning_rate, double weight_decay) {
    Options made(learning_rate);
    made.betas({options.beta1, options.beta2});
    made.eps(options.epsilon);
    made.weight_decay(weight_decay);
    return made;
}

int adam_new(llara_adam_options options, llara_optimizer **out, llara_error_ref error) noexcept {
    return guarded(error, [&] { *out = new llara_optimizer{options, nullptr, {}}; });
}

void adam_free(llara_optimizer *optimizer) noexcept { delete optimizer; }

int adam_add_group(
    llara_optimizer_ref optimizer, llara_tensor_list parameters, int32_t count,
    double learning_rate, double weight_decay, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        auto list = list_of(parameters, count);
        for (const auto &parameter : list) {
            if (!parameter.is_leaf() || !parameter.requires_grad()) {
                throw BadArgument("a parameter must be a leaf that requires its gradient");
            }
        }
        const auto &options = optimizer->options;
        auto add = [&]<typename Adam, typename Options>(Adam *, Options *) {
            auto made = group_options<Options>(options, learning_rate, weight_decay);
            torch::optim::OptimizerParamGroup group(list, std::make_unique<Options>(made));
            if (optimizer->adam == nullptr) {
                optimizer->adam = std::make_unique<Adam>(
                    std::vector<torch::optim::OptimizerParamGroup>{group}, made);
            } else {
                optimizer->adam->add_param_group(group);
            }
        };
        if (options.decoupled_weight_decay != 0) {
            add(static_cast<torch::optim::AdamW *>(nullptr),
                static_cast<torch::optim::AdamWOptions *>(nullptr));
        } else {
            add(static_cast<torch::optim::Adam *>(nullptr),
                static_cast<torch::optim::AdamOptions *>(nullptr));
        }
        optimizer->parameters.insert(optimizer->parameters.end(), list.begin(), list.end());
    });
}

torch::optim::Optimizer &started(llara_optimizer_ref optimizer) {
    if (optimizer->adam == nullptr) throw BadArgument("the optimizer has no group");
    return *optimizer->adam;
}

int adam_set_learning_rate(
    llara_optimizer_ref optimizer, int32_t group, double learning_rate,
    llara_error_ref error) noexcept {
    return guarded(error, [&] {
        auto &groups = started(optimizer).param_groups();
        if (group < 0 || static_cast<size_t>(group) >= groups.size()) {
            throw BadArgument("no group " + std::to_string(group));
        }
        groups[static_cast<size_t>(group)].options().set_lr(learning_rate);
    });
}

int adam_step(llara_optimizer_ref optimizer, llara_error_ref error) noexcept {
    return guarded(error, [&] { started(optimizer).step(); });
}

int adam_clear_gradients(llara_optimizer_ref optimizer, llara_error_ref error) noexcept {
    return guarded(error, [&] { started(optimizer).zero_grad(true); });
}

const at::Tensor &parameter_of(llara_optimizer_ref optimizer, int32_t parameter) {
    if (parameter < 0 || static_cast<size_t>(parameter) >= optimizer->parameters.size()) {
        throw BadArgument("no parameter " + std::to_string(parameter));
    }
    return optimizer->parameters[static_cast<size_t>(parameter)];
}

template <typename State>
void export_state(
    torch::optim::OptimizerParamState &base, int64_t *step, llara_tensor_out first_moment,
    llara_tensor_out second_moment) {
    auto &state = static_cast<State &>(base);
    auto first = std::make_unique<llara_tensor>(llara_tensor{state.exp_avg().clone()});
    *second_moment = new llara_tensor{state.exp_avg_sq().clone()};
    *first_moment = first.release();
    *step = state.step();
}

int adam_export(
    llara_optimizer_ref optimizer, int32_t parameter, int64_t *step, llara_tensor_out first_moment,
    llara_tensor_out second_moment, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        auto *key = parameter_of(optimizer, parameter).unsafeGetTensorImpl();
        auto &states = started(optimizer).state();
        auto found = states.find(key);
        if (found == states.end()) {
            *step = 0;
            *first_moment = nullptr;
            *second_moment = nullptr;
        } else if (optimizer->options.decoupled_weight_decay != 0) {
            export_state<torch::optim::AdamWParamState>(
                *found->second, step, first_moment, second_moment);
        } else {
            export_state<torch::optim::AdamParamState>(
                *found->second, step, first_moment, second_moment);
        }
    });
}

template <typename State>
std::unique_ptr<torch::optim::OptimizerParamState> imported_state(
    int64_t step, const at::Tensor &first, const at::Tensor &second) {
    auto state = std::make_unique<State>();
    state->step(step);
    state->exp_avg(first.clone());
    state->exp_avg_sq(second.clone());
    return state;
}

int adam_import(
    llara_optimizer_ref optimizer, int32_t parameter, int64_t step, llara_tensor_ref first_moment,
    llara_tensor_ref second_moment, llara_error_ref error) noexcept {
    return guarded(error, [&] {
        const at::Tensor &target = parameter_of(optimizer, parameter);
        if (first_moment->value.sizes() != target.sizes()
            || second_moment->value.sizes() != target.sizes() || step < 1) {
            throw BadArgument("the moments do not fit the parameter");
        }
        auto &states = started(optimizer).state();
        states[target.unsafeGetTensorImpl()] = optimizer->options.decoupled_weight_decay != 0
            ? imported_state<torch::optim::AdamWParamState>(
                  step, first_moment->value, second_moment->value)
            : imported_state<torch::optim::AdamParamState>(
                  step, first_moment->value, second_moment->value);
    });
}

constexpr uint32_t function_count = static_cast<uint32_t>(
    (sizeof(llara_torch_table) - offsetof(llara_torch_table, manual_seed)) / sizeof(void (*)()));

const llara_torch_table table = {
    .version = LLARA_TORCH_TABLE_VERSION,
    .function_count = function_count,
    .torch_version = TORCH_VERSION,
    .manual_seed = manual_seed,
    .rng_state_get = rng_state_get,
    .rng_state_set = rng_state_set,
    .set_num_threads = set_num_threads,
    .num_threads = num_threads,
    .set_deterministic = set_deterministic,
    .device_available = device_available,
    .memory = memory,
    .grad_enabled = grad_enabled,
    .tensor_from_floats = tensor_from_floats,
    .tensor_from_int64 = tensor_from_int64,
    .tensor_full = tensor_full,
    .tensor_normal = tensor_normal,
    .tensor_uniform = tensor_uniform,
    .tensor_free = tensor_free,
    .tensor_to_floats = tensor_to_floats,
    .tensor_to_int64 = tensor_to_int64,
    .tensor_rank = tensor_rank,
    .tensor_shape = tensor_shape,
    .tensor_type = tensor_type,
    .tensor_convert = tensor_convert,
    .tensor_assign = tensor_assign,
    .tensor_detach = tensor_detach,
    .tensor_clone = tensor_clone,
    .set_requires_grad = set_requires_grad,
    .requires_grad = requires_grad,
    .backward = backward,
    .gradient = gradient,
    .clear_gradient = clear_gradient,
    .clip_gradient_norm = clip_gradient_norm,
    .unary = unary,
    .binary = binary,
    .affine = affine,
    .masked_fill = masked_fill,
    .dropout = dropout,
    .linear = linear,
    .embedding = embedding,
    .layer_norm = layer_norm,
    .rms_norm = rms_norm,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .attention = attention,
    .transpose = transpose,
    .reshape = reshape,
    .slice = slice,
    .concatenate = concatenate,
    .index_select = index_select,
    .gather = gather,
    .reduce = reduce,
    .reduce_all = reduce_all,
    .cross_entropy = cross_entropy,
    .binary_cross_entropy = binary_cross_entropy,
    .adam_new = adam_new,
    .adam_free = adam_free,
    .adam_add_group = adam_add_group,
    .adam_set_learning_rate = adam_set_learning_rate,
    .adam_step = adam_step,
    .adam_clear_gradients = adam_clear_gradients,
    .adam_export = adam_export,
    .adam_import = adam_import,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const llara_torch_table *
llara_torch_get_table(void) {
    return &table;
}
