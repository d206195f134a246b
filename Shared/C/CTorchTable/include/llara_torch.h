/* The table of C functions between Swift and libtorch.
 *
 * libllara_torch.so (shim/llara_torch.cpp, compiled against the torch that is installed) exports one
 * symbol, llara_torch_get_table. SwiftPM sees only this header, so no product links torch.
 *
 * Rules that hold for every function:
 * - it throws nothing and returns LLARA_TORCH_OK or another llara_torch_code; on a failure the error
 *   buffer holds a NUL-terminated message and no output was written;
 * - a tensor handed out belongs to the caller, who frees it once with tensor_free;
 * - sizes, indices and dimensions are int64; a negative dimension counts from the end;
 * - gradients are recorded as libtorch does it, unless grad_enabled is off on this thread;
 * - handles may move between threads but must not be used by two threads at once; the seed, the
 *   generator's state and the number of threads belong to the process.
 *
 * A change of any signature or of the order raises LLARA_TORCH_TABLE_VERSION.
 */
#ifndef LLARA_TORCH_H
#define LLARA_TORCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define LLARA_NONNULL _Nonnull
#define LLARA_NULLABLE _Nullable
#else
#define LLARA_NONNULL
#define LLARA_NULLABLE
#endif

#define LLARA_TORCH_TABLE_VERSION 1u

typedef struct llara_tensor llara_tensor;
typedef struct llara_optimizer llara_optimizer;

/* Borrowed and handed-out handles, shortened for the table below. */
typedef llara_tensor *LLARA_NONNULL llara_tensor_ref;
typedef llara_tensor *LLARA_NULLABLE llara_optional_tensor_ref;
typedef llara_tensor *LLARA_NULLABLE *LLARA_NONNULL llara_tensor_out;
typedef const llara_tensor_ref *LLARA_NONNULL llara_tensor_list;
typedef const int64_t *LLARA_NONNULL llara_sizes;
typedef llara_optimizer *LLARA_NONNULL llara_optimizer_ref;

/* Where a failing function writes its message: at most `capacity` bytes with the NUL. */
typedef struct llara_torch_error {
    char *LLARA_NONNULL text;
    size_t capacity;
} llara_torch_error;
typedef const llara_torch_error *LLARA_NONNULL llara_error_ref;

enum llara_torch_code {
    LLARA_TORCH_OK = 0,
    LLARA_TORCH_BAD_ARGUMENT = 1,  /* a null, an unknown enum value, a buffer of the wrong size */
    LLARA_TORCH_FAILED = 2,        /* libtorch refused: shapes, types, devices */
    LLARA_TORCH_OUT_OF_MEMORY = 3,
    LLARA_TORCH_UNSUPPORTED = 4,   /* this build of torch has no such device or type */
};

enum llara_torch_type {
    LLARA_TORCH_FLOAT32 = 0,
    LLARA_TORCH_BFLOAT16 = 1,
    LLARA_TORCH_INT64 = 2,
    LLARA_TORCH_BOOL = 3,
};

enum llara_torch_device {
    LLARA_TORCH_CPU = 0,
    LLARA_TORCH_CUDA = 1, /* the first device */
};

enum llara_torch_unary {
    LLARA_TORCH_GELU = 0, /* the exact form, with erf */
    LLARA_TORCH_RELU = 1,
    LLARA_TORCH_SILU = 2,
    LLARA_TORCH_SIGMOID = 3,
    LLARA_TORCH_TANH = 4,
    LLARA_TORCH_EXP = 5,
    LLARA_TORCH_LOG = 6,
    LLARA_TORCH_SQUARE = 7,
    LLARA_TORCH_RSQRT = 8,
    LLARA_TORCH_COS = 9,
    LLARA_TORCH_SIN = 10,
};

enum llara_torch_binary {
    LLARA_TORCH_ADD = 0,
    LLARA_TORCH_SUBTRACT = 1,
    LLARA_TORCH_MULTIPLY = 2,
    LLARA_TORCH_DIVIDE = 3,
    LLARA_TORCH_MATMUL = 4,
};

enum llara_torch_reduction {
    LLARA_TORCH_SUM = 0,
    LLARA_TORCH_MEAN = 1,
    LLARA_TORCH_MAXIMUM = 2,
    LLARA_TORCH_LOG_SUM_EXP = 3,
};

/* Bytes; what cannot be known is 0. Peaks count from the start of the process. */
typedef struct llara_torch_memory {
    uint64_t resident;
    uint64_t resident_peak;
    uint64_t device_allocated;
    uint64_t device_allocated_peak;
} llara_torch_memory;

typedef struct llara_adam_options {
    double beta1;
    double beta2;
    double epsilon;
    int32_t decoupled_weight_decay; /* 1: AdamW; 0: weight decay joins the gradient */
} llara_adam_options;

