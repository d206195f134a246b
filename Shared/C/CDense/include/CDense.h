#ifndef CDENSE_H
#define CDENSE_H

#include <stddef.h>

// Dense layers in float32 whose result does not depend on how many rows are computed together.
//
// Libraries choose the order of a sum by the shape of the product: the same row gives other bits
// in another batch. Here each output is the bias, plus one block of 512 inputs after another,
// each block summed input after input with fused multiply-adds from 0 on: the same bits for any
// number of rows, any split over threads, and any CPU that has such instructions.

// Outputs of a panel: weights are packed, and work is split, by panels of so many.
enum { CDENSE_PANEL = 32 };

// Floats that the packed form of `outputs` x `inputs` weights takes.
size_t cdense_packed_count(size_t outputs, size_t inputs);

// Packs `weights` (`outputs` rows of `inputs`) for cdense_product.
void cdense_pack(const float *weights, size_t outputs, size_t inputs, float *packed);

// The form of `rows` rows of `inputs` floats that cdense_product reads; `packed` takes as many
// floats as `x` has.
void cdense_pack_rows(const float *x, size_t rows, size_t inputs, float *packed);

// Computes the outputs of the panels `first` up to, without, `last` of all rows:
// y (`rows` rows of `outputs`) = x · wᵀ + bias. Calls for other panels may run at the same time.
void cdense_product(
    const float *packed_weights, const float *bias, size_t outputs, size_t inputs,
    const float *packed_rows, size_t rows, size_t first, size_t last, float *y);

// The exact GELU, x · Φ(x), of each value; the absolute error is below 3e-7 · max(1, |x|).
void cdense_gelu(float *values, size_t count);

#endif
