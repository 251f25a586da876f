// Langevin dynamics of eight walkers, part of lanes_source.h.

static void lane_langevin(const ck_molecule *molecule, const ck_langevin *langevin, const double *masses,
                          const ck_walkers *walkers, uint64_t step, int steps, void *memory) {
  const int count = 3 * molecule->atom_count;
  const lane_scratch scratch = scratch_in(memory, molecule->atom_count);
  vd *x = scratch.x, *f = scratch.f, *v = scratch.v, energies[CK_LANE_TERMS], temperature;
  memcpy(x, walkers->x, count * sizeof(vd));
  memcpy(v, walkers->v, count * sizeof(vd));
  memcpy(&temperature, walkers->thermal, sizeof temperature);
  const double dt = langevin->time_step, keep = exp(-langevin->friction * dt);
  const vd width = root(temperature * (1.0 - keep * keep));
  for (int n = 0; n < steps; n++) {
    lane_evaluate(molecule, scratch, energies);
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
  lane_evaluate(molecule, scratch, energies);
  vd total = splat(0), motion = splat(0);
  for (int k = 0; k < CK_LANE_TERMS; k++) total += energies[k];
  for (int c = 0; c < count; c++) motion += 0.5 * masses[c / 3] * v[c] * v[c];
  memcpy(walkers->potential, &total, sizeof total);
  memcpy(walkers->kinetic, &motion, sizeof motion);
  memcpy(walkers->x, x, count * sizeof(vd));
  memcpy(walkers->v, v, count * sizeof(vd));
}
