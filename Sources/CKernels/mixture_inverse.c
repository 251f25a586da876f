#include "CKernels.h"
#include "exponential.h"
#include "mixture_group.h"

// `scaled_tail` in single precision, relative error about 2e-7.
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

// The place in [start, start + period), rounded to single precision, that is x but for a multiple
// of the period.
INLINED float wrapped_place(double x, double start, double period) {
  const double place = x - period * floor((x - start) / period);
  const float rounded = (float)place;
  return rounded >= start && rounded < start + period ? rounded : (float)start;
}

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
