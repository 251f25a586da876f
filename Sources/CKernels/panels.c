#include "CKernels.h"
#include "exponential.h"

#pragma clang diagnostic ignored "-Wpsabi"
#include "transpose.h"

// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
INLINED uint32_t rounded(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint32_t nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x != x ? 0x7fc0 : nearest;
}

MULTIVERSION void ck_bf16_rows(size_t rows, size_t columns, const float *x, size_t stride, size_t padded,
                               ck_bf16 *out) {
  for (size_t row = 0; row < rows; row++, x += stride, out += padded) {
    for (size_t j = 0; j < columns; j++) out[j] = (ck_bf16)rounded(x[j]);
    for (size_t j = columns; j < padded; j++) out[j] = 0;
  }
}

enum { BLOCK = 16 };

// Of the sixteen columns from `first` on, those inside.
INLINED size_t columns_left(size_t first, size_t columns) {
  return first >= columns ? 0 : columns - first < BLOCK ? columns - first : BLOCK;
}

MULTIVERSION void ck_bf16_rows_transposed(size_t rows, size_t columns, const float *x, size_t stride, size_t padded,
                                          ck_bf16 *out) {
  for (size_t first = 0; first < padded; first += BLOCK) {
    const size_t depth = first >= rows ? 0 : (rows - first < BLOCK ? rows - first : BLOCK);
    size_t j = 0;
    for (; depth == BLOCK && j + BLOCK <= columns; j += BLOCK) {
      float block[BLOCK][BLOCK];
      transpose_16(BLOCK, x + first * stride + j, stride, block[0], BLOCK);
      for (size_t l = 0; l < BLOCK; l++)
        for (size_t i = 0; i < BLOCK; i++) out[(j + l) * padded + first + i] = (ck_bf16)rounded(block[l][i]);
    }
    for (; j < columns; j++)
      for (size_t i = 0; i < BLOCK; i++)
        out[j * padded + first + i] = i < depth ? (ck_bf16)rounded(x[(first + i) * stride + j]) : 0;
  }
}

// One pair of rows of a panel: 32 columns, the two rows interleaved.
INLINED void interleave(size_t columns, const float *even, const float *odd, ck_bf16 *out) {
  uint32_t pairs[CK_PANEL];
  for (size_t j = 0; j < CK_PANEL; j++)
    pairs[j] = j < columns ? (even ? rounded(even[j]) : 0) | (odd ? rounded(odd[j]) : 0) << 16 : 0;
  memcpy(out, pairs, sizeof pairs);
}

MULTIVERSION static void bfloat16_panels(size_t rows, size_t columns, const float *b, size_t stride, ck_bf16 *out) {
  const size_t depth = ck_unit_depth(CK_AMX_BF16, rows);
  for (size_t first = 0; first < columns; first += CK_PANEL)
    for (size_t k = 0; k < depth; k += 2, out += 2 * CK_PANEL) {
      const float *even = k < rows ? b + k * stride + first : NULL;
      const float *odd = k + 1 < rows ? b + (k + 1) * stride + first : NULL;
      if (odd && columns - first >= CK_PANEL)
        interleave(CK_PANEL, even, odd, out);
      else
        interleave(columns - first, even, odd, out);
    }
}

// Sixteen columns of a panel: `count` of them are rows of b, [count, rows], the others zeros. A block of
// 32 rows of the panel is packed and transposed in registers.
INLINED void bfloat16_columns(size_t count, size_t rows, size_t depth, const float *b, size_t stride, ck_bf16 *out) {
  size_t k = 0;
  for (; count == BLOCK && k + 2 * BLOCK <= rows; k += 2 * BLOCK) {
    uint32_t pairs[BLOCK][BLOCK];
    for (size_t j = 0; j < BLOCK; j++)
      for (size_t p = 0; p < BLOCK; p++) {
        const float *pair = b + j * stride + k + 2 * p;
        pairs[j][p] = rounded(pair[0]) | rounded(pair[1]) << 16;
      }
    transpose_16(BLOCK, (const float *)pairs, BLOCK, (float *)(out + k * CK_PANEL), CK_PANEL);
  }
  for (; k < depth; k += 2)
    for (size_t j = 0; j < BLOCK; j++) {
      const float *pair = b + j * stride + k;
      out[k * CK_PANEL + 2 * j] = (ck_bf16)(j < count && k < rows ? rounded(pair[0]) : 0);
      out[k * CK_PANEL + 2 * j + 1] = (ck_bf16)(j < count && k + 1 < rows ? rounded(pair[1]) : 0);
    }
}

MULTIVERSION static void bfloat16_panels_transposed(size_t rows, size_t columns, const float *b, size_t stride,
                                                    ck_bf16 *out) {
  const size_t depth = ck_unit_depth(CK_AMX_BF16, rows);
  for (size_t first = 0; first < columns; first += CK_PANEL, out += depth * CK_PANEL)
    for (size_t column = 0; column < CK_PANEL; column += BLOCK)
      bfloat16_columns(columns_left(first + column, columns), rows, depth, b + (first + column) * stride, stride,
                       out + 2 * column);
}

MULTIVERSION static void float_panels(size_t rows, size_t columns, const float *b, size_t stride, float *out) {
  for (size_t first = 0; first < columns; first += CK_PANEL) {
    const size_t width = columns - first < CK_PANEL ? columns - first : CK_PANEL;
    for (size_t k = 0; k < rows; k++, out += CK_PANEL) {
      memcpy(out, b + k * stride + first, width * sizeof(float));
      memset(out + width, 0, (CK_PANEL - width) * sizeof(float));
    }
  }
}

INLINED void float_columns(size_t count, size_t rows, const float *b, size_t stride, float *out) {
  size_t k = 0;
  for (; k + BLOCK <= rows; k += BLOCK) transpose_16(count, b + k, stride, out + k * CK_PANEL, CK_PANEL);
  for (; k < rows; k++)
    for (size_t j = 0; j < BLOCK; j++) out[k * CK_PANEL + j] = j < count ? b[j * stride + k] : 0;
}

MULTIVERSION static void float_panels_transposed(size_t rows, size_t columns, const float *b, size_t stride,
                                                 float *out) {
  for (size_t first = 0; first < columns; first += CK_PANEL, out += rows * CK_PANEL)
    for (size_t column = 0; column < CK_PANEL; column += BLOCK)
      float_columns(columns_left(first + column, columns), rows, b + (first + column) * stride, stride, out + column);
}

void ck_panels(enum ck_unit unit, size_t rows, size_t columns, const float *b, size_t stride, void *out) {
  if (ck_unit_rounds(unit))
    bfloat16_panels(rows, columns, b, stride, out);
  else
    float_panels(rows, columns, b, stride, out);
}

void ck_panels_transposed(enum ck_unit unit, size_t rows, size_t columns, const float *b, size_t stride, void *out) {
  if (ck_unit_rounds(unit))
    bfloat16_panels_transposed(rows, columns, b, stride, out);
  else
    float_panels_transposed(rows, columns, b, stride, out);
}
