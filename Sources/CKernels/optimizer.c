#include <math.h>

#include "CKernels.h"
#include "multiversion.h"

MULTIVERSION void ck_adamw(size_t count, float rate, float beta1, float beta2, float epsilon, float decay, float first,
                           float second, float gradient_factor, const float *gradient, float *m, float *v,
                           float *weights) {
  const float keep = 1.0f - rate * decay, step = rate / first, inverse_second = 1.0f / second;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * gradient_factor;
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    weights[i] = weights[i] * keep - step * m[i] / (sqrtf(v[i] * inverse_second) + epsilon);
  }
}

MULTIVERSION void ck_moving_average(size_t count, float decay, const float *x, float *average) {
  for (size_t i = 0; i < count; i++) average[i] = decay * average[i] + (1 - decay) * x[i];
}
