#pragma once
#include <stdint.h>
#include <string.h>

#include "multiversion.h"

// exp by 2ᵏ · p(r), r = x − k ln 2, |r| ≤ ln 2 / 2; Taylor to degree 7, relative error below 1e-7.
// Straight-line code without calls, so that loops around it become vector code on every target.
INLINED float fast_exp(float x) {
  // Not down to the smallest normal number: products with the result would be subnormal, which is
  // slow.
  x = x < -80.0f ? -80.0f : (x > 88.0f ? 88.0f : x);
  // Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float k = shifted - 12582912.0f;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t exponent;
  memcpy(&exponent, &shifted, sizeof exponent);
  const int32_t bits = (int32_t)((uint32_t)exponent << 23) + 0x3f800000;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}
