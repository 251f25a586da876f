#include <math.h>

#include "CKernels.h"
#include "exponential.h"
#include "mixture.h"

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

// d less the multiple of the period that is nearest to it.
INLINED float nearest_image(float d, float period, float inverse_period) {
  // Adding 1.5 · 2²³ rounds to the nearest integer.
  const float turns = (d * inverse_period + 12582912.0f) - 12582912.0f;
  return d - turns * period;
}

// As mixture_terms, on a circle: every component has two images, that next to x at u₁ and the next
// one at u₂. Fills u with the mean of u over both, squares with that of u², and slopes with
// ∂ log σ/∂(network's log σ).
INLINED float wrapped_terms(size_t components, float low, float high, float period, const float *raw, float x,
                            float *restrict terms, float *restrict u, float *restrict squares, float *restrict slopes,
                            float *restrict inverse_sigma, float *restrict weights, float *logit_log_sum) {
  const float *logits = raw, *means = raw + components, *log_sigmas = raw + 2 * components;
  const float inverse_period = 1.0f / period, cap = logf(period / 6);
  // (φ(u₁) + φ(u₂))/φ(u₁) of each component.
  float images[MOST_COMPONENTS];
  float top_logit = logits[0];
  for (size_t k = 1; k < components; k++) top_logit = logits[k] > top_logit ? logits[k] : top_logit;
  float logit_sum = 0;
  for (size_t k = 0; k < components; k++) {
    float log_sigma = log_sigmas[k];
    log_sigma = log_sigma < low ? low : (log_sigma > high ? high : log_sigma);
    // The smaller of both, smoothly: cap − ½ (t + √(t² + ¼)).
    const float t = cap - log_sigma, root = sqrtf(t * t + 0.25f);
    slopes[k] = 0.5f + 0.5f * t / root;
    log_sigma = cap - 0.5f * (t + root);
    inverse_sigma[k] = fast_exp(-log_sigma);
    const float d = nearest_image(x - means[k], period, inverse_period);
    const float near = d * inverse_sigma[k], far = (d > 0 ? d - period : d + period) * inverse_sigma[k];
    // φ(u₂)/φ(u₁) ≤ 1.
    const float ratio =
        fast_exp(-0.5f * inverse_sigma[k] * inverse_sigma[k] * period * (period - 2 * (d > 0 ? d : -d)));
    images[k] = 1 + ratio;
    const float inverse = 1.0f / images[k];
    u[k] = (near + ratio * far) * inverse;
    squares[k] = (near * near + ratio * far * far) * inverse;
    terms[k] = logits[k] - 0.5f * near * near - log_sigma;
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
    terms[k] = fast_exp(terms[k] - top) * images[k];
    sum += terms[k];
  }
  const float scale = 1.0f / sum;
  for (size_t k = 0; k < components; k++) terms[k] *= scale;
  return top + logf(sum);
}

MULTIVERSION void ck_mixture_log_density(size_t count, size_t components, float low, float high, const float *periods,
                                         size_t features, const float *raw, const float *x, float *log_density) {
  float terms[MOST_COMPONENTS], u[MOST_COMPONENTS], inverse_sigma[MOST_COMPONENTS], weights[MOST_COMPONENTS];
  float squares[MOST_COMPONENTS], slopes[MOST_COMPONENTS];
  for (size_t i = 0; i < count; i++, raw += 3 * components) {
    float normalizer;
    const float period = features > 0 ? periods[i % features] : 0;
    if (period < 0) {
      log_density[i] = 0;
      continue;
    }
    const float total =
        period > 0 ? wrapped_terms(components, low, high, period, raw, x[i], terms, u, squares, slopes, inverse_sigma,
                                   weights, &normalizer)
                   : mixture_terms(components, low, high, raw, x[i], terms, u, inverse_sigma, weights, &normalizer);
    log_density[i] = total - normalizer - 0.91893853f;
  }
}

// With responsibilities r_k: ∂/∂logit = r − π, ∂/∂μ = r u/σ, ∂/∂log σ = r (u² − 1) inside the
// clamp, ∂/∂x = −Σ r u/σ.
MULTIVERSION void ck_mixture_gradient(size_t count, size_t components, float low, float high, const float *periods,
                                      size_t features, float factor, const float *raw, const float *x, float *draw,
                                      float *dx) {
#pragma clang fp reassociate(on)
  float terms[MOST_COMPONENTS], u[MOST_COMPONENTS], inverse_sigma[MOST_COMPONENTS], weights[MOST_COMPONENTS];
  float squares[MOST_COMPONENTS], slopes[MOST_COMPONENTS];
  for (size_t i = 0; i < count; i++, raw += 3 * components, draw += 3 * components) {
    float normalizer;
    const float period = features > 0 ? periods[i % features] : 0;
    float slope = 0;
    if (period < 0) {
      for (size_t k = 0; k < 3 * components; k++) draw[k] = 0;
    } else if (period > 0) {
      wrapped_terms(components, low, high, period, raw, x[i], terms, u, squares, slopes, inverse_sigma, weights,
                    &normalizer);
      for (size_t k = 0; k < components; k++) {
        const float log_sigma = raw[2 * components + k];
        const float pull = terms[k] * u[k] * inverse_sigma[k];
        draw[k] = factor * (terms[k] - weights[k]);
        draw[components + k] = factor * pull;
        draw[2 * components + k] =
            log_sigma > low && log_sigma < high ? factor * slopes[k] * terms[k] * (squares[k] - 1) : 0;
        slope -= pull;
      }
    } else {
      mixture_terms(components, low, high, raw, x[i], terms, u, inverse_sigma, weights, &normalizer);
      for (size_t k = 0; k < components; k++) {
        const float log_sigma = raw[2 * components + k];
        const float pull = terms[k] * u[k] * inverse_sigma[k];
        draw[k] = factor * (terms[k] - weights[k]);
        draw[components + k] = factor * pull;
        draw[2 * components + k] = log_sigma > low && log_sigma < high ? factor * terms[k] * (u[k] * u[k] - 1) : 0;
        slope -= pull;
      }
    }
    dx[i] += factor * slope;
  }
}
