#include <math.h>

#include "CKernels.h"
#include "exponential.h"

// Φ(x) by Abramowitz & Stegun 7.1.26 (absolute error 7.5e-8), with exp(−x²/2) for the density,
// which the gradient shares.
INLINED float normal_cdf(float x, float density_exp) {
  const float t = 1.0f / (1.0f + 0.3275911f * 0.70710678f * fabsf(x));
  const float tail =
      0.5f * density_exp *
      (t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))));
  return x < 0 ? tail : 1.0f - tail;
}

MULTIVERSION void ck_bias_gelu(size_t rows, size_t columns, size_t stride, const float *bias, float *pre, float *out) {
  for (size_t row = 0; row < rows; row++, pre += stride, out += stride)
    for (size_t j = 0; j < columns; j++) {
      const float x = pre[j] + bias[j];
      pre[j] = x;
      out[j] = x * normal_cdf(x, fast_exp(-0.5f * x * x));
    }
}

MULTIVERSION void ck_gelu_and_slope(size_t count, float *pre, float *out) {
  for (size_t i = 0; i < count; i++) {
    const float x = pre[i], e = fast_exp(-0.5f * x * x), cdf = normal_cdf(x, e);
    out[i] = x * cdf;
    pre[i] = cdf + x * e * 0.39894228f;
  }
}

MULTIVERSION void ck_multiply(size_t count, const float *x, float *y) {
  for (size_t i = 0; i < count; i++) y[i] *= x[i];
}

MULTIVERSION void ck_gelu_gradient(size_t count, const float *pre, float *gradient) {
  for (size_t i = 0; i < count; i++) {
    const float x = pre[i], e = fast_exp(-0.5f * x * x);
    gradient[i] *= normal_cdf(x, e) + x * e * 0.39894228f;
  }
}

// One block of a row's elements: with a constant width, the loops over them become vectors.
INLINED void gelu_sum_block(size_t rows, size_t width, size_t columns, const float *restrict terms,
                            const float *restrict bias, float *restrict pre, float *restrict sum) {
  float shift[16], total[16] = {0};
  for (size_t k = 0; k < width; k++) shift[k] = bias[k];
  for (size_t row = 0; row < rows; row++, terms += columns, pre += columns)
    for (size_t k = 0; k < width; k++) {
      const float x = pre[k] + terms[k] + shift[k];
      pre[k] = x;
      total[k] += x * normal_cdf(x, fast_exp(-0.5f * x * x));
    }
  for (size_t k = 0; k < width; k++) sum[k] = total[k];
}

MULTIVERSION void ck_gelu_sum(size_t rows, size_t columns, const float *terms, const float *bias, float *pre,
                              float *sum) {
  size_t k = 0;
  for (; k + 16 <= columns; k += 16) gelu_sum_block(rows, 16, columns, terms + k, bias + k, pre + k, sum + k);
  if (k < columns) gelu_sum_block(rows, columns - k, columns, terms + k, bias + k, pre + k, sum + k);
}

INLINED void gelu_sum_gradient_block(size_t rows, size_t width, size_t columns, const float *restrict dsum,
                                     float *restrict pre, float *restrict dterms, float *restrict dbias) {
  float slope[16], total[16] = {0};
  for (size_t k = 0; k < width; k++) slope[k] = dsum[k];
  for (size_t row = 0; row < rows; row++, dterms += columns, pre += columns)
    for (size_t k = 0; k < width; k++) {
      const float x = pre[k], e = fast_exp(-0.5f * x * x);
      const float d = slope[k] * (normal_cdf(x, e) + x * e * 0.39894228f);
      pre[k] = d;
      dterms[k] += d;
      total[k] += d;
    }
  for (size_t k = 0; k < width; k++) dbias[k] += total[k];
}

MULTIVERSION void ck_gelu_sum_gradient(size_t rows, size_t columns, const float *dsum, float *pre, float *dterms,
                                       float *dbias) {
  size_t k = 0;
  for (; k + 16 <= columns; k += 16)
    gelu_sum_gradient_block(rows, 16, columns, dsum + k, pre + k, dterms + k, dbias + k);
  if (k < columns) gelu_sum_gradient_block(rows, columns - k, columns, dsum + k, pre + k, dterms + k, dbias + k);
}

MULTIVERSION void ck_fill_rows(size_t rows, size_t columns, const float *bias, float *x) {
  for (size_t row = 0; row < rows; row++, x += columns)
    for (size_t j = 0; j < columns; j++) x[j] = bias[j];
}

MULTIVERSION void ck_add_to_rows(size_t rows, size_t columns, const float *bias, const float *x, float *out) {
  for (size_t row = 0; row < rows; row++, x += columns, out += columns)
    for (size_t j = 0; j < columns; j++) out[j] = x[j] + bias[j];
}

MULTIVERSION void ck_add_column_sums(size_t rows, size_t columns, size_t stride, const float *x, float *sums) {
  for (size_t row = 0; row < rows; row++, x += stride)
    for (size_t j = 0; j < columns; j++) sums[j] += x[j];
}

MULTIVERSION void ck_add(size_t count, const float *x, float *y) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

MULTIVERSION double ck_sum_of_squares(size_t count, const float *x) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
  return sum;
}
