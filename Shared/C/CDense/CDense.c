#include "CDense.h"

#include <string.h>

// Inputs of a block: a panel's part, 64 KB, stays in the second cache while all rows pass, and
// sums of sums lose less than one long sum.
enum { BLOCK = 512, MOST_ROWS = 12 };

#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SEPARATE(a, b, c) ((a) * (b) + (c))

#if defined(__x86_64__)

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("avx512f")))
#define FMA FUSED
#define LANES 16
#define ROWS 12
#include "kernel.inc"
#undef NAME
#undef TARGET
#undef FMA
#undef LANES
#undef ROWS

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define FMA FUSED
#define LANES 8
#define ROWS 3
#include "kernel.inc"
#undef NAME
#undef TARGET
#undef FMA
#undef LANES
#undef ROWS

#endif

#define NAME(x) plain_##x
#define TARGET
#if defined(__FP_FAST_FMAF) || defined(__aarch64__)
#define FMA FUSED
#else
#define FMA SEPARATE
#endif
#define LANES 4
#define ROWS 3
#include "kernel.inc"

typedef struct {
    size_t rows;
    void (*tile)(size_t, const float *, const float *, size_t, float *, size_t);
    void (*gelu)(float *, size_t);
} kernel;

static kernel current(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return (kernel){12, avx512_tile_of, avx512_gelu};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (kernel){3, avx2_tile_of, avx2_gelu};
#endif
    return (kernel){3, plain_tile_of, plain_gelu};
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

size_t cdense_packed_count(size_t outputs, size_t inputs)
{
    return (outputs + CDENSE_PANEL - 1) / CDENSE_PANEL * CDENSE_PANEL * inputs;
}

// Panel after panel, each input after input; the last is filled up with zeros.
void cdense_pack(const float *weights, size_t outputs, size_t inputs, float *packed)
{
    memset(packed, 0, cdense_packed_count(outputs, inputs) * sizeof(float));
    for (size_t o = 0; o < outputs; o++) {
        float *panel = packed + o / CDENSE_PANEL * CDENSE_PANEL * inputs + o % CDENSE_PANEL;
        for (size_t i = 0; i < inputs; i++)
            panel[i * CDENSE_PANEL] = weights[o * inputs + i];
    }
}

// Tile after tile, each input after input: a tile reads its rows one after another.
void cdense_pack_rows(const float *x, size_t rows, size_t inputs, float *packed)
{
    size_t most = current().rows;
    for (size_t start = 0; start < rows; start += most) {
        size_t count = smaller(most, rows - start);
        float *tile = packed + start * inputs;
        for (size_t r = 0; r < count; r++)
            for (size_t i = 0; i < inputs; i++)
                tile[i * count + r] = x[(start + r) * inputs + i];
    }
}

void cdense_product(
    const float *packed_weights, const float *bias, size_t outputs, size_t inputs,
    const float *packed_rows, size_t rows, size_t first, size_t last, float *y)
{
    kernel kernel = current();
    for (size_t block = 0; block < inputs; block += BLOCK) {
        size_t depth = smaller(BLOCK, inputs - block);
        for (size_t panel = first; panel < last; panel++) {
            const float *w = packed_weights + (panel * inputs + block) * CDENSE_PANEL;
            size_t column = panel * CDENSE_PANEL;
            size_t width = smaller(CDENSE_PANEL, outputs - column);
            for (size_t start = 0; start < rows; start += kernel.rows) {
                size_t count = smaller(kernel.rows, rows - start);
                const float *x = packed_rows + start * inputs + block * count;
                float *tile = y + start * outputs + column;
                for (size_t r = 0; block == 0 && r < count; r++)
                    memcpy(tile + r * outputs, bias + column, width * sizeof(float));
                if (width == CDENSE_PANEL) {
                    kernel.tile(count, w, x, depth, tile, outputs);
                    continue;
                }
                // The last panel may be wider than what is left of a row of y.
                float edge[MOST_ROWS * CDENSE_PANEL] = {0};
                for (size_t r = 0; r < count; r++)
                    memcpy(edge + r * CDENSE_PANEL, tile + r * outputs, width * sizeof(float));
                kernel.tile(count, w, x, depth, edge, CDENSE_PANEL);
                for (size_t r = 0; r < count; r++)
                    memcpy(tile + r * outputs, edge + r * CDENSE_PANEL, width * sizeof(float));
            }
        }
    }
}

void cdense_gelu(float *values, size_t count) { current().gelu(values, count); }
