// Attention of short sequences: what belongs to a sequence and head stays in the first cache, and
// of the scores only the vectors up to the diagonal are computed.
#include <math.h>

#include "CKernels.h"
#include "exponential.h"
#include "softmax.h"

#if defined(__x86_64__) && defined(__linux__)

#pragma clang diagnostic ignored "-Wpsabi"
#include "transpose.h"

enum {
  LANES = 16,
  MOST = CK_SHORT_SEQUENCE,
  // Rows of a product that are computed together: with two vectors of each, eight sums side by side.
  BLOCK = 4,
};

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl"))), apply_to = function)

typedef row_of_16 vector;

// Factors of a product: element (i, k) of the left one is a[i · row + k · step], row k of the right
// one begins at b + k · ldb.
typedef struct {
  const float *a;
  size_t row, step;
  const float *b;
  size_t ldb;
} factors;

// c [rows, 16 · vectors] = Σ_k a_ik b_k, begin ≤ k < end; at most four rows and two vectors.
INLINED void tile(size_t rows, size_t vectors, factors f, size_t begin, size_t end, float *c, size_t ldc) {
  vector sums[BLOCK][2] = {{{0}}};
  for (size_t k = begin; k < end; k++) {
    const vector *right = (const vector *)(f.b + k * f.ldb);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
      const float left = f.a[i * f.row + k * f.step];
      sums[i][0] += left * right[0];
      if (vectors == 2) sums[i][1] += left * right[1];
    }
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++) {
    *(vector *)(c + i * ldc) = sums[i][0];
    if (vectors == 2) *(vector *)(c + i * ldc + LANES) = sums[i][1];
  }
}

// The same for up to four rows and any number of vectors.
INLINED void product(size_t rows, size_t vectors, factors f, size_t begin, size_t end, float *c, size_t ldc) {
  for (size_t v = 0; v < vectors; v += 2, f.b += 2 * LANES, c += 2 * LANES) {
    const int both = v + 2 <= vectors;
    if (rows == BLOCK && both)
      tile(BLOCK, 2, f, begin, end, c, ldc);
    else if (rows == BLOCK)
      tile(BLOCK, 1, f, begin, end, c, ldc);
    else
      for (size_t i = 0; i < rows; i++) {
        const factors one = {f.a + i * f.row, 0, f.step, f.b, f.ldb};
        if (both)
          tile(1, 2, one, begin, end, c + i * ldc, ldc);
        else
          tile(1, 1, one, begin, end, c + i * ldc, ldc);
      }
  }
}

// across [width, MOST] = x [tokens, width]ᵀ, zeros up to whole vectors.
INLINED void turn(size_t tokens, size_t width, const float *x, size_t stride, float *across) {
  for (size_t row = 0; row < tokens; row += LANES)
    for (size_t d = 0; d < width; d += LANES) {
      const float *from = x + row * stride + d;
      float *to = across + d * MOST + row;
      if (tokens - row >= LANES)
        transpose_16(LANES, from, stride, to, MOST);
      else
        transpose_16(tokens - row, from, stride, to, MOST);
    }
}

// The scores of row i become softmax(factor · scores) up to the diagonal, and zero right of it.
INLINED void row_softmax(size_t i, size_t columns, float factor, float *scores) {
#pragma clang fp reassociate(on)
  float largest[LANES], sum = 0;
  for (size_t l = 0; l < LANES; l++) largest[l] = scores[0];
  for (size_t j = 0; j < columns; j += LANES)
    for (size_t l = 0; l < LANES; l++) {
      const float score = j + l <= i ? scores[j + l] : -INFINITY;
      scores[j + l] = score;
      largest[l] = score > largest[l] ? score : largest[l];
    }
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++) largest[l] = largest[l + half] > largest[l] ? largest[l + half] : largest[l];
  for (size_t j = 0; j < columns; j++) {
    scores[j] = j <= i ? fast_exp(factor * (scores[j] - largest[0])) : 0;
    sum += scores[j];
  }
  const float inverse = 1 / sum;
  for (size_t j = 0; j < columns; j++) scores[j] *= inverse;
}

// A block of rows of a sequence, and the columns up to the diagonal of its last one.
typedef struct {
  size_t first, rows, end, vectors;
} block;

