#include "CKernels.h"
#include "exponential.h"

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

// In blocks of 16 × 16, so that both the reads and the writes stay within a few cache lines.
MULTIVERSION void ck_bf16_rows_transposed(size_t rows, size_t columns, const float *x, size_t stride, size_t padded,
                                          ck_bf16 *out) {
  for (size_t first = 0; first < padded; first += BLOCK) {
    const size_t depth = first >= rows ? 0 : (rows - first < BLOCK ? rows - first : BLOCK);
    size_t j = 0;
    for (; depth == BLOCK && j + BLOCK <= columns; j += BLOCK) {
      uint32_t block[BLOCK][BLOCK];
      for (size_t i = 0; i < BLOCK; i++)
        for (size_t l = 0; l < BLOCK; l++) block[i][l] = rounded(x[(first + i) * stride + j + l]);
      for (size_t l = 0; l < BLOCK; l++)
        for (size_t i = 0; i < BLOCK; i++) out[(j + l) * padded + first + i] = (ck_bf16)block[i][l];
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

MULTIVERSION static void bfloat16_panels_transposed(size_t rows, size_t columns, const float *b, size_t stride,
                                                    ck_bf16 *out) {
  const size_t depth = ck_unit_depth(CK_AMX_BF16, rows);
  for (size_t first = 0; first < columns; first += CK_PANEL)
    for (size_t k = 0; k < depth; k += 2, out += 2 * CK_PANEL)
      for (size_t j = 0; j < CK_PANEL; j++) {
        const int inside = first + j < columns;
        const float *pair = b + (first + j) * stride + k;
        out[2 * j] = (ck_bf16)(inside && k < rows ? rounded(pair[0]) : 0);
        out[2 * j + 1] = (ck_bf16)(inside && k + 1 < rows ? rounded(pair[1]) : 0);
      }
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

MULTIVERSION static void float_panels_transposed(size_t rows, size_t columns, const float *b, size_t stride,
                                                 float *out) {
  for (size_t first = 0; first < columns; first += CK_PANEL)
    for (size_t k = 0; k < rows; k++, out += CK_PANEL)
      for (size_t j = 0; j < CK_PANEL; j++) out[j] = first + j < columns ? b[(first + j) * stride + k] : 0;
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
