#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "exponential.h"
#include "softmax.h"

enum { LANES = 16 };

// Sixteen maxima side by side: a single one would be scalar code, since the order of comparisons
// matters for NaN.
INLINED float largest_of(size_t length, const float *row) {
  float lanes[LANES];
  for (size_t l = 0; l < LANES; l++) lanes[l] = row[0];
  size_t j = 0;
  for (; j + LANES <= length; j += LANES)
    for (size_t l = 0; l < LANES; l++) lanes[l] = row[j + l] > lanes[l] ? row[j + l] : lanes[l];
  for (; j < length; j++) lanes[0] = row[j] > lanes[0] ? row[j] : lanes[0];
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++) lanes[l] = lanes[l + half] > lanes[l] ? lanes[l + half] : lanes[l];
  return lanes[0];
}

// row becomes exp(factor · (row − its largest)); returns the sum.
INLINED float exponentials(size_t length, float factor, float *row) {
#pragma clang fp reassociate(on)
  const float largest = largest_of(length, row);
  float sum = 0;
  for (size_t j = 0; j < length; j++) {
    row[j] = fast_exp(factor * (row[j] - largest));
    sum += row[j];
  }
  return sum;
}

INLINED void softmax(size_t length, float factor, float *row) {
  const float inverse = 1.0f / exponentials(length, factor, row);
  for (size_t j = 0; j < length; j++) row[j] *= inverse;
}

// Rows are worked on in full, masked, up to whole vectors: for short sequences the loops are then
// vector code without a scalar rest.
MULTIVERSION void ck_causal_softmax(size_t rows, size_t first, size_t columns, size_t stride, float factor,
                                    float *scores) {
  for (size_t i = 0; i < rows; i++, scores += stride) {
    for (size_t j = first + i + 1; j < columns; j++) scores[j] = -INFINITY;
    softmax(columns, factor, scores);
    for (size_t j = first + i + 1; j < columns; j++) scores[j] = 0;
  }
}

MULTIVERSION void ck_causal_softmax_gradient(size_t rows, size_t first, size_t columns, size_t stride, float factor,
                                             const float *probabilities, float *gradient) {
  for (size_t i = 0; i < rows; i++, probabilities += stride, gradient += stride) {
    for (size_t j = first + i + 1; j < columns; j++) gradient[j] = 0;
    softmax_gradient(columns, factor, probabilities, gradient);
  }
}

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

// out [width] = Σ_i c_i · rows_i; four sums side by side, since one would wait for its own last
// addition.
INLINED void weighted_sum(size_t count, const float *c, const float *rows, size_t stride, size_t width, float *out) {
  size_t first = 0;
  for (; first + 2 * LANES <= width; first += 2 * LANES) {
    vector left = {0}, right = left, left_odd = left, right_odd = left;
    size_t i = 0;
    for (; i + 2 <= count; i += 2) {
      const vector *even = (const vector *)(rows + i * stride + first);
      const vector *odd = (const vector *)(rows + (i + 1) * stride + first);
      left += c[i] * even[0];
      right += c[i] * even[1];
      left_odd += c[i + 1] * odd[0];
      right_odd += c[i + 1] * odd[1];
    }
    if (i < count) {
      const vector *even = (const vector *)(rows + i * stride + first);
      left += c[i] * even[0];
      right += c[i] * even[1];
    }
    vector *sums = (vector *)(out + first);
    sums[0] = left + left_odd;
    sums[1] = right + right_odd;
  }
  for (; first + LANES <= width; first += LANES) {
    vector sums[4] = {{0}};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
      for (size_t j = 0; j < 4; j++) sums[j] += c[i + j] * *(const vector *)(rows + (i + j) * stride + first);
    for (; i < count; i++) sums[0] += c[i] * *(const vector *)(rows + i * stride + first);
    *(vector *)(out + first) = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  for (; first < width; first++) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += c[i] * rows[i * stride + first];
    out[first] = sum;
  }
}

MULTIVERSION void ck_attend_cached(size_t sequences, size_t heads, size_t head_width, size_t capacity, size_t position,
                                   float factor, const float *qkv, size_t qkv_stride, float *keys, float *values,
                                   float *scores, float *out, size_t out_stride) {
  const size_t length = position + 1, padded = (length + LANES - 1) / LANES * LANES, width = heads * head_width;
  for (size_t sequence = 0; sequence < sequences; sequence++, qkv += qkv_stride, out += out_stride)
    for (size_t head = 0; head < heads; head++, keys += head_width * capacity, values += head_width * capacity) {
      const float *q = qkv + head * head_width;
      for (size_t d = 0; d < head_width; d++) keys[d * capacity + position] = q[width + d];
      memcpy(values + position * head_width, q + 2 * width, head_width * sizeof *values);
      weighted_sum(head_width, q, keys, capacity, padded, scores);
      for (size_t j = length; j < padded; j++) scores[j] = -INFINITY;
      const float inverse = 1.0f / exponentials(padded, factor, scores);
      float *sums = out + head * head_width;
      weighted_sum(length, scores, values, head_width, head_width, sums);
      for (size_t d = 0; d < head_width; d++) sums[d] *= inverse;
    }
}
