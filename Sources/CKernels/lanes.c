#include "lanes_code.h"

ck_lane_target ck_lanes_choice(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return ck_lanes_avx512;
  if (__builtin_cpu_supports("x86-64-v3")) return ck_lanes_avx2;
#endif
  return ck_lanes_baseline;
}

static const lanes_code *code(ck_lane_target target) {
  switch (target == ck_lanes_best ? ck_lanes_choice() : target) {
#if defined(__x86_64__)
  case ck_lanes_avx512: return &lanes_avx512;
  case ck_lanes_avx2: return &lanes_avx2;
#endif
  default: return &lanes_baseline;
  }
}

size_t ck_lanes_scratch(const ck_molecule *molecule) { return scratch_bytes(molecule->atom_count); }

void ck_lanes_energies(const ck_molecule *molecule, int frames, const double *coordinates, double *terms,
                       double *forces, void *scratch) {
  code(molecule->target)->energies(molecule, frames, coordinates, terms, forces, scratch);
}

void ck_lanes_langevin(const ck_molecule *molecule, const ck_langevin *langevin, const double *masses,
                       const ck_walkers *walkers, int groups, uint64_t step, int steps, void *scratch) {
  code(molecule->target)->langevin(molecule, langevin, masses, walkers, groups, step, steps, scratch);
}

void ck_lanes_normal(const ck_langevin *langevin, uint64_t step, int coordinates, double *out) {
  code(ck_lanes_best)->normal(langevin, step, coordinates, out);
}

void ck_lanes_apply(ck_lane_target target, ck_lane_function function, size_t count, const double *in, double *out) {
  code(target)->apply(function, count, in, out);
}
