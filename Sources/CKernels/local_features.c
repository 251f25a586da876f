#include <string.h>

#include "CKernels.h"
#include "exponential.h"

// Points whose distances are taken together.
enum { BLOCK = 64 };

MULTIVERSION void ck_local_features(size_t count, const double *x, const double *y, const double *z,
                                    const double *frame, float *features) {
  static const float centre[CK_LOCAL_FEATURES] = {0,    0,    0,    0,    0.1f, 0.2f, 0.3f, 0.4f,
                                                  0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1.0f, 1.1f, 1.2f};
  float axes[9];
  for (size_t k = 0; k < 9; k++) axes[k] = (float)frame[3 + k];
  for (size_t first = 0; first < count; first += BLOCK) {
    const size_t inside = count - first < BLOCK ? count - first : BLOCK;
    float distance[BLOCK], u[BLOCK], v[BLOCK], w[BLOCK];
    for (size_t j = 0; j < inside; j++) {
      // The difference in double precision: far from the origin single precision would lose digits.
      const float dx = (float)(x[first + j] - frame[0]);
      const float dy = (float)(y[first + j] - frame[1]);
      const float dz = (float)(z[first + j] - frame[2]);
      const float r = __builtin_elementwise_sqrt(dx * dx + dy * dy + dz * dz);
      const float inverse = 1.0f / (r < 1e-6f ? 1e-6f : r);
      distance[j] = r;
      u[j] = (axes[0] * dx + axes[1] * dy + axes[2] * dz) * inverse;
      v[j] = (axes[3] * dx + axes[4] * dy + axes[5] * dz) * inverse;
      w[j] = (axes[6] * dx + axes[7] * dy + axes[8] * dz) * inverse;
    }
    for (size_t j = 0; j < inside; j++, features += CK_LOCAL_FEATURES) {
      float row[CK_LOCAL_FEATURES];
      // A whole vector at once; the direction takes the place of the first three.
      for (size_t k = 0; k < CK_LOCAL_FEATURES; k++) {
        const float t = (distance[j] - centre[k]) * 10;
        const float exponent = -0.5f * t * t;
        // Exactly zero in the end: products with smaller numbers would be subnormal, which is slow.
        row[k] = exponent < -20.0f ? 0 : fast_exp(exponent);
      }
      row[0] = u[j];
      row[1] = v[j];
      row[2] = w[j];
      memcpy(features, row, sizeof row);
    }
  }
}
