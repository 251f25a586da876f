#include <math.h>

#include "CKernels.h"
#include "exponential.h"

enum { LANES = 16 };

// Sixteen maxima side by side: a single one would be scalar code, since the order of comparisons matters for NaN.
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

// Rows are worked on in full, masked, up to their padded length: for short sequences the loops are then vector code
// without a scalar rest.
MULTIVERSION void ck_causal_softmax(size_t tokens, size_t stride, float factor, float *scores) {
  for (size_t i = 0; i < tokens; i++, scores += stride) {
    for (size_t j = i + 1; j < stride; j++) scores[j] = -INFINITY;
    softmax(stride, factor, scores);
    for (size_t j = i + 1; j < stride; j++) scores[j] = 0;
  }
}

MULTIVERSION void ck_causal_softmax_gradient(size_t tokens, size_t stride, float factor, const float *probabilities,
                                             float *gradient) {
#pragma clang fp reassociate(on)
  for (size_t i = 0; i < tokens; i++, probabilities += stride, gradient += stride) {
    float dot = 0;
    for (size_t j = i + 1; j < stride; j++) gradient[j] = 0;
    for (size_t j = 0; j < stride; j++) dot += probabilities[j] * gradient[j];
    for (size_t j = 0; j < stride; j++) gradient[j] = factor * probabilities[j] * (gradient[j] - dot);
  }
}

MULTIVERSION void ck_attend_cached(size_t length, size_t head_width, size_t stride, float factor, const float *q,
                                   const float *keys, const float *values, float *scores, float *out) {
#pragma clang fp reassociate(on)
  for (size_t j = 0; j < length; j++) {
    const float *key = keys + j * stride;
    float dot = 0;
    for (size_t d = 0; d < head_width; d++) dot += q[d] * key[d];
    scores[j] = dot;
  }
  softmax(length, factor, scores);
  for (size_t d = 0; d < head_width; d++) out[d] = 0;
  for (size_t j = 0; j < length; j++) {
    const float *value = values + j * stride;
    for (size_t d = 0; d < head_width; d++) out[d] += scores[j] * value[d];
  }
}
