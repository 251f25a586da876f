// Functions of eight doubles, part of lanes_source.h. Straight-line code, no tables. Polynomials
// are Chebyshev fits of relative error below 1e-16 on the reduced range.

// 1/x, x not 0.
FN vr reciprocal(vr x) {
#if LANES_AVX512
  vr y = _mm512_rcp14_pd(x);
  y = y + y * (1.0 - x * y);
  return y + y * (1.0 - x * y);
#else
  return 1.0 / x;
#endif
}

// 1/√x; ∞ at 0.
FN vr inverse_root(vr x) {
#if LANES_AVX512
  const vr y = _mm512_rsqrt14_pd(x);
  const vr e = 1.0 - (x * y) * y;
  // The series of (1 − e)^(−½); e is below 2⁻¹³.
  const vr refined = y + y * (e * (0.5 + e * (0.375 + e * 0.3125)));
  return pick(x == 0, splat(INFINITY), refined);
#else
  return 1.0 / root(x);
#endif
}

// exp(x) by 2ᵏ · p(r), |r| ≤ ln 2/2, for −700 ≤ x ≤ 700; beyond, the value there.
FN vr exponential(vr x) {
  x = pick(x < -700, splat(-700), x);
  x = pick(x > 700, splat(700), x);
  // Adding 1.5 · 2⁵² rounds to the nearest integer and leaves it in the low bits.
  const vr shifted = x * 0x1.71547652b82fep+0 + 0x1.8p52;
  const vr k = shifted - 0x1.8p52;
  const vr r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  const vr r2 = r * r, r4 = r2 * r2;
  const vr a = 0x1.0000000000001p-1 + r * 0x1.5555555555556p-3;
  const vr b = 0x1.5555555553d37p-5 + r * 0x1.11111111109a6p-7;
  const vr c = 0x1.6c16c1789d1d7p-10 + r * 0x1.a01a01a7cebcdp-13;
  const vr d = 0x1.a019b8ca26fcfp-16 + r * 0x1.71de0d85293b8p-19;
  const vr e = 0x1.2891d4ffbb0f9p-22 + r * 0x1.af390ba7e6f47p-26;
  const vr p = (a + r2 * b) + r4 * ((c + r2 * d) + r4 * e);
  const vr y = 1.0 + (r + r2 * p);
  return (vr)((vl)y + ((vl)shifted << 52));
}

