#include <math.h>

#include "CKernels.h"
#include "exponential.h"

enum { MOST_COMPONENTS = 64 };

// Fills log_terms[k] = logit_k + log φ(u_k) − log σ_k and u_k, 1/σ_k; returns log Σ exp(logits)
// subtracted from their log-sum.
INLINED float mixture_terms(size_t components, float low, float high, const float *raw, float x, float *restrict terms,
                            float *restrict u, float *restrict inverse_sigma, float *restrict weights,
                            float *logit_log_sum) {
#pragma clang fp reassociate(on)
  const float *logits = raw, *means = raw + components, *log_sigmas = raw + 2 * components;
  float top_logit = logits[0];
  for (size_t k = 1; k < components; k++) top_logit = logits[k] > top_logit ? logits[k] : top_logit;
  float logit_sum = 0;
  for (size_t k = 0; k < components; k++) {
    float log_sigma = log_sigmas[k];
    log_sigma = log_sigma < low ? low : (log_sigma > high ? high : log_sigma);
    inverse_sigma[k] = fast_exp(-log_sigma);
    u[k] = (x - means[k]) * inverse_sigma[k];
    terms[k] = logits[k] - 0.5f * u[k] * u[k] - log_sigma;
    weights[k] = fast_exp(logits[k] - top_logit);
    logit_sum += weights[k];
  }
  *logit_log_sum = top_logit + logf(logit_sum);
  const float inverse = 1.0f / logit_sum;
  for (size_t k = 0; k < components; k++) weights[k] *= inverse;
  float top = terms[0];
  for (size_t k = 1; k < components; k++) top = terms[k] > top ? terms[k] : top;
  float sum = 0;
  for (size_t k = 0; k < components; k++) {
    terms[k] = fast_exp(terms[k] - top);
    sum += terms[k];
  }
  const float scale = 1.0f / sum;
  for (size_t k = 0; k < components; k++) terms[k] *= scale;
  return top + logf(sum);
}

MULTIVERSION void ck_mixture_log_density(size_t count, size_t components, float low, float high, const float *raw,
                                         const float *x, float *log_density) {
  float terms[MOST_COMPONENTS], u[MOST_COMPONENTS], inverse_sigma[MOST_COMPONENTS], weights[MOST_COMPONENTS];
  for (size_t i = 0; i < count; i++, raw += 3 * components) {
    float normalizer;
    const float total = mixture_terms(components, low, high, raw, x[i], terms, u, inverse_sigma, weights, &normalizer);
    log_density[i] = total - normalizer - 0.91893853f;
  }
}

// With responsibilities r_k: ∂/∂logit = r − π, ∂/∂μ = r u/σ, ∂/∂log σ = r (u² − 1) inside the
// clamp, ∂/∂x = −Σ r u/σ.
MULTIVERSION void ck_mixture_gradient(size_t count, size_t components, float low, float high, float factor,
                                      const float *raw, const float *x, float *draw, float *dx) {
#pragma clang fp reassociate(on)
  float terms[MOST_COMPONENTS], u[MOST_COMPONENTS], inverse_sigma[MOST_COMPONENTS], weights[MOST_COMPONENTS];
  for (size_t i = 0; i < count; i++, raw += 3 * components, draw += 3 * components) {
    float normalizer;
    mixture_terms(components, low, high, raw, x[i], terms, u, inverse_sigma, weights, &normalizer);
    float slope = 0;
    for (size_t k = 0; k < components; k++) {
      const float log_sigma = raw[2 * components + k];
      const float pull = terms[k] * u[k] * inverse_sigma[k];
      draw[k] = factor * (terms[k] - weights[k]);
      draw[components + k] = factor * pull;
      draw[2 * components + k] = log_sigma > low && log_sigma < high ? factor * terms[k] * (u[k] * u[k] - 1) : 0;
      slope -= pull;
    }
    dx[i] += factor * slope;
  }
}
