#include "CKernels.h"
#include "mixture_group.h"

// Of every element: F(x), 1 − F(x), and the density times √2π.
INLINED void tails_and_density(const group_of_mixtures *m, const double *x, double *lower, double *upper,
                               double *density) {
  for (size_t g = 0; g < GROUP; g++) lower[g] = upper[g] = density[g] = 0;
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const double u = (x[g] - m->means[k][g]) * m->inverse_sigmas[k][g];
      const double e = exp_of_negative(-0.5 * u * u);
      const double smaller = scaled_tail(u) * e, larger = 1 - smaller;
      lower[g] += m->weights[k][g] * (u > 0 ? larger : smaller);
      upper[g] += m->weights[k][g] * (u > 0 ? smaller : larger);
      density[g] += m->weights[k][g] * m->inverse_sigmas[k][g] * e;
    }
}

// z ≤ 0 with Φ(z) = p, smallest < p ≤ ½: the rational function of Abramowitz and Stegun 26.2.23, off by less than
// 4.5e-4, and two steps of Newton's method on the logarithm of Φ.
INLINED double lower_quantile(double p) {
  const double t = sqrt(-2 * log(p));
  const double guess =
      (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  // `scaled_tail` is of −|z|.
  double z = guess < 0 ? guess : 0;
  for (int step = 0; step < 2; step++) {
    const double tail = scaled_tail(z);
    // log(p/Φ(z)) = log(1 + d).
    const double d = p / (tail * exp_of_negative(-0.5 * z * z)) - 1;
    const double logarithm = d * (1 - d * (1.0 / 2 - d * (1.0 / 3 - d * (1.0 / 4 - d * (1.0 / 5 - d / 6)))));
    z += logarithm * tail * 2.5066282746310005;
  }
  return z;
}

MULTIVERSION void ck_mixture_forward(size_t count, size_t components, float low, float high, float period,
                                     const float *raw, size_t raw_stride, const float *x, size_t stride, float *z,
                                     double *log_determinant, unsigned char *solved) {
  group_of_mixtures m;
  m.components = components;
  m.period = period;
  m.cap = period > 0 ? log(period / 6.0) : 0;
  for (size_t first = 0; first < count; first += GROUP) {
    const float *parameters[GROUP];
    double place[GROUP], lower[GROUP], upper[GROUP], density[GROUP], value[GROUP];
    for (size_t g = 0; g < GROUP; g++) {
      const size_t i = first + g < count ? first + g : count - 1;
      parameters[g] = raw + i * raw_stride;
      place[g] = x[i * stride];
    }
    load(&m, low, high, parameters);
    tails_and_density(&m, place, lower, upper, density);
    for (size_t g = 0; g < GROUP; g++) {
      const int below = lower[g] < upper[g];
      const double magnitude = lower_quantile(below ? lower[g] : upper[g]);
      value[g] = below ? magnitude : -magnitude;
    }
    if (period > 0) wrapped_density(&m, place, density);
    for (size_t g = 0; g < GROUP && first + g < count; g++) {
      const size_t i = first + g;
      // Comparisons with NaN are false.
      solved[i] = lower[g] > smallest && upper[g] > smallest && density[g] > smallest;
      if (!solved[i]) continue;
      z[i * stride] = (float)value[g];
      log_determinant[i] += 0.5 * value[g] * value[g] + log(density[g]);
    }
  }
}
