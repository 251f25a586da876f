// The energy of eight conformations and the functions that it is made of, part of lanes_source.h.

// Replaces f, and the energies of the bonded terms but for the map's where there is none.
static void bonded_terms(const ck_molecule *molecule, const vr *x, vr *f, vr *energies) {
  for (int k = 0; k < 3 * molecule->atom_count; k++) f[k] = splat(0);
  const ck_harmonic *harmonics = molecule->harmonics;
  energies[ck_term_bond] = bond_energy(molecule->bond_count, molecule->bonds, x, f);
  energies[ck_term_angle] = angle_energy(molecule->angle_count, molecule->angles, x, f);
  energies[ck_term_proper_torsion] = torsion_energy(molecule->torsion_count, molecule->torsions, harmonics, x, f);
  energies[ck_term_improper_torsion] = torsion_energy(molecule->improper_count, molecule->impropers, harmonics, x, f);
  if (molecule->cmap_count) cmap_energy(molecule->cmap_count, molecule->cmaps, x, f, &energies[ck_term_cmap]);
}

// Replaces f and energies [CK_LANE_TERMS].
static void lane_evaluate(const ck_molecule *molecule, lane_scratch scratch, vr *energies) {
  const nonbonded pairs = {molecule->atom_count,      molecule->rows,
                           molecule->partners,        molecule->pairs,
                           molecule->reaches,         molecule->born_atoms,
                           molecule->necks,           molecule->fills_inner_sphere,
                           molecule->plain_radii,     molecule->inverse_debye_length,
                           molecule->dielectric_ratio};
  for (int k = 0; k < CK_LANE_TERMS; k++) energies[k] = splat(0);
  bonded_terms(molecule, scratch.x, scratch.f, energies);
  any_pairs(&pairs, scratch, energies);
}

static void lane_energies(const ck_molecule *molecule, int frames, const double *coordinates, double *terms,
                          double *forces, void *memory) {
  const int atoms = molecule->atom_count, count = 3 * atoms;
  vr *x = (vr *)walker_memory(memory, atoms, 0), *f = (vr *)walker_memory(memory, atoms, 1);
  const lane_scratch scratch = scratch_of(x, f, kept_memory(memory, atoms), atoms);
  vr energies[CK_LANE_TERMS];
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
    vr x, y, other;
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
