#include <math.h>

#include "CKernels.h"
#include "exponential.h"

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
  for (size_t l = 1; l < LANES; l++) lanes[0] = lanes[l] > lanes[0] ? lanes[l] : lanes[0];
  return lanes[0];
}

INLINED void softmax(size_t length, float factor, float *row) {
#pragma clang fp reassociate(on)
  const float largest = largest_of(length, row);
  float sum = 0;
  for (size_t j = 0; j < length; j++) {
    row[j] = fast_exp(factor * (row[j] - largest));
    sum += row[j];
  }
  const float inverse = 1.0f / sum;
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
#pragma clang fp reassociate(on)
  for (size_t i = 0; i < rows; i++, probabilities += stride, gradient += stride) {
    float dot = 0;
    for (size_t j = first + i + 1; j < columns; j++) gradient[j] = 0;
    for (size_t j = 0; j < columns; j++) dot += probabilities[j] * gradient[j];
    for (size_t j = 0; j < columns; j++) gradient[j] = factor * probabilities[j] * (gradient[j] - dot);
  }
}

// out [width] = Σ_i c_i · rows_i; two sums side by side, since one would wait for its own last
// addition.
INLINED void weighted_sum(size_t count, const float *c, const float *rows, size_t stride, size_t width, float *out) {
  size_t first = 0;
  for (; first + 2 * LANES <= width; first += 2 * LANES) {
    float even[2 * LANES] = {0}, odd[2 * LANES] = {0};
    size_t i = 0;
    for (; i + 2 <= count; i += 2)
      for (size_t l = 0; l < 2 * LANES; l++) {
        even[l] += c[i] * rows[i * stride + first + l];
        odd[l] += c[i + 1] * rows[(i + 1) * stride + first + l];
      }
    for (; i < count; i++)
      for (size_t l = 0; l < 2 * LANES; l++) even[l] += c[i] * rows[i * stride + first + l];
    for (size_t l = 0; l < 2 * LANES; l++) out[first + l] = even[l] + odd[l];
  }
  for (size_t l = first; l < width; l++) out[l] = 0;
  for (size_t i = 0; first < width && i < count; i++)
    for (size_t l = first; l < width; l++) out[l] += c[i] * rows[i * stride + l];
}

MULTIVERSION void ck_attend_cached(size_t length, size_t head_width, size_t capacity, float factor, const float *q,
                                   const float *keys, const float *values, float *scores, float *out) {
  const size_t padded = (length + LANES - 1) / LANES * LANES;
  weighted_sum(head_width, q, keys, capacity, padded, scores);
  for (size_t j = length; j < padded; j++) scores[j] = -INFINITY;
  softmax(padded, factor, scores);
  weighted_sum(length, scores, values, head_width, head_width, out);
}
