// The energy of eight conformations and the functions that it is made of, part of lanes_source.h.

// Replaces f and energies [CK_LANE_TERMS].
static void lane_evaluate(const ck_molecule *molecule, lane_scratch scratch, vd *energies) {
  const vd *x = scratch.x;
  vd *f = scratch.f;
  for (int k = 0; k < 3 * molecule->atom_count; k++) f[k] = splat(0);
  for (int k = 0; k < CK_LANE_TERMS; k++) energies[k] = splat(0);
  const ck_harmonic *harmonics = molecule->harmonics;
  energies[ck_term_bond] = bond_energy(molecule->bond_count, molecule->bonds, x, f);
  energies[ck_term_angle] = angle_energy(molecule->angle_count, molecule->angles, x, f);
  energies[ck_term_proper_torsion] = torsion_energy(molecule->torsion_count, molecule->torsions, harmonics, x, f);
  energies[ck_term_improper_torsion] = torsion_energy(molecule->improper_count, molecule->impropers, harmonics, x, f);
  if (!molecule->born_atoms)
    pairs(molecule, 0, 0, scratch, energies);
  else if (molecule->fills_inner_sphere)
    pairs(molecule, 1, 1, scratch, energies);
  else
    pairs(molecule, 1, 0, scratch, energies);
}

static void lane_energies(const ck_molecule *molecule, int frames, const double *coordinates, double *terms,
                          double *forces, void *memory) {
  const int count = 3 * molecule->atom_count;
  const lane_scratch scratch = scratch_in(memory, molecule->atom_count);
  vd energies[CK_LANE_TERMS];
  // Lanes without a frame of their own repeat the last one.
  for (int k = 0; k < count; k++)
    for (int lane = 0; lane < CK_LANES; lane++)
      scratch.x[k][lane] = coordinates[(size_t)(lane < frames ? lane : frames - 1) * count + k];
  lane_evaluate(molecule, scratch, energies);
  for (int lane = 0; lane < frames; lane++) {
    for (int k = 0; k < CK_LANE_TERMS; k++) terms[lane * CK_LANE_TERMS + k] = energies[k][lane];
    if (forces)
      for (int k = 0; k < count; k++) forces[(size_t)lane * count + k] = scratch.f[k][lane];
  }
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
