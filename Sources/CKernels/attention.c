#include "CKernels.h"
#include "exponential.h"

INLINED void softmax(size_t length, float factor, float *row) {
#pragma clang fp reassociate(on)
  float largest = row[0], sum = 0;
  for (size_t j = 1; j < length; j++) largest = row[j] > largest ? row[j] : largest;
  for (size_t j = 0; j < length; j++) {
    row[j] = fast_exp(factor * (row[j] - largest));
    sum += row[j];
  }
  const float inverse = 1.0f / sum;
  for (size_t j = 0; j < length; j++) row[j] *= inverse;
}

MULTIVERSION void ck_causal_softmax(size_t tokens, float factor, float *scores) {
  for (size_t i = 0; i < tokens; i++, scores += tokens) {
    softmax(i + 1, factor, scores);
    for (size_t j = i + 1; j < tokens; j++) scores[j] = 0;
  }
}

MULTIVERSION void ck_causal_softmax_gradient(size_t tokens, float factor, const float *probabilities,
                                             float *gradient) {
#pragma clang fp reassociate(on)
  for (size_t i = 0; i < tokens; i++, probabilities += tokens, gradient += tokens) {
    float dot = 0;
    for (size_t j = 0; j <= i; j++) dot += probabilities[j] * gradient[j];
    for (size_t j = 0; j <= i; j++) gradient[j] = factor * probabilities[j] * (gradient[j] - dot);
    for (size_t j = i + 1; j < tokens; j++) gradient[j] = 0;
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
