#include <math.h>

#include "CKernels.h"
#include "multiversion.h"

MULTIVERSION void ck_layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *scale,
                                const float *shift, float *out, float *mean, float *rstd) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
    float sum = 0, squares = 0;
    for (size_t j = 0; j < columns; j++) sum += x[j];
    const float m = sum / columns;
    for (size_t j = 0; j < columns; j++) squares += (x[j] - m) * (x[j] - m);
    const float r = 1.0f / sqrtf(squares / columns + epsilon);
    for (size_t j = 0; j < columns; j++) out[j] = (x[j] - m) * r * scale[j] + shift[j];
    mean[row] = m;
    rstd[row] = r;
  }
}

MULTIVERSION void ck_layer_norm_again(size_t rows, size_t columns, const float *x, const float *scale,
                                      const float *shift, const float *mean, const float *rstd, float *out) {
  for (size_t row = 0; row < rows; row++, x += columns, out += columns)
    for (size_t j = 0; j < columns; j++) out[j] = (x[j] - mean[row]) * rstd[row] * scale[j] + shift[j];
}

// dx = rstd · (g − ⟨g⟩ − x̂ ⟨g x̂⟩), g = dout · scale, x̂ = (x − mean) · rstd.
MULTIVERSION void ck_layer_norm_gradient(size_t rows, size_t columns, const float *x, const float *scale,
                                         const float *mean, const float *rstd, const float *dout, float *dx,
                                         float *dscale, float *dshift) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++, x += columns, dout += columns, dx += columns) {
    const float m = mean[row], r = rstd[row];
    float sum = 0, dot = 0;
    for (size_t j = 0; j < columns; j++) {
      const float g = dout[j] * scale[j], centred = (x[j] - m) * r;
      sum += g;
      dot += g * centred;
      dscale[j] += dout[j] * centred;
      dshift[j] += dout[j];
    }
    sum /= columns;
    dot /= columns;
    for (size_t j = 0; j < columns; j++) dx[j] += r * (dout[j] * scale[j] - sum - (x[j] - m) * r * dot);
  }
}
