/// The hot loops that need per-function CPU targets, and the loading of BLAS.
///
/// Matrices are row-major; `rows` and `columns` count elements, all arrays are contiguous unless a stride is named.
#pragma once
#include <stddef.h>

#include "lanes.h"

// MARK: - BLAS (blas.c)

/// Loads OpenBLAS with the kernel that fits this CPU. Idempotent and thread-safe. 0, or -1 when the library is missing.
int ck_blas_load(void);
/// The name of the kernel that OpenBLAS runs, such as "SkylakeX"; "none" before loading.
const char *ck_blas_kernel(void);
/// c = alpha · op(a) · op(b) + beta · c, op(a) [m, k], op(b) [k, n].
void ck_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
              const float *b, int ldb, float beta, float *c, int ldc);

// MARK: - Elementwise (elementwise.c)

/// pre += bias on every row; out = GELU(pre) = pre · Φ(pre).
void ck_bias_gelu(size_t rows, size_t columns, size_t stride, const float *bias, float *pre, float *out);
/// gradient *= d GELU(pre) / d pre.
void ck_gelu_gradient(size_t count, const float *pre, float *gradient);
/// Writes `bias` into every row of x.
void ck_fill_rows(size_t rows, size_t columns, const float *bias, float *x);
/// out = x + bias on every row.
void ck_add_to_rows(size_t rows, size_t columns, const float *bias, const float *x, float *out);
/// sums[column] += Σ_rows x.
void ck_add_column_sums(size_t rows, size_t columns, size_t stride, const float *x, float *sums);
/// y += x.
void ck_add(size_t count, const float *x, float *y);
/// Σ x², accumulated in double.
double ck_sum_of_squares(size_t count, const float *x);

// MARK: - LayerNorm (normalization.c)

/// out = (x − mean) · rstd · scale + shift on every row; keeps mean and rstd = 1/√(variance + epsilon).
void ck_layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *scale, const float *shift,
                   float *out, float *mean, float *rstd);
/// Adds to dx, dscale and dshift.
void ck_layer_norm_gradient(size_t rows, size_t columns, const float *x, const float *scale, const float *mean,
                            const float *rstd, const float *dout, float *dx, float *dscale, float *dshift);

// MARK: - Attention (attention.c)

/// Row i of scores [tokens, stride] becomes softmax(factor · scores[i][0 … i]); zero to the right of the diagonal,
/// in the padding too. Fastest when stride is a multiple of 16.
void ck_causal_softmax(size_t tokens, size_t stride, float factor, float *scores);
/// gradient [tokens, stride] (of the probabilities) becomes the gradient of the scores before `factor`.
void ck_causal_softmax_gradient(size_t tokens, size_t stride, float factor, const float *probabilities,
                                float *gradient);
/// out = softmax(factor · q·kⱼ) · v over the `length` cached rows of one head; rows are `stride` apart.
void ck_attend_cached(size_t length, size_t head_width, size_t stride, float factor, const float *q, const float *keys,
                      const float *values, float *scores, float *out);

// MARK: - Mixture density (mixture.c)

/// log Σ_k π_k φ((x − μ_k)/σ_k)/σ_k of every element. raw: [count, 3, components]: logits of π, μ, log σ (clamped).
void ck_mixture_log_density(size_t count, size_t components, float low, float high, const float *raw, const float *x,
                            float *log_density);
/// factor · d log-density / d raw into draw (may be raw itself); factor · d log-density / d x added to dx.
void ck_mixture_gradient(size_t count, size_t components, float low, float high, float factor, const float *raw,
                         const float *x, float *draw, float *dx);

// MARK: - Optimizer (optimizer.c)

/// One AdamW step with decoupled weight decay; `first` and `second` are the bias corrections 1 − βᵗ.
void ck_adamw(size_t count, float rate, float beta1, float beta2, float epsilon, float decay, float first, float second,
              float gradient_factor, const float *gradient, float *m, float *v, float *weights);
/// average = decay · average + (1 − decay) · x.
void ck_moving_average(size_t count, float decay, const float *x, float *average);