typedef struct llara_torch_table {
    uint32_t version;        /* LLARA_TORCH_TABLE_VERSION of the shim */
    uint32_t function_count; /* functions that follow torch_version's string */
    const char *LLARA_NONNULL torch_version;

    /* The process. */
    int (*LLARA_NONNULL manual_seed)(uint64_t seed, llara_error_ref error);
    /* Writes the CPU generator's state; *length: capacity in, bytes written out. */
    int (*LLARA_NONNULL rng_state_get)(
        uint8_t *LLARA_NULLABLE bytes, int64_t *LLARA_NONNULL length, llara_error_ref error);
    int (*LLARA_NONNULL rng_state_set)(
        const uint8_t *LLARA_NONNULL bytes, int64_t length, llara_error_ref error);
    int (*LLARA_NONNULL set_num_threads)(int32_t count, llara_error_ref error);
    int (*LLARA_NONNULL num_threads)(int32_t *LLARA_NONNULL count, llara_error_ref error);
    /* Refuses operations that have no repeatable form on the device. */
    int (*LLARA_NONNULL set_deterministic)(int32_t enabled, llara_error_ref error);
    int (*LLARA_NONNULL device_available)(
        int32_t device, int32_t *LLARA_NONNULL available, llara_error_ref error);
    int (*LLARA_NONNULL memory)(
        int32_t device, llara_torch_memory *LLARA_NONNULL statistics, llara_error_ref error);
    /* Switches recording on this thread; writes what it was before. */
    int (*LLARA_NONNULL grad_enabled)(
        int32_t enabled, int32_t *LLARA_NONNULL previous, llara_error_ref error);

    /* Making, reading and placing tensors. */
    int (*LLARA_NONNULL tensor_from_floats)(
        const float *LLARA_NULLABLE values, llara_sizes sizes, int32_t rank, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_from_int64)(
        const int64_t *LLARA_NULLABLE values, llara_sizes sizes, int32_t rank, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_full)(
        double value, llara_sizes sizes, int32_t rank, int32_t type, int32_t device,
        llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL tensor_normal)(
        double mean, double deviation, llara_sizes sizes, int32_t rank, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_uniform)(
        double low, double high, llara_sizes sizes, int32_t rank, llara_tensor_out out,
        llara_error_ref error);
    void (*LLARA_NONNULL tensor_free)(llara_optional_tensor_ref tensor);
    /* Copies as float32, row-major; `count` must be the number of elements. */
    int (*LLARA_NONNULL tensor_to_floats)(
        llara_tensor_ref tensor, float *LLARA_NULLABLE values, int64_t count,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_to_int64)(
        llara_tensor_ref tensor, int64_t *LLARA_NULLABLE values, int64_t count,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_rank)(
        llara_tensor_ref tensor, int32_t *LLARA_NONNULL rank, llara_error_ref error);
    int (*LLARA_NONNULL tensor_shape)(
        llara_tensor_ref tensor, int64_t *LLARA_NONNULL sizes, int32_t rank,
        llara_error_ref error);
    int (*LLARA_NONNULL tensor_type)(
        llara_tensor_ref tensor, int32_t *LLARA_NONNULL type, int32_t *LLARA_NONNULL device,
        llara_error_ref error);
    /* The same values in another type or on another device. */
    int (*LLARA_NONNULL tensor_convert)(
        llara_tensor_ref tensor, int32_t type, int32_t device, llara_tensor_out out,
        llara_error_ref error);
    /* Overwrites the values in place, unrecorded; the shapes must be equal. */
    int (*LLARA_NONNULL tensor_assign)(
        llara_tensor_ref tensor, llara_tensor_ref source, llara_error_ref error);
    int (*LLARA_NONNULL tensor_detach)(
        llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL tensor_clone)(
        llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error);

    /* Gradients. */
    int (*LLARA_NONNULL set_requires_grad)(
        llara_tensor_ref tensor, int32_t required, llara_error_ref error);
    int (*LLARA_NONNULL requires_grad)(
        llara_tensor_ref tensor, int32_t *LLARA_NONNULL required, llara_error_ref error);
    int (*LLARA_NONNULL backward)(llara_tensor_ref scalar, llara_error_ref error);
    /* The gradient collected so far; *out is null when there is none. */
    int (*LLARA_NONNULL gradient)(
        llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL clear_gradient)(llara_tensor_ref tensor, llara_error_ref error);
    /* Scales the gradients so that their joint 2-norm is at most `maximum`; writes the norm. */
    int (*LLARA_NONNULL clip_gradient_norm)(
        llara_tensor_list tensors, int32_t count, double maximum, double *LLARA_NONNULL norm,
        llara_error_ref error);

    /* Element by element; shapes broadcast. */
    int (*LLARA_NONNULL unary)(
        int32_t operation, llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL binary)(
        int32_t operation, llara_tensor_ref left, llara_tensor_ref right, llara_tensor_out out,
        llara_error_ref error);
    /* tensor * factor + term */
    int (*LLARA_NONNULL affine)(
        llara_tensor_ref tensor, double factor, double term, llara_tensor_out out,
        llara_error_ref error);
    /* `value` where the bool mask is true */
    int (*LLARA_NONNULL masked_fill)(
        llara_tensor_ref tensor, llara_tensor_ref mask, double value, llara_tensor_out out,
        llara_error_ref error);
    /* Zeroes each element with `probability` and scales the rest by 1 / (1 - probability). */
    int (*LLARA_NONNULL dropout)(
        llara_tensor_ref tensor, double probability, llara_tensor_out out, llara_error_ref error);

    /* Layers. A weight is [out, in]. */
    int (*LLARA_NONNULL linear)(
        llara_tensor_ref tensor, llara_tensor_ref weight, llara_optional_tensor_ref bias,
        llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL embedding)(
        llara_tensor_ref table, llara_tensor_ref indices, llara_tensor_out out,
        llara_error_ref error);
    /* Over the last dimension. */
    int (*LLARA_NONNULL layer_norm)(
        llara_tensor_ref tensor, llara_tensor_ref weight, llara_optional_tensor_ref bias,
        double epsilon, llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL rms_norm)(
        llara_tensor_ref tensor, llara_tensor_ref weight, double epsilon, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL softmax)(
        llara_tensor_ref tensor, int64_t dimension, llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL log_softmax)(
        llara_tensor_ref tensor, int64_t dimension, llara_tensor_out out, llara_error_ref error);
    /* query, key, value: [batch, heads, length, width]; mask: bool, true where attended. Fewer key
     * heads than query heads are repeated (grouped-query attention). */
    int (*LLARA_NONNULL attention)(
        llara_tensor_ref query, llara_tensor_ref key, llara_tensor_ref value,
        llara_optional_tensor_ref mask, int32_t causal, double dropout, llara_tensor_out out,
        llara_error_ref error);

    /* Shapes. */
    int (*LLARA_NONNULL transpose)(
        llara_tensor_ref tensor, int64_t first, int64_t second, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL reshape)(
        llara_tensor_ref tensor, llara_sizes sizes, int32_t rank, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL slice)(
        llara_tensor_ref tensor, int64_t dimension, int64_t start, int64_t end, int64_t step,
        llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL concatenate)(
        llara_tensor_list tensors, int32_t count, int64_t dimension, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL index_select)(
        llara_tensor_ref tensor, int64_t dimension, llara_tensor_ref indices, llara_tensor_out out,
        llara_error_ref error);
    int (*LLARA_NONNULL gather)(
        llara_tensor_ref tensor, int64_t dimension, llara_tensor_ref indices, llara_tensor_out out,
        llara_error_ref error);

    /* Reductions and losses. */
    int (*LLARA_NONNULL reduce)(
        int32_t operation, llara_tensor_ref tensor, int64_t dimension, int32_t keep_dimension,
        llara_tensor_out out, llara_error_ref error);
    int (*LLARA_NONNULL reduce_all)(
        int32_t operation, llara_tensor_ref tensor, llara_tensor_out out, llara_error_ref error);
    /* logits [n, classes], int64 targets [n]; the mean over targets other than ignore_index. */
    int (*LLARA_NONNULL cross_entropy)(
        llara_tensor_ref logits, llara_tensor_ref targets, int64_t ignore_index,
        double label_smoothing, llara_tensor_out out, llara_error_ref error);
    /* The mean of binary cross-entropy with logits; targets of the same shape. */
    int (*LLARA_NONNULL binary_cross_entropy)(
        llara_tensor_ref logits, llara_tensor_ref targets, llara_tensor_out out,
        llara_error_ref error);

    /* Adam (Kingma and Ba, 2015). Groups and parameters are numbered in the order added. */
    int (*LLARA_NONNULL adam_new)(
        llara_adam_options options, llara_optimizer *LLARA_NULLABLE *LLARA_NONNULL out,
        llara_error_ref error);
    void (*LLARA_NONNULL adam_free)(llara_optimizer *LLARA_NULLABLE optimizer);
    int (*LLARA_NONNULL adam_add_group)(
        llara_optimizer_ref optimizer, llara_tensor_list parameters, int32_t count,
        double learning_rate, double weight_decay, llara_error_ref error);
    int (*LLARA_NONNULL adam_set_learning_rate)(
        llara_optimizer_ref optimizer, int32_t group, double learning_rate, llara_error_ref error);
    int (*LLARA_NONNULL adam_step)(llara_optimizer_ref optimizer, llara_error_ref error);
    int (*LLARA_NONNULL adam_clear_gradients)(
        llara_optimizer_ref optimizer, llara_error_ref error);
    /* Copies of both moments and the step count; *step is 0 and both are null before the first. */
    int (*LLARA_NONNULL adam_export)(
        llara_optimizer_ref optimizer, int32_t parameter, int64_t *LLARA_NONNULL step,
        llara_tensor_out first_moment, llara_tensor_out second_moment, llara_error_ref error);
    int (*LLARA_NONNULL adam_import)(
        llara_optimizer_ref optimizer, int32_t parameter, int64_t step,
        llara_tensor_ref first_moment, llara_tensor_ref second_moment, llara_error_ref error);
} llara_torch_table;

/* The library's only export. */
const llara_torch_table *LLARA_NONNULL llara_torch_get_table(void);
typedef const llara_torch_table *LLARA_NONNULL (*llara_torch_get_table_function)(void);
#define LLARA_TORCH_GET_TABLE "llara_torch_get_table"

#ifdef __cplusplus
}
#endif

#endif
