// The normal numbers of Langevin dynamics, part of lanes_source.h.

// Ten rounds of Philox 4×32 (Salmon et al. 2011); each element holds one 32-bit word.
FN void philox(vu *c0, vu *c1, vu *c2, vu *c3, uint64_t seed) {
  const uint64_t low = 0xffffffff;
  uint64_t k0 = seed & low, k1 = seed >> 32;
  for (int round = 0; round < 10; round++) {
    const vu first = (*c0 & low) * 0xD2511F53u, second = (*c2 & low) * 0xCD9E8D57u;
    *c0 = (second >> 32) ^ *c1 ^ k0;
    *c1 = second & low;
    *c2 = (first >> 32) ^ *c3 ^ k1;
    *c3 = first & low;
    k0 = (k0 + 0x9E3779B9u) & low;
    k1 = (k1 + 0xBB67AE85u) & low;
  }
}

// A number in [1, 2) with 52 random bits from two words.
FN vr one_to_two(vu high, vu low) { return (vr)((((high << 32) | low) >> 12) | 0x3ff0000000000000u); }

// The normal numbers 2 · pair and 2 · pair + 1 of a step, by Box and Muller.
FN void normal_pair(const ck_langevin *langevin, uint32_t first_walker, uint64_t step, int pair, vr *first,
                    vr *second) {
  const vu lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  vu c0 = (vu)((uint64_t)pair | (step >> 32 & 0xffff) << 16), c1 = (vu)(uint64_t)langevin->stream;
  vu c2 = (vu)(step & 0xffffffff), c3 = (first_walker + lanes) & 0xffffffff;
  philox(&c0, &c1, &c2, &c3, langevin->seed);
  const vr radius = root(-2.0 * logarithm(2.0 - one_to_two(c0, c1)));
  vr cosine, sine;
  turn(one_to_two(c2, c3) - 1.0, &cosine, &sine);
  *first = radius * cosine;
  *second = radius * sine;
}

static void lane_normal(const ck_langevin *langevin, uint64_t step, int coordinates, double *out) {
  for (int k = 0; k < coordinates; k += 2) {
    vr pair[2];
    normal_pair(langevin, langevin->first_walker, step, k / 2, pair, pair + 1);
    memcpy(out + (size_t)k * CK_LANES, pair, (k + 1 < coordinates ? 2 : 1) * sizeof(vr));
  }
}
