#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "exponential.h"

enum {
  MOST_COMPONENTS = 64,
  // Elements whose equations are solved side by side, one in each lane of a vector.
  GROUP = 16,
};

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

// The same, relative error about 2e-7.
INLINED float rough_scaled_tail(float u) {
  const float t = 2 / (2 + fabsf(u) * 0.70710678f);
  const float s = 2 * (2 * t - 1);
  float b = 0, c = 0;
  for (int j = 9; j > 0; j--) {
    const float next = s * b - c + (float)coefficients[j];
    c = b;
    b = next;
  }
  return 0.5f * t * (0.5f * s * b - c + (float)coefficients[0]);
}

// log x of normal x > 0: x = 2ᵏ m, ½√2 ≤ m < √2, log m = 2 artanh((m − 1)/(m + 1)); absolute error
// about 1e-7 (1 + |log x|).
INLINED float rough_log(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  // The bits of ½√2, whose exponent is −1.
  const int32_t exponent = (int32_t)((uint32_t)bits - 0x3f3504f3u) >> 23;
  bits -= (int32_t)((uint32_t)exponent << 23);
  float m;
  memcpy(&m, &bits, sizeof m);
  const float s = (m - 1) / (m + 1), square = s * s;
  float p = 2.0f / 9;
  p = p * square + 2.0f / 7;
  p = p * square + 2.0f / 5;
  p = p * square + 2.0f / 3;
  p = p * square + 2.0f;
  return p * s + 0.69314718f * (float)exponent;
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

// Of every element: F(x), or 1 − F(x) if `upper`, and the density times √2π.
INLINED void tail_and_density(const group_of_mixtures *m, const double *x, const int *upper, double *tail,
                              double *density) {
  for (size_t g = 0; g < GROUP; g++) tail[g] = density[g] = 0;
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const double standardized = (x[g] - m->means[k][g]) * m->inverse_sigmas[k][g];
      const double u = upper[g] ? -standardized : standardized;
      const double e = exp_of_negative(-0.5 * u * u);
      const double smaller = scaled_tail(u) * e;
      tail[g] += m->weights[k][g] * (u > 0 ? 1 - smaller : smaller);
      density[g] += m->weights[k][g] * m->inverse_sigmas[k][g] * e;
    }
}

// The same in single precision, up to 12 standard deviations of a component.
INLINED void rough_tail_and_density(const group_of_mixtures *m, const float *x, const int *upper, float *tail,
                                    float *density) {
  for (size_t g = 0; g < GROUP; g++) tail[g] = density[g] = 0;
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const float standardized = (x[g] - m->rough_means[k][g]) * m->rough_inverse_sigmas[k][g];
      const float u = upper[g] ? -standardized : standardized;
      const float e = fast_exp(-0.5f * u * u);
      const float smaller = rough_scaled_tail(u) * e;
      tail[g] += m->rough_weights[k][g] * (u > 0 ? 1 - smaller : smaller);
      density[g] += m->rough_weights[k][g] * m->rough_inverse_sigmas[k][g] * e;
    }
}

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

// The place in [start, start + period), rounded to single precision, that is x but for a multiple
// of the period.
INLINED float wrapped_place(double x, double start, double period) {
  const double place = x - period * floor((x - start) / period);
  const float rounded = (float)place;
  return rounded >= start && rounded < start + period ? rounded : (float)start;
}

// Below this, sums of plain terms lose their digits.
static const double smallest = 1e-250;

// The equations F(x) = Φ(z) of a group, by the logarithm of the smaller tail, and how far they are.
typedef struct {
  double target[GROUP], from[GROUP], to[GROUP], place[GROUP], tail[GROUP], density[GROUP];
  // 1/σ of the narrowest component.
  double sharpest[GROUP];
  int upper[GROUP];
  // 0: solving, 1: solved, −1: left alone.
  int state[GROUP];
} group_of_equations;

// The bracket: where every component lies above z, F does too; where every one lies below, so does
// F.
INLINED void begin(group_of_equations *e, const group_of_mixtures *m, const double *z) {
  for (size_t g = 0; g < GROUP; g++) {
    e->from[g] = INFINITY;
    e->to[g] = -INFINITY;
    e->sharpest[g] = 0;
  }
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const double candidate = m->means[k][g] + z[g] * m->sigmas[k][g];
      e->from[g] = candidate < e->from[g] ? candidate : e->from[g];
      e->to[g] = candidate > e->to[g] ? candidate : e->to[g];
      e->sharpest[g] = m->inverse_sigmas[k][g] > e->sharpest[g] ? m->inverse_sigmas[k][g] : e->sharpest[g];
    }
  for (size_t g = 0; g < GROUP; g++) {
    e->upper[g] = z[g] > 0;
    e->target[g] = log(scaled_tail(z[g])) - 0.5 * z[g] * z[g];
    const double middle = 0.5 * (e->from[g] + e->to[g]);
    e->state[g] = isfinite(z[g]) && isfinite(middle) ? 0 : -1;
    e->place[g] = e->state[g] ? 0 : middle;
  }
}