INLINED block block_at(size_t first, size_t tokens) {
  const size_t rows = tokens - first < BLOCK ? tokens - first : BLOCK;
  return (block){first, rows, first + rows, (first + rows + LANES - 1) / LANES};
}

// The probabilities of a block of queries, p [rows, MOST].
INLINED void block_probabilities(block b, size_t width, float factor, const float *q, size_t stride,
                                 const float *keys_across, float *p) {
  product(b.rows, b.vectors, (factors){q + b.first * stride, stride, 1, keys_across, MOST}, 0, width, p, MOST);
  for (size_t i = 0; i < b.rows; i++) row_softmax(b.first + i, b.vectors * LANES, factor, p + i * MOST);
}

INLINED void forward(size_t tokens, size_t width, float factor, const float *q, const float *k, const float *v,
                     size_t stride, float *out, size_t out_stride) {
  float keys_across[MOST * MOST], p[BLOCK * MOST];
  turn(tokens, width, k, stride, keys_across);
  for (size_t first = 0; first < tokens; first += BLOCK) {
    const block b = block_at(first, tokens);
    block_probabilities(b, width, factor, q, stride, keys_across, p);
    product(b.rows, width / LANES, (factors){p, MOST, 1, v, stride}, 0, b.end, out + first * out_stride, out_stride);
  }
}

INLINED void backward(size_t tokens, size_t width, float factor, const float *q, const float *k, const float *v,
                      size_t stride, const float *dout, size_t dout_stride, float *dq, float *dk, float *dv) {
  float keys_across[MOST * MOST], values_across[MOST * MOST], p[MOST * MOST], dp[MOST * MOST];
  turn(tokens, width, k, stride, keys_across);
  turn(tokens, width, v, stride, values_across);
  for (size_t first = 0; first < tokens; first += BLOCK) {
    const block b = block_at(first, tokens);
    float *probabilities = p + first * MOST, *gradient = dp + first * MOST;
    block_probabilities(b, width, factor, q, stride, keys_across, probabilities);
    const factors dp_factors = {dout + first * dout_stride, dout_stride, 1, values_across, MOST};
    product(b.rows, b.vectors, dp_factors, 0, width, gradient, MOST);
    for (size_t i = 0; i < b.rows; i++)
      softmax_gradient(b.vectors * LANES, factor, probabilities + i * MOST, gradient + i * MOST);
    product(b.rows, width / LANES, (factors){gradient, MOST, 1, k, stride}, 0, b.end, dq + first * stride, stride);
  }
  // Keys and values of a block are seen by the queries from its first row on.
  for (size_t first = 0; first < tokens; first += BLOCK) {
    const block b = block_at(first, tokens);
    product(b.rows, width / LANES, (factors){p + first, 1, MOST, dout, dout_stride}, first, tokens, dv + first * stride,
            stride);
    product(b.rows, width / LANES, (factors){dp + first, 1, MOST, q, stride}, first, tokens, dk + first * stride,
            stride);
  }
}

void ck_short_attention(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                        const float *qkv, size_t stride, float *out, size_t out_stride) {
  const size_t width = heads * head_width;
  for (size_t s = 0; s < sequences; s++)
    for (size_t head = 0; head < heads; head++) {
      const float *q = qkv + s * tokens * stride + head * head_width;
      forward(tokens, head_width, factor, q, q + width, q + 2 * width, stride,
              out + s * tokens * out_stride + head * head_width, out_stride);
    }
}

void ck_short_attention_gradient(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                                 const float *qkv, size_t stride, const float *dout, size_t dout_stride, float *dqkv) {
  const size_t width = heads * head_width;
  for (size_t s = 0; s < sequences; s++)
    for (size_t head = 0; head < heads; head++) {
      const float *q = qkv + s * tokens * stride + head * head_width;
      float *dq = dqkv + s * tokens * stride + head * head_width;
      backward(tokens, head_width, factor, q, q + width, q + 2 * width, stride,
               dout + s * tokens * dout_stride + head * head_width, dout_stride, dq, dq + width, dq + 2 * width);
    }
}

#pragma clang attribute pop

#else

void ck_short_attention(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                        const float *qkv, size_t stride, float *out, size_t out_stride) {}
void ck_short_attention_gradient(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                                 const float *qkv, size_t stride, const float *dout, size_t dout_stride, float *dqkv) {}

#endif
