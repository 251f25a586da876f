// The code of the lanes for one kind of CPU. Each file lanes_….c compiles the same source for
// another target: a vector of eight doubles is one register of AVX-512, two of AVX2, four of SSE2.
// (target_clones would not reach into the small functions that the large ones are made of.)
#pragma once
#include <math.h>
#include <string.h>

#include "lanes.h"

typedef double vd __attribute__((ext_vector_type(CK_LANES)));

// What is kept of one pair from one pass to the next.
typedef struct {
  vd r2, inverse;
  // ∂I_ij/∂r/r and ∂I_ji/∂r/r.
  vd first, second;
  // −∂U/∂r/r at fixed Born radii.
  vd slope;
} kept_pair;

// What is kept of one atom.
typedef struct {
  // I, then 1/B.
  vd integral;
  vd born;
  // ∂U/∂B, then ∂U/∂I.
  vd by_radius;
  // ∂B/∂I.
  vd radius_slope;
} kept_atom;

// The scratch memory of one call.
typedef struct {
  // Positions, forces and velocities, [atoms, 3]; velocities in dynamics only.
  vd *x, *f, *v;
  // [atoms].
  kept_atom *atoms;
  // In the order of the molecule's pairs.
  kept_pair *pairs;
} lane_scratch;

static inline lane_scratch scratch_in(void *memory, int atoms) {
  vd *x = memory, *f = x + 3 * atoms;
  kept_atom *kept = (kept_atom *)(f + 3 * atoms);
  kept_pair *pairs = (kept_pair *)(kept + atoms);
  return (lane_scratch){x, f, (vd *)(pairs + atoms * (atoms - 1) / 2), kept, pairs};
}

static inline size_t scratch_bytes(size_t atoms) {
  return 3 * (3 * atoms * sizeof(vd)) + atoms * sizeof(kept_atom) + atoms * (atoms - 1) / 2 * sizeof(kept_pair);
}

typedef struct {
  void (*energies)(const ck_molecule *, int frames, const double *coordinates, double *terms, double *forces,
                   void *scratch);
  void (*langevin)(const ck_molecule *, const ck_langevin *, const double *masses, const ck_walkers *, uint64_t step,
                   int steps, void *scratch);
  void (*normal)(const ck_langevin *, uint64_t step, int coordinates, double *out);
  void (*apply)(ck_lane_function, size_t count, const double *in, double *out);
} lanes_code;

extern const lanes_code lanes_avx512, lanes_avx2, lanes_baseline;
