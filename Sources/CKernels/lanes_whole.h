// The energy of eight conformations and Langevin dynamics on it, for one target; included by lanes.c once for each.

// Where the parts of a molecule begin in its streams.
typedef struct {
  const ck_molecule *molecule;
  const int32_t *indices;
  const double *parameters;
  kept_atom *atoms;
  kept_pair *pairs;
} lane_system;

FN lane_system system_in(const ck_molecule *molecule, const int32_t *indices, const double *parameters, void *scratch) {
  kept_atom *atoms = scratch;
  return (lane_system){molecule, indices, parameters, atoms, (kept_pair *)(atoms + molecule->atoms)};
}

// Replaces f [atoms, 3] and energies [CK_LANE_TERMS].
static void lane_evaluate(const lane_system *system, const vd *x, vd *f, vd *energies) {
  const ck_molecule *m = system->molecule;
  for (int k = 0; k < 3 * m->atoms; k++) f[k] = splat(0);
  for (int k = 0; k < CK_LANE_TERMS; k++) energies[k] = splat(0);
  const int32_t *indices = system->indices;
  const double *parameters = system->parameters;
  energies[0] = bond_energy(m->bonds, indices, parameters, x, f);
  indices += 2 * m->bonds, parameters += 2 * m->bonds;
  energies[1] = angle_energy(m->angles, indices, parameters, x, f);
  indices += 3 * m->angles, parameters += 2 * m->angles;
  energies[2] = torsion_energy(m->torsions, indices, &parameters, x, f);
  indices += 5 * m->torsions;
  energies[3] = torsion_energy(m->impropers, indices, &parameters, x, f);
  indices += 5 * m->impropers;
  if (!m->solvated)
    pairs(0, 0, m, indices, parameters, x, f, system->pairs, system->atoms, energies + 4);
  else if (m->fills_inner_sphere)
    pairs(1, 1, m, indices, parameters, x, f, system->pairs, system->atoms, energies + 4);
  else
    pairs(1, 0, m, indices, parameters, x, f, system->pairs, system->atoms, energies + 4);
}

static void lane_energies(const ck_molecule *molecule, const int32_t *indices, const double *parameters, int frames,
                          const double *coordinates, double *terms, double *forces, void *scratch) {
  const int count = 3 * molecule->atoms;
  vd *x = scratch, *f = x + count, energies[CK_LANE_TERMS];
  const lane_system system = system_in(molecule, indices, parameters, f + count);
  // Lanes without a frame of their own repeat the last one.
  for (int k = 0; k < count; k++)
    for (int lane = 0; lane < CK_LANES; lane++)
      x[k][lane] = coordinates[(size_t)(lane < frames ? lane : frames - 1) * count + k];
  lane_evaluate(&system, x, f, energies);
  for (int lane = 0; lane < frames; lane++) {
    for (int k = 0; k < CK_LANE_TERMS; k++) terms[lane * CK_LANE_TERMS + k] = energies[k][lane];
    if (forces)
      for (int k = 0; k < count; k++) forces[(size_t)lane * count + k] = f[k][lane];
  }
}

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
FN vd one_to_two(vu high, vu low) { return (vd)((((high << 32) | low) >> 12) | 0x3ff0000000000000u); }

// The normal numbers 2 · pair and 2 · pair + 1 of a step, by Box and Muller.
FN void normal_pair(const ck_langevin *langevin, uint64_t step, int pair, vd *first, vd *second) {
  const vu lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  vu c0 = (vu)((uint64_t)pair | (step >> 32 & 0xffff) << 16), c1 = (vu)(uint64_t)langevin->stream;
  vu c2 = (vu)(step & 0xffffffff), c3 = (langevin->first_chain + lanes) & 0xffffffff;
  philox(&c0, &c1, &c2, &c3, langevin->seed);
  const vd radius = root(-2.0 * logarithm(2.0 - one_to_two(c0, c1)));
  vd cosine, sine;
  turn(one_to_two(c2, c3) - 1.0, &cosine, &sine);
  *first = radius * cosine;
  *second = radius * sine;
}

static void lane_normal(const ck_langevin *langevin, uint64_t step, int coordinates, double *out) {
  for (int k = 0; k < coordinates; k += 2) {
    vd pair[2];
    normal_pair(langevin, step, k / 2, pair, pair + 1);
    memcpy(out + (size_t)k * CK_LANES, pair, (k + 1 < coordinates ? 2 : 1) * sizeof(vd));
  }
}

static void lane_langevin(const ck_molecule *molecule, const int32_t *indices, const double *parameters,
                          const ck_langevin *langevin, uint64_t step, int steps, const double *masses,
                          const double *thermal, double *positions, double *velocities, double *potential,
                          double *kinetic, void *scratch) {
  const int count = 3 * molecule->atoms;
  vd *x = scratch, *f = x + count, *v = f + count, energies[CK_LANE_TERMS], temperature;
  const lane_system system = system_in(molecule, indices, parameters, v + count);
  memcpy(x, positions, count * sizeof(vd));
  memcpy(v, velocities, count * sizeof(vd));
  memcpy(&temperature, thermal, sizeof temperature);
  const double dt = langevin->time_step, keep = exp(-langevin->friction * dt);
  const vd width = root(temperature * (1.0 - keep * keep));
  for (int n = 0; n < steps; n++) {
    lane_evaluate(&system, x, f, energies);
    for (int k = 0; k < count; k += 2) {
      vd noise[2];
      normal_pair(langevin, step + n, k / 2, noise, noise + 1);
      for (int c = k; c < k + 2 && c < count; c++) {
        const double mass = masses[c / 3];
        const vd kicked = v[c] + (dt / mass) * f[c];
        const vd turned = keep * kicked + (width * (1 / sqrt(mass))) * noise[c - k];
        x[c] = (x[c] + 0.5 * dt * kicked) + 0.5 * dt * turned;
        v[c] = turned;
      }
    }
  }
  lane_evaluate(&system, x, f, energies);
  vd total = splat(0), motion = splat(0);
  for (int k = 0; k < CK_LANE_TERMS; k++) total += energies[k];
  for (int c = 0; c < count; c++) motion += 0.5 * masses[c / 3] * v[c] * v[c];
  memcpy(potential, &total, sizeof total);
  memcpy(kinetic, &motion, sizeof motion);
  memcpy(positions, x, count * sizeof(vd));
  memcpy(velocities, v, count * sizeof(vd));
}

static void lane_apply(ck_lane_function function, size_t count, const double *in, double *out) {
  for (size_t k = 0; k < count; k += CK_LANES) {
    vd x, y, other;
    memcpy(&x, in + k, sizeof x);
    switch (function) {
    case ck_lane_exp: y = exponential(x); break;
    case ck_lane_log: y = logarithm(x); break;
    case ck_lane_tanh: y = hyperbolic_tangent(x); break;
    case ck_lane_inverse_sqrt: y = inverse_root(x); break;
    case ck_lane_reciprocal: y = reciprocal(x); break;
    case ck_lane_arccos: y = angle_of(root((1.0 - x) * (1.0 + x)), x); break;
    case ck_lane_cos_turn: turn(x, &y, &other); break;
    case ck_lane_sin_turn: turn(x, &other, &y); break;
    }
    memcpy(out + k, &y, sizeof y);
  }
}
