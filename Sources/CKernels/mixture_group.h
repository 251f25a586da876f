// The mixtures of a group of elements, one in each lane of a vector, for the map and its inverse.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "mixture.h"
#include "multiversion.h"

// Elements whose equations are solved side by side, one in each lane of a vector.
enum { GROUP = 16 };

// exp(x) for −700 ≤ x ≤ 0 (smaller x count as −700): 2ᵏ · p(r), |r| ≤ ln 2 / 2, Taylor to degree
// 13; relative error about 1e-16.
INLINED double exp_of_negative(double x) {
  x = x < -700 ? -700 : x;
  const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
  const double k = shifted - 6755399441055744.0;
  const double r = (x - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b39p-40;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  int64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (int64_t)((uint64_t)bits << 52) + 0x3ff0000000000000;
  double power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

// Chebyshev coefficients of exp(y²) erfc(y) / t in 2t − 1, t = 2 / (2 + y), the first one halved;
// below 3e-16 from the 24th on. (Computed with 40 digits from 60 nodes.)
static const double coefficients[] = {
    0.5770337386164696886,     0.35543692127049848731,     0.06509515882878652455,     0.0036711423958366391659,
    -0.0011128447433526324969, -1.6075829915378079758e-4,  3.2780315741731370605e-5,   5.4424416455050160333e-6,
    -1.5154665553171481622e-6, -1.4297608181169864917e-7,  8.234608827419493433e-8,    -1.2962846852306562536e-9,
    -4.1547216310151983042e-9, 6.3470582783628111814e-10,  1.4320822712256223707e-10,  -6.1603901052045855418e-11,
    2.0612138554721696306e-12, 3.571493148847704445e-12,   -8.5864228432517964757e-13, -6.145600213790630554e-14,
    7.4187257485966170573e-14, -1.2895042755032325615e-14, -2.3587263857106323568e-15, 1.5729349381685911397e-15,
};

// Φ(−|u|) · exp(u²/2) = ½ erfc(y) exp(y²), y = |u| / √2, by Clenshaw's recurrence.
INLINED double scaled_tail(double u) {
  const double t = 2 / (2 + fabs(u) * 0.70710678118654752);
  const double s = 2 * (2 * t - 1);
  double b = 0, c = 0;
  for (int j = sizeof coefficients / sizeof *coefficients - 1; j > 0; j--) {
    const double next = s * b - c + coefficients[j];
    c = b;
    b = next;
  }
  return 0.5 * t * (0.5 * s * b - c + coefficients[0]);
}

// Of every element a lane.
typedef struct {
  size_t components;
  // Of a circle, and log(period/6); zero on the line.
  double period, cap;
  double weights[MOST_COMPONENTS][GROUP], means[MOST_COMPONENTS][GROUP];
  double sigmas[MOST_COMPONENTS][GROUP], inverse_sigmas[MOST_COMPONENTS][GROUP];
  // The same, rounded, for the first guess.
  float rough_weights[MOST_COMPONENTS][GROUP], rough_means[MOST_COMPONENTS][GROUP];
  float rough_inverse_sigmas[MOST_COMPONENTS][GROUP];
} group_of_mixtures;

// The softmax of the logits, the means, and σ, of the parameters raw[g].
INLINED void load(group_of_mixtures *m, float low, float high, const float *const *raw) {
  const size_t n = m->components;
  float logits[MOST_COMPONENTS][GROUP], means[MOST_COMPONENTS][GROUP], log_sigmas[MOST_COMPONENTS][GROUP];
  for (size_t g = 0; g < GROUP; g++)
    for (size_t k = 0; k < n; k++) {
      logits[k][g] = raw[g][k];
      means[k][g] = raw[g][n + k];
      log_sigmas[k][g] = raw[g][2 * n + k];
    }
  float top[GROUP];
  double sum[GROUP] = {0};
  for (size_t g = 0; g < GROUP; g++) top[g] = logits[0][g];
  for (size_t k = 1; k < n; k++)
    for (size_t g = 0; g < GROUP; g++) top[g] = logits[k][g] > top[g] ? logits[k][g] : top[g];
  for (size_t k = 0; k < n; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const float log_sigma = log_sigmas[k][g];
      double clamped = log_sigma < low ? low : (log_sigma > high ? high : log_sigma);
      // On a circle the smaller of both, smoothly.
      const double t = m->cap - clamped;
      clamped = m->period > 0 ? m->cap - 0.5 * (t + sqrt(t * t + 0.25)) : clamped;
      // Within ±8, so that both signs can go through the exponential of negative numbers.
      const double sigma = exp_of_negative(clamped - 8) * 2980.9579870417283;
      m->sigmas[k][g] = sigma;
      m->inverse_sigmas[k][g] = 1 / sigma;
      m->means[k][g] = means[k][g];
      m->weights[k][g] = exp_of_negative((double)logits[k][g] - (double)top[g]);
      sum[g] += m->weights[k][g];
    }
  for (size_t g = 0; g < GROUP; g++) sum[g] = 1 / sum[g];
  for (size_t k = 0; k < n; k++)
    for (size_t g = 0; g < GROUP; g++) {
      m->weights[k][g] *= sum[g];
      m->rough_weights[k][g] = (float)m->weights[k][g];
      m->rough_means[k][g] = means[k][g];
      m->rough_inverse_sigmas[k][g] = (float)m->inverse_sigmas[k][g];
    }
}

// Of every element: the density on the circle times √2π, from the two images of each component that
// are next to x.
INLINED void wrapped_density(const group_of_mixtures *m, const double *x, double *density) {
  const double period = m->period, inverse_period = 1 / period;
  for (size_t g = 0; g < GROUP; g++) density[g] = 0;
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      double d = x[g] - m->means[k][g];
      // Adding 1.5 · 2⁵² rounds to the nearest integer.
      d -= ((d * inverse_period + 6755399441055744.0) - 6755399441055744.0) * period;
      const double near = d * m->inverse_sigmas[k][g];
      const double far = (d > 0 ? d - period : d + period) * m->inverse_sigmas[k][g];
      density[g] += m->weights[k][g] * m->inverse_sigmas[k][g] *
                    (exp_of_negative(-0.5 * near * near) + exp_of_negative(-0.5 * far * far));
    }
}

// Below this, sums of plain terms lose their digits.
static const double smallest = 1e-250;
