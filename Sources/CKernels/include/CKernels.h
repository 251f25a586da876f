/// The hot loops that need per-function CPU targets, and the loading of BLAS.
///
/// Matrices are row-major; `rows` and `columns` count elements, all arrays are contiguous unless a
/// stride is named.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "lanes.h"

// MARK: - BLAS (blas.c)

/// Loads OpenBLAS with the kernel that fits this CPU. Idempotent and thread-safe. 0, or -1 when the
/// library is missing.
int ck_blas_load(void);
/// The name of the kernel that OpenBLAS runs, such as "SkylakeX"; "none" before loading.
const char *ck_blas_kernel(void);
/// The address of a function of OpenBLAS; NULL when the library or the function is missing.
void *ck_blas_symbol(const char *name);
/// c = alpha · op(a) · op(b) + beta · c, op(a) [m, k], op(b) [k, n].
void ck_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
              const float *b, int ldb, float beta, float *c, int ldc);

// MARK: - Products with a factor laid out in panels (panels.c, panel_product.c, panel_kernels.c)

/// What multiplies: AVX2 or AVX-512 in single precision, which give the same bits; or, on numbers
/// rounded to bfloat16 with sums in single precision, the dot products of AVX-512 BF16, Intel's
/// matrix unit AMX, or a model of that in software (for tests).
enum ck_unit { CK_AVX2, CK_AVX512, CK_AVX512_BF16, CK_AMX_BF16, CK_SOFTWARE_BF16 };

/// The upper half of a float.
typedef uint16_t ck_bf16;

enum {
  /// Columns of a panel: b [depth, columns] lies as one panel after another, each [depth, 32], or
  /// [depth / 2, 32, 2] in bfloat16, so that two rows alternate; zeros fill the last panel.
  CK_PANEL = 32,
};

/// Whether factors are rounded to bfloat16.
static inline int ck_unit_rounds(enum ck_unit unit) { return unit != CK_AVX2 && unit != CK_AVX512; }

/// The bytes of an element of both factors.
static inline size_t ck_unit_element(enum ck_unit unit) {
  return ck_unit_rounds(unit) ? sizeof(ck_bf16) : sizeof(float);
}

/// The depth of a product as its factors are stored: for bfloat16 a multiple of 32, the rest zeros.
static inline size_t ck_unit_depth(enum ck_unit unit, size_t depth) {
  return ck_unit_rounds(unit) ? (depth + 31) / 32 * 32 : depth;
}

/// Whether this CPU has the unit; asks the system for the use of AMX.
int ck_unit_is_present(enum ck_unit unit);
/// Rounds x [rows, columns] to out [rows, padded].
void ck_bf16_rows(size_t rows, size_t columns, const float *x, size_t stride, size_t padded, ck_bf16 *out);
/// Rounds the transpose of x [rows, columns] to out [columns, padded].
void ck_bf16_rows_transposed(size_t rows, size_t columns, const float *x, size_t stride, size_t padded, ck_bf16 *out);
/// c [rows, columns] = a · b, or += if accumulating, in single precision; b [depth, columns] lies
/// as it is. For small matrices, by a unit that does not round.
void ck_small_product(enum ck_unit unit, size_t rows, size_t columns, size_t depth, const float *a, size_t lda,
                      size_t step, const float *b, size_t ldb, float *c, size_t ldc, int accumulate);
/// Lays b [rows, columns] out in panels.
void ck_panels(enum ck_unit unit, size_t rows, size_t columns, const float *b, size_t stride, void *out);
/// Lays the transpose of b [columns, rows] out in panels of the matrix [rows, columns].
void ck_panels_transposed(enum ck_unit unit, size_t rows, size_t columns, const float *b, size_t stride, void *out);
/// c [rows, columns] = a · b, or += if accumulating; b are the first `depth` rows of panels that
/// hold `panel_depth`. Rows of a are `lda` and columns `step` elements apart; in bfloat16 step is
/// 1, a has memory for a multiple of 12 and of 32 rows, and zeros up to the stored depth.
void ck_panel_product(enum ck_unit unit, size_t rows, size_t columns, size_t depth, const void *a, size_t lda,
                      size_t step, const void *panels, size_t panel_depth, float *c, size_t ldc, int accumulate);

