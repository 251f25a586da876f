#pragma once
#include <stddef.h>

#include "multiversion.h"

// Of p = softmax(factor · scores), [columns]: the gradient of p becomes that of the scores,
// factor · p (dp − Σ p dp).
INLINED void softmax_gradient(size_t columns, float factor, const float *probabilities, float *gradient) {
#pragma clang fp reassociate(on)
  float dot = 0;
  for (size_t j = 0; j < columns; j++) dot += probabilities[j] * gradient[j];
  for (size_t j = 0; j < columns; j++) gradient[j] = factor * probabilities[j] * (gradient[j] - dot);
}
