// Langevin dynamics of groups of eight walkers, part of lanes_source.h.

// One step of a group from its forces; `width` is √(kT (1 − c²)).
FN void langevin_step(const ck_langevin *langevin, const double *masses, uint32_t first_walker, uint64_t step,
                      int count, vr width, vr *x, vr *v, const vr *f) {
  const double dt = langevin->time_step, keep = exp(-langevin->friction * dt);
  for (int k = 0; k < count; k += 2) {
    vr noise[2];
    normal_pair(langevin, first_walker, step, k / 2, noise, noise + 1);
    for (int c = k; c < k + 2 && c < count; c++) {
      const double mass = masses[c / 3];
      const vr kicked = v[c] + (dt / mass) * f[c];
      const vr turned = keep * kicked + (width * (1 / sqrt(mass))) * noise[c - k];
      x[c] = (x[c] + 0.5 * dt * kicked) + 0.5 * dt * turned;
      v[c] = turned;
    }
  }
}

// The forces that move the walkers are in single precision between pairs, in double else; the
// energies at the end, by which walkers are exchanged, are in double.
static void lane_langevin(const ck_molecule *molecule, const ck_langevin *langevin, const double *masses,
                          const ck_walkers *walkers, int groups, uint64_t step, int steps, void *memory) {
  const int atoms = molecule->atom_count, count = 3 * atoms;
  double *x = walker_memory(memory, atoms, 0), *f = walker_memory(memory, atoms, 1);
  double *v = walker_memory(memory, atoms, 2);
  void *kept = kept_memory(memory, atoms), *rounded = singles_memory(memory, atoms);
  const size_t size = count * sizeof(vr);
  memcpy(x, walkers->x, groups * size);
  memcpy(v, walkers->v, groups * size);
  const singles_code *singles = groups == SINGLES_TWO.groups ? &SINGLES_TWO : &SINGLES;
  singles->prepare(molecule, rounded);
  const double keep = exp(-langevin->friction * langevin->time_step);
  vr width[CK_GROUPS], energies[CK_LANE_TERMS];
  for (int group = 0; group < groups; group++) {
    vr temperature;
    memcpy(&temperature, walkers->thermal + group * CK_LANES, sizeof temperature);
    width[group] = root(temperature * (1.0 - keep * keep));
  }
  for (int n = 0; n < steps; n++) {
    for (int group = 0; group < groups; group++)
      bonded_terms(molecule, (vr *)x + group * count, (vr *)f + group * count, energies);
    for (int group = 0; group < groups; group += singles->groups)
      singles->add_forces(molecule, (double *)((vr *)x + group * count), (double *)((vr *)f + group * count), kept,
                          rounded);
    for (int group = 0; group < groups; group++)
      langevin_step(langevin, masses, langevin->first_walker + group * CK_LANES, step + n, count, width[group],
                    (vr *)x + group * count, (vr *)v + group * count, (vr *)f + group * count);
  }
  for (int group = 0; group < groups; group++) {
    vr *own = (vr *)v + group * count, total = splat(0), motion = splat(0);
    lane_evaluate(molecule, scratch_of((vr *)x + group * count, (vr *)f + group * count, kept, atoms), energies);
    for (int k = 0; k < CK_LANE_TERMS; k++) total += energies[k];
    for (int c = 0; c < count; c++) motion += 0.5 * masses[c / 3] * own[c] * own[c];
    memcpy(walkers->potential + group * CK_LANES, &total, sizeof total);
    memcpy(walkers->kinetic + group * CK_LANES, &motion, sizeof motion);
  }
  memcpy(walkers->x, x, groups * size);
  memcpy(walkers->v, v, groups * size);
}