// MARK: - LAPACK, double precision (lapack.c)

/// c = op(a) · op(b), op(a) [m, k], op(b) [k, n], contiguous rows. 0, or -1 when OpenBLAS has no
/// such function.
int ck_dgemm(int transpose_a, int transpose_b, int m, int n, int k, const double *a, const double *b, double *c);
/// Eigenvalues, ascending, of a symmetric matrix [n, n], which becomes its eigenvectors, one a row.
/// 0; -1 when OpenBLAS has no LAPACK or memory is short; above 0 when the iteration did not
/// converge.
int ck_symmetric_eigen(int n, double *a, double *values);

// MARK: - Elementwise (elementwise.c)

/// pre += bias on every row; out = GELU(pre) = pre · Φ(pre).
void ck_bias_gelu(size_t rows, size_t columns, size_t stride, const float *bias, float *pre, float *out);
/// out = GELU(pre), and pre becomes d GELU(pre) / d pre.
void ck_gelu_and_slope(size_t count, float *pre, float *out);
/// y *= x.
void ck_multiply(size_t count, const float *x, float *y);
/// gradient *= d GELU(pre) / d pre.
void ck_gelu_gradient(size_t count, const float *pre, float *gradient);
/// pre += terms + bias, the bias on every row; sum = Σ_rows GELU(pre).
void ck_gelu_sum(size_t rows, size_t columns, const float *terms, const float *bias, float *pre, float *sum);
/// pre becomes d = dsum · d GELU(pre) / d pre; dterms += d, dbias += Σ_rows d.
void ck_gelu_sum_gradient(size_t rows, size_t columns, const float *dsum, float *pre, float *dterms, float *dbias);
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

/// out = (x − mean) · rstd · scale + shift on every row; keeps mean and
/// rstd = 1/√(variance + epsilon).
void ck_layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *scale, const float *shift,
                   float *out, float *mean, float *rstd);
/// The same with the mean and rstd that were kept.
void ck_layer_norm_again(size_t rows, size_t columns, const float *x, const float *scale, const float *shift,
                         const float *mean, const float *rstd, float *out);
/// Adds to dx, dscale and dshift.
void ck_layer_norm_gradient(size_t rows, size_t columns, const float *x, const float *scale, const float *mean,
                            const float *rstd, const float *dout, float *dx, float *dscale, float *dshift);

// MARK: - Attention (attention.c)

/// Row i of scores [rows, stride] becomes softmax(factor · scores[i][0 … first + i]); zero to the
/// right of that, up to `columns`. Fastest when columns is a multiple of 16.
void ck_causal_softmax(size_t rows, size_t first, size_t columns, size_t stride, float factor, float *scores);
/// gradient [rows, stride] (of the probabilities) becomes the gradient of the scores before
/// `factor`.
void ck_causal_softmax_gradient(size_t rows, size_t first, size_t columns, size_t stride, float factor,
                                const float *probabilities, float *gradient);
/// Puts the keys and values of one token of every sequence at `position` of the cache, and writes
/// out = softmax(factor · q·kⱼ) · v over the tokens up to it: qkv [sequences, 3 · heads ·
/// head_width] and out [sequences, heads · head_width], rows their strides apart; keys [sequences,
/// heads, head_width, capacity], values [sequences, heads, capacity, head_width]; capacity and
/// scores in whole vectors of 16.
void ck_attend_cached(size_t sequences, size_t heads, size_t head_width, size_t capacity, size_t position, float factor,
                      const float *qkv, size_t qkv_stride, float *keys, float *values, float *scores, float *out,
                      size_t out_stride);

// MARK: - Attention of short sequences (short_attention.c)

