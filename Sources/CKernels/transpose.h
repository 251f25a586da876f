// The transpose of 16 × 16 floats, in registers. To be included where -Wpsabi is off: its vectors are
// passed between inlined functions only.
#pragma once
#include <stddef.h>

#include "multiversion.h"

typedef float row_of_16 __attribute__((vector_size(16 * sizeof(float)), aligned(sizeof(float)), may_alias));

// Of each four lanes: a₀ b₀ a₁ b₁, or a₂ b₂ a₃ b₃.
INLINED row_of_16 lanes_in_turn(row_of_16 a, row_of_16 b, size_t upper) {
  return upper ? __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
               : __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}

// Of each four lanes: a₀ a₁ b₀ b₁, or a₂ a₃ b₂ b₃.
INLINED row_of_16 pairs_in_turn(row_of_16 a, row_of_16 b, size_t upper) {
  return upper ? __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
               : __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}

// The even or the odd fours of a, then those of b.
INLINED row_of_16 alternate_fours(row_of_16 a, row_of_16 b, size_t odd) {
  return odd ? __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
             : __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

// out [16, out_stride] = x [rows ≤ 16, 16]ᵀ; zero beyond the rows.
INLINED void transpose_16(size_t rows, const float *x, size_t stride, float *out, size_t out_stride) {
  row_of_16 a[16], b[16];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 16; i++) {
    a[i] = (row_of_16){0};
    if (i < rows) a[i] = *(const row_of_16 *)(x + i * stride);
  }
  // Columns 4q + c of four rows come to lie in four q of vector c, step by step.
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 16; i++) b[i] = lanes_in_turn(a[i & ~1], a[i | 1], i & 1);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 16; i++) {
    const size_t first = (i & ~3) + (i & 2) / 2;
    a[i] = pairs_in_turn(b[first], b[first + 2], i & 1);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i++) {
    const size_t c = i & 3, odd = i / 4;
    const row_of_16 upper = alternate_fours(a[c], a[4 + c], odd), lower = alternate_fours(a[8 + c], a[12 + c], odd);
    *(row_of_16 *)(out + i * out_stride) = alternate_fours(upper, lower, 0);
    *(row_of_16 *)(out + (8 + i) * out_stride) = alternate_fours(upper, lower, 1);
  }
}
