#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "multiversion.h"

enum {
  MOST_COMPONENTS = 64,
  // Elements whose equations are solved side by side: one alone would wait for its own long chain
  // of sums.
  GROUP = 4,
  MOST = GROUP * MOST_COMPONENTS,
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

typedef struct {
  size_t components;
  // Of a circle, and log(period/6); zero on the line.
  double period, cap;
  double weights[MOST], means[MOST], sigmas[MOST], inverse_sigmas[MOST];
} group_of_mixtures;

// The softmax of the logits, the means, and σ, of one element.
INLINED void load(group_of_mixtures *m, size_t element, float low, float high, const float *raw) {
  const size_t n = m->components, first = element * n;
  double top = raw[0], sum = 0;
  for (size_t k = 1; k < n; k++) top = raw[k] > top ? raw[k] : top;
  for (size_t k = 0; k < n; k++) {
    const float log_sigma = raw[2 * n + k];
    double clamped = log_sigma < low ? low : (log_sigma > high ? high : log_sigma);
    if (m->period > 0) {
      const double t = m->cap - clamped;
      clamped = m->cap - 0.5 * (t + sqrt(t * t + 0.25));
    }
    // Within ±8, so that both signs can go through the exponential of negative numbers.
    const double sigma = exp_of_negative(clamped - 8) * 2980.9579870417283;
    m->sigmas[first + k] = sigma;
    m->inverse_sigmas[first + k] = 1 / sigma;
    m->means[first + k] = raw[n + k];
    m->weights[first + k] = exp_of_negative(raw[k] - top);
    sum += m->weights[first + k];
  }
  for (size_t k = 0; k < n; k++) m->weights[first + k] /= sum;
}

// Of every element: F(x), or 1 − F(x) if `upper`, and the density times √2π.
INLINED void tail_and_density(const group_of_mixtures *m, const double *x, const int *upper, double *tail,
                              double *density) {
  const size_t n = m->components;
  double u[MOST], tails[MOST], densities[MOST];
  for (size_t g = 0; g < GROUP; g++)
    for (size_t k = 0; k < n; k++) {
      const double standardized = (x[g] - m->means[g * n + k]) * m->inverse_sigmas[g * n + k];
      u[g * n + k] = upper[g] ? -standardized : standardized;
    }
  for (size_t i = 0; i < GROUP * n; i++) {
    const double e = exp_of_negative(-0.5 * u[i] * u[i]);
    const double smaller = scaled_tail(u[i]) * e;
    tails[i] = m->weights[i] * (u[i] > 0 ? 1 - smaller : smaller);
    densities[i] = m->weights[i] * m->inverse_sigmas[i] * e;
  }
  for (size_t g = 0; g < GROUP; g++) {
    tail[g] = density[g] = 0;
    for (size_t k = 0; k < n; k++) {
      tail[g] += tails[g * n + k];
      density[g] += densities[g * n + k];
    }
  }
}

// Of every element: the density on the circle times √2π, from the two images of each component that
// are next to x.
INLINED void wrapped_density(const group_of_mixtures *m, const double *x, double *density) {
  const size_t n = m->components;
  const double period = m->period, inverse_period = 1 / period;
  double near[MOST], far[MOST];
  for (size_t g = 0; g < GROUP; g++)
    for (size_t k = 0; k < n; k++) {
      double d = x[g] - m->means[g * n + k];
      // Adding 1.5 · 2⁵² rounds to the nearest integer.
      d -= ((d * inverse_period + 6755399441055744.0) - 6755399441055744.0) * period;
      near[g * n + k] = d * m->inverse_sigmas[g * n + k];
      far[g * n + k] = (d > 0 ? d - period : d + period) * m->inverse_sigmas[g * n + k];
    }
  for (size_t i = 0; i < GROUP * n; i++)
    near[i] = m->weights[i] * m->inverse_sigmas[i] *
              (exp_of_negative(-0.5 * near[i] * near[i]) + exp_of_negative(-0.5 * far[i] * far[i]));
  for (size_t g = 0; g < GROUP; g++) {
    density[g] = 0;
    for (size_t k = 0; k < n; k++) density[g] += near[g * n + k];
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
  int upper[GROUP];
  // 0: solving, 1: solved, −1: left alone.
  int state[GROUP];
} group_of_equations;

// Begins in the middle of the bracket: where every component lies above z, F does too; where every
// one lies below, so does F.
INLINED void begin(group_of_equations *e, const group_of_mixtures *m, size_t g, double value) {
  const size_t n = m->components;
  e->from[g] = INFINITY;
  e->to[g] = -INFINITY;
  for (size_t k = 0; k < n; k++) {
    const double candidate = m->means[g * n + k] + value * m->sigmas[g * n + k];
    e->from[g] = candidate < e->from[g] ? candidate : e->from[g];
    e->to[g] = candidate > e->to[g] ? candidate : e->to[g];
  }
  e->upper[g] = value > 0;
  e->target[g] = log(scaled_tail(value)) - 0.5 * value * value;
  e->place[g] = 0.5 * (e->from[g] + e->to[g]);
  e->state[g] = isfinite(value) && isfinite(e->place[g]) ? 0 : -1;
  if (e->state[g]) e->place[g] = 0;
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
  const double next = newton > e->from[g] && newton < e->to[g] ? newton : 0.5 * (e->from[g] + e->to[g]);
  const double change = fabs(next - e->place[g]);
  e->place[g] = next;
  // The error after a step is about the square of its length.
  if (change <= 1e-10 * (1 + fabs(next)) || e->to[g] - e->from[g] <= 1e-15 * (1 + fabs(next))) e->state[g] = 1;
}

MULTIVERSION void ck_mixture_inverse(size_t count, size_t components, float low, float high, float start, float period,
                                     const float *raw, size_t raw_stride, const float *z, size_t stride, float *x,
                                     double *log_determinant, unsigned char *solved) {
  group_of_mixtures m = {.components = components, .period = period, .cap = period > 0 ? log(period / 6.0) : 0};
  for (size_t first = 0; first < count; first += GROUP) {
    group_of_equations e;
    for (size_t g = 0; g < GROUP; g++) {
      const size_t i = first + g < count ? first + g : count - 1;
      load(&m, g, low, high, raw + i * raw_stride);
      begin(&e, &m, g, z[i * stride]);
    }
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
      const double value = z[i * stride];
      x[i * stride] = (float)e.place[g];
      log_determinant[i] -= 0.5 * value * value + log(e.density[g]);
    }
  }
}