enum {
  /// The most tokens, and the widest head, of `ck_short_attention`.
  CK_SHORT_SEQUENCE = 64,
};

/// Causal attention of every sequence and head, out = softmax(factor · q kᵀ) v, on a CPU with
/// AVX-512: qkv [sequences · tokens, 3 · heads · head_width] and out [sequences · tokens, heads ·
/// head_width], rows their strides apart; head_width is a multiple of 16.
void ck_short_attention(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                        const float *qkv, size_t stride, float *out, size_t out_stride);
/// Its reverse: the gradient of qkv, with qkv's stride, from that of out; probabilities are
/// computed again.
void ck_short_attention_gradient(size_t sequences, size_t tokens, size_t heads, size_t head_width, float factor,
                                 const float *qkv, size_t stride, const float *dout, size_t dout_stride, float *dqkv);

// MARK: - Mixture density (mixture.c)

/// log Σ_k π_k φ((x − μ_k)/σ_k)/σ_k of every element. raw: [count, 3, components]: logits of π, μ,
/// log σ (clamped). periods: of each of the `features` that the elements go through in turn, 0 for
/// the real line; none when all lie on the line. On a circle the density is summed over the two
/// images of a component that are next to x, and log σ ends smoothly below log(period/6), so that
/// all others are below 1e-8.
void ck_mixture_log_density(size_t count, size_t components, float low, float high, const float *periods,
                            size_t features, const float *raw, const float *x, float *log_density);
/// factor · d log-density / d raw into draw (may be raw itself); factor · d log-density / d x added
/// to dx.
void ck_mixture_gradient(size_t count, size_t components, float low, float high, const float *periods, size_t features,
                         float factor, const float *raw, const float *x, float *draw, float *dx);

// MARK: - The mixture's map and its inverse (mixture_forward.c, mixture_inverse.c)

/// z = Φ⁻¹(F(x)) of every element, F(x) = Σ_k π_k Φ((x − μ_k)/σ_k), and log|∂z/∂x| added. raw:
/// logits of π, μ, log σ (clamped), `raw_stride` apart; x and z `stride` apart. What lies too far in
/// a tail, or is not finite, is not solved. With a period above 0, the log-density on the circle
/// less log φ(z) is added.
void ck_mixture_forward(size_t count, size_t components, float low, float high, float period, const float *raw,
                        size_t raw_stride, const float *x, size_t stride, float *z, double *log_determinant,
                        unsigned char *solved);

/// x = F⁻¹(Φ(z)) of every element, and log|∂x/∂z| at the rounded x added; the rest as for the map. With
/// a period above 0, x is wrapped into [start, start + period), and log φ(z) less the log-density on
/// the circle is added.
void ck_mixture_inverse(size_t count, size_t components, float low, float high, float start, float period,
                        const float *raw, size_t raw_stride, const float *z, size_t stride, float *x,
                        double *log_determinant, unsigned char *solved);

// MARK: - Points in a local frame (local_features.c)

enum {
  /// Features of a point: its direction and 13 Gaussians of its distance.
  CK_LOCAL_FEATURES = 16,
};

/// Features [count, 16] of points (x, y, z) in a frame [origin, three axes; 3 each]: the components of the unit vector
/// towards the point, zero at the origin, and exp(−½ ((r − c)/w)²) with w = 0.1 and c = 0, 0.1, … 1.2.
void ck_local_features(size_t count, const double *x, const double *y, const double *z, const double *frame,
                       float *features);

// MARK: - Optimizer (optimizer.c)

/// One AdamW step with decoupled weight decay; `first` and `second` are the bias corrections
/// 1 − βᵗ.
void ck_adamw(size_t count, float rate, float beta1, float beta2, float epsilon, float decay, float first, float second,
              float gradient_factor, const float *gradient, float *m, float *v, float *weights);
/// average = decay · average + (1 − decay) · x.
void ck_moving_average(size_t count, float decay, const float *x, float *average);