// Newton's method in single precision, from the place where a normal distribution of the mixture's
// mean and variance has its z; as newton_step, every element until its steps are small or there
// were twelve of them.
INLINED void guess(group_of_equations *e, const group_of_mixtures *m, const double *z) {
  float place[GROUP], from[GROUP], to[GROUP], tail[GROUP], density[GROUP], target[GROUP], sharpest[GROUP];
  float mean[GROUP] = {0}, square[GROUP] = {0};
  int open[GROUP];
  for (size_t k = 0; k < m->components; k++)
    for (size_t g = 0; g < GROUP; g++) {
      const float weight = m->rough_weights[k][g], center = m->rough_means[k][g], sigma = (float)m->sigmas[k][g];
      mean[g] += weight * center;
      square[g] += weight * (center * center + sigma * sigma);
    }
  for (size_t g = 0; g < GROUP; g++) {
    const float variance = square[g] - mean[g] * mean[g];
    const float normal = mean[g] + (float)z[g] * sqrtf(variance > 0 ? variance : 0);
    from[g] = (float)e->from[g];
    to[g] = (float)e->to[g];
    place[g] = normal > from[g] && normal < to[g] ? normal : (float)e->place[g];
    open[g] = e->state[g] == 0;
    target[g] = (float)e->target[g];
    sharpest[g] = (float)e->sharpest[g];
  }
  for (int iteration = 0; iteration < 12; iteration++) {
    int any = 0;
    rough_tail_and_density(m, place, e->upper, tail, density);
    for (size_t g = 0; g < GROUP; g++) {
      const float at = place[g], low = from[g], high = to[g];
      const float difference = rough_log(tail[g]) - target[g];
      const float above = e->upper[g] ? -difference : difference;
      const float start = above > 0 ? low : at, end = above > 0 ? at : high;
      const float newton = at - above * tail[g] * 2.5066283f / density[g];
      const float next = newton > start && newton < end ? newton : 0.5f * (start + end);
      const float change = fabsf(next - at) * sharpest[g];
      from[g] = open[g] ? start : low;
      to[g] = open[g] ? end : high;
      place[g] = open[g] ? next : at;
      open[g] = change > 1e-3f ? open[g] : 0;
    }
    for (size_t g = 0; g < GROUP; g++) any |= open[g];
    if (!any) break;
  }
  for (size_t g = 0; g < GROUP; g++)
    e->place[g] = place[g] > e->from[g] && place[g] < e->to[g] ? place[g] : e->place[g];
}

// One step of Newton's method on the logarithm of the tail, kept inside a shrinking bracket.
INLINED void newton_step(group_of_equations *e, size_t g) {
  if (!(e->tail[g] > smallest && e->density[g] > smallest)) {
    e->state[g] = -1;
    return;
  }
  // How far F lies above its value at the root, on the logarithmic scale of the tail.
  const double above = e->upper[g] ? e->target[g] - log(e->tail[g]) : log(e->tail[g]) - e->target[g];
  if (above > 0)
    e->to[g] = e->place[g];
  else
    e->from[g] = e->place[g];
  const double newton = e->place[g] - above * e->tail[g] * 2.5066282746310005 / e->density[g];
  const int inside = newton > e->from[g] && newton < e->to[g];
  const double next = inside ? newton : 0.5 * (e->from[g] + e->to[g]);
  const double change = fabs(next - e->place[g]), scale = 1 + fabs(next);
  e->place[g] = next;
  // The error after a step of Newton's method is about the square of its length over the smallest
  // σ; after a half of the bracket it is as long as the step.
  const double error = inside ? change * change * e->sharpest[g] : change;
  if (error <= 1e-10 * scale || e->to[g] - e->from[g] <= 1e-15 * scale) e->state[g] = 1;
}

MULTIVERSION void ck_mixture_inverse(size_t count, size_t components, float low, float high, float start, float period,
                                     const float *raw, size_t raw_stride, const float *z, size_t stride, float *x,
                                     double *log_determinant, unsigned char *solved) {
  group_of_mixtures m;
  m.components = components;
  m.period = period;
  m.cap = period > 0 ? log(period / 6.0) : 0;
  for (size_t first = 0; first < count; first += GROUP) {
    group_of_equations e;
    const float *parameters[GROUP];
    double values[GROUP];
    for (size_t g = 0; g < GROUP; g++) {
      const size_t i = first + g < count ? first + g : count - 1;
      parameters[g] = raw + i * raw_stride;
      values[g] = z[i * stride];
    }
    load(&m, low, high, parameters);
    begin(&e, &m, values);
    guess(&e, &m, values);
    for (int iteration = 0; iteration < 100; iteration++) {
      int open = 0;
      for (size_t g = 0; g < GROUP; g++) open |= e.state[g] == 0;
      if (!open) break;
      tail_and_density(&m, e.place, e.upper, e.tail, e.density);
      for (size_t g = 0; g < GROUP; g++)
        if (e.state[g] == 0) newton_step(&e, g);
    }
    if (period > 0) {
      for (size_t g = 0; g < GROUP; g++) e.place[g] = wrapped_place(e.place[g], start, period);
      wrapped_density(&m, e.place, e.density);
    } else {
      for (size_t g = 0; g < GROUP; g++) e.place[g] = (float)e.place[g];
      tail_and_density(&m, e.place, e.upper, e.tail, e.density);
    }
    for (size_t g = 0; g < GROUP && first + g < count; g++) {
      const size_t i = first + g;
      solved[i] = e.state[g] == 1 && e.density[g] > smallest;
      if (!solved[i]) continue;
      x[i * stride] = (float)e.place[g];
      log_determinant[i] -= 0.5 * values[g] * values[g] + log(e.density[g]);
    }
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