// ln x of a positive normal number: k ln 2 + 2 artanh((m − 1)/(m + 1)), ½√2 ≤ m < √2.
FN vr logarithm(vr x) {
  const vu bits = (vu)x + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const vr k = (vr)((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023);
  const vr m = (vr)((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
  const vr s = (m - 1.0) * reciprocal(m + 1.0);
  const vr z = s * s, z2 = z * z;
  const vr a = 0x1.5555555555555p-1 + z * 0x1.9999999999a39p-2;
  const vr b = 0x1.2492492476a1ap-2 + z * 0x1.c71c7201a55d7p-3;
  const vr c = 0x1.745cf8e4bba1ap-3 + z * 0x1.3b1c3c1c81c98p-3;
  const vr d = 0x1.0fbde0f4ad0bfp-3 + z * 0x1.0c0aff044b015p-3;
  const vr q = (a + z2 * b) + (z2 * z2) * (c + z2 * d);
  return k * 0x1.62e42feep-1 + (k * 0x1.a39ef35793c76p-33 + s * (2.0 + z * q));
}

// tanh x for x ≥ 0 to an absolute 5e-16; exactly 1 from 40 on.
FN vr hyperbolic_tangent(vr x) {
  const vr limited = pick(x > 40, splat(40), x);
  return 1.0 - 2.0 / (exponential(2.0 * limited) + 1.0);
}

// The angle in 0 … π of the vector (x, y), y ≥ 0: arctan of a number below tan(π/8), from the
// nearest of five directions.
FN vr angle_of(vr y, vr x) {
  const vr width = absolute(x);
  const vl steep = y > width * 0x1.3504f333f9de6p+1, middle = y > width * 0x1.a827999fcef32p-2;
  const vr above = pick(steep, -width, pick(middle, y - width, y));
  const vr below = pick(steep, y, pick(middle, y + width, width));
  const vr start = pick(steep, splat(0x1.921fb54442d18p+0), pick(middle, splat(0x1.921fb54442d18p-1), splat(0)));
  const vr s = above / below, z = s * s, z2 = z * z, z4 = z2 * z2;
  const vr a = -0x1.5555555555555p-2 + z * 0x1.9999999999952p-3;
  const vr b = -0x1.249249248d739p-3 + z * 0x1.c71c71c2fc236p-4;
  const vr c = -0x1.745d165c497f3p-4 + z * 0x1.3b1392a9c2d8bp-4;
  const vr d = -0x1.110e84aa36d9cp-4 + z * 0x1.e199c621565f5p-5;
  const vr e = -0x1.ac7858539e410p-5 + z * 0x1.74d3a7b433307p-5;
  const vr f = -0x1.1b1992aa40ef6p-5 + z * 0x1.0a997ba33b81ap-6;
  const vr q = ((a + z2 * b) + z4 * (c + z2 * d)) + (z4 * z4) * (e + z2 * f);
  const vr angle = start + (s + s * z * q);
  return pick(x < 0, 0x1.921fb54442d18p+1 - angle, angle);
}

// cos and sin of 2πx, 0 ≤ x ≤ 1.
FN void turn(vr x, vr *cosine, vr *sine) {
  const vr shifted = 4.0 * x + 0x1.8p52;
  const vr r = 4.0 * x - (shifted - 0x1.8p52);
  const vr z = r * r, z2 = z * z;
  const vr s = r * ((0x1.921fb54442d18p+0 + z * -0x1.4abbce625be41p-1) +
                    z2 * ((0x1.466bc677587e6p-4 + z * -0x1.32d2cce2e45acp-8) +
                          z2 * ((0x1.50782fd8a398ep-13 + z * -0x1.e3007048c4be0p-19) + z2 * 0x1.e3f30116690b2p-25)));
  const vr c =
      1.0 + z * ((-0x1.3bd3cc9be45dep+0 + z * 0x1.03c1f081b5ac0p-2) +
                 z2 * ((-0x1.55d3c7e3cb23ap-6 + z * 0x1.e1f5068687c82p-11) +
                       z2 * ((-0x1.a6d1eef358ff6p-16 + z * 0x1.f9ce23426c0b7p-22) + z2 * -0x1.b2f3846844599p-28)));
  // The quarter of the circle is the integer in the low bits.
  const vu quarter = (vu)shifted;
  const vl odd = (vl)(quarter << 63) < 0;
  *cosine = (vr)((vu)pick(odd, s, c) ^ (((quarter + 1) << 62) & 0x8000000000000000u));
  *sine = (vr)((vu)pick(odd, c, s) ^ ((quarter << 62) & 0x8000000000000000u));
}

// (x/(1 − x²) − artanh x)/x³ of z = x², 0 ≤ z ≤ CK_FAR_RATIO².
FN vr far_shape(vr z) {
  const vr z2 = z * z, z4 = z2 * z2;
  const vr a = 0x1.5555555555555p-1 + z * 0x1.9999999999a0dp-1;
  const vr b = 0x1.b6db6db6d26aap-1 + z * 0x1.c71c71cb89b7ep-1;
  const vr c = 0x1.d1745bf586a38p-1 + z * 0x1.d89db6169d1a0p-1;
  const vr d = 0x1.ddd9819f429e5p-1 + z * 0x1.e22c335c68808p-1;
  const vr e = 0x1.e1a0626b4d1e2p-1 + z * 0x1.01ebed6e0abbfp+0;
  const vr f = 0x1.48de19ddcc004p-1 + z * 0x1.14959d7402930p+1;
  const vr g = -0x1.e650146c9033cp+0 + z * 0x1.213b416ce41fcp+2;
  return ((a + z2 * b) + z4 * (c + z2 * d)) + (z4 * z4) * ((e + z2 * f) + z4 * g);
}
