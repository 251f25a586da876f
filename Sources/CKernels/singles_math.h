// Functions of floats, part of singles_source.h: lanes_math.h in single precision, with relative
// errors of about 1e-7.

// The approximations of 2⁻¹⁴ that AVX-512 has for eight floats and for sixteen are the same.
#if SINGLES_AVX512 && LANES == 16
#define ROUGH(name) _mm512_##name##14_ps
#elif SINGLES_AVX512
#define ROUGH(name) _mm256_##name##14_ps
#endif

// 1/x, x not 0.
FN vr reciprocal(vr x) {
#if SINGLES_AVX512
  const vr y = ROUGH(rcp)(x);
  return y + y * (1.0f - x * y);
#else
  return 1.0f / x;
#endif
}

// 1/√x; ∞ at 0.
FN vr inverse_root(vr x) {
#if SINGLES_AVX512
  const vr y = ROUGH(rsqrt)(x);
  const vr e = 1.0f - (x * y) * y;
  const vr refined = y + y * (e * (0.5f + e * 0.375f));
  return pick(x == 0, splat(INFINITY), refined);
#else
  return 1.0f / root(x);
#endif
}

// exp(x) by 2ᵏ · p(r), |r| ≤ ln 2/2, for −87 ≤ x ≤ 87; beyond, the value there.
FN vr exponential(vr x) {
  x = pick(x < -87, splat(-87), x);
  x = pick(x > 87, splat(87), x);
  // Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
  const vr shifted = x * 0x1.715476p+0f + 0x1.8p23f;
  const vr k = shifted - 0x1.8p23f;
  const vr r = (x - k * 0x1.62e4p-1f) - k * 0x1.7f7d1cp-20f;
  const vr r2 = r * r;
  const vr a = 0x1.fffffcp-2f + r * 0x1.555492p-3f;
  const vr b = 0x1.5558f2p-5f + r * 0x1.123a2p-7f;
  const vr p = a + r2 * (b + r2 * 0x1.6a23cep-10f);
  const vr y = 1.0f + (r + r2 * p);
  return (vr)((vl)y + ((vl)shifted << 23));
}

// ln x of a positive normal number: k ln 2 + 2 artanh((m − 1)/(m + 1)), ½√2 ≤ m < √2.
FN vr logarithm(vr x) {
  const vu bits = (vu)x + (0x3f800000u - 0x3f3504f3u);
  const vr k = __builtin_convertvector((vl)(bits >> 23), vr) - 127.0f;
  const vr m = (vr)((bits & 0x007fffffu) + 0x3f3504f3u);
  const vr s = (m - 1.0f) * reciprocal(m + 1.0f);
  const vr z = s * s;
  const vr q = (0x1.555556p-1f + z * 0x1.99999ap-2f) + (z * z) * (0x1.24924ap-2f + z * 0x1.c71c72p-3f);
  return k * 0x1.62e4p-1f + (k * 0x1.7f7d1cp-20f + s * (2.0f + z * q));
}

// tanh x for x ≥ 0 to an absolute 2e-7.
FN vr hyperbolic_tangent(vr x) {
  const vr limited = pick(x > 20, splat(20), x);
  return 1.0f - 2.0f / (exponential(2.0f * limited) + 1.0f);
}

// (x/(1 − x²) − artanh x)/x³ of z = x², 0 ≤ z ≤ CK_FAR_RATIO².
FN vr far_shape(vr z) {
  const vr z2 = z * z;
  const vr a = 0x1.555556p-1f + z * 0x1.999962p-1f;
  const vr b = 0x1.b6ec7ep-1f + z * 0x1.c52c36p-1f;
  const vr c = 0x1.ebdc08p-1f + z * 0x1.2578f0p-1f;
  return (a + z2 * b) + (z2 * z2) * (c + z2 * 0x1.035922p+1f);
}
