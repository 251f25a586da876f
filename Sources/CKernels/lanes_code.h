// The code of the lanes for one kind of CPU. Each file lanes_….c compiles the same source for
// another target: a vector of eight doubles is one register of AVX-512, two of AVX2, four of SSE2.
// (target_clones would not reach into the small functions that the large ones are made of.)
#pragma once
#include <math.h>
#include <string.h>

#include "lanes.h"

// The scratch memory of one call, in lines of eight doubles or sixteen floats: positions, forces and
// velocities of the groups, [3, CK_GROUPS, atoms, 3]; what is kept of atoms and pairs; what single
// precision needs for itself.
#define LINE 64

static inline size_t pair_count(size_t atoms) { return atoms * (atoms - 1) / 2; }

static inline double *walker_memory(void *memory, size_t atoms, int place) {
  return memory + place * CK_GROUPS * 3 * atoms * LINE;
}

static inline void *kept_memory(void *memory, size_t atoms) { return walker_memory(memory, atoms, 3); }

static inline void *singles_memory(void *memory, size_t atoms) {
  return kept_memory(memory, atoms) + (4 * atoms + 5 * pair_count(atoms)) * LINE;
}

static inline size_t scratch_bytes(size_t atoms) {
  // Positions and forces of sixteen lanes, then 8 numbers of each atom and 12 of each pair.
  const size_t singles = 6 * atoms * LINE + (8 * atoms + 12 * pair_count(atoms)) * sizeof(float);
  return (size_t)singles_memory(NULL, atoms) + (singles + LINE - 1) / LINE * LINE;
}

// The forces between pairs of atoms in single precision. Each file singles_….c compiles the same
// source for another target or number of lanes; the lanes of several groups are computed at once.
typedef struct {
  int groups;
  // Rounds what a molecule's pairs need, for all calls with the same memory, singles_memory's.
  void (*prepare)(const ck_molecule *, void *singles);
  // Adds the forces of so many groups that lie one after another, x and f [groups, atoms, 3, 8].
  void (*add_forces)(const ck_molecule *, const double *x, double *f, void *kept, void *singles);
} singles_code;

extern const singles_code singles_avx512_two, singles_avx512, singles_avx2, singles_baseline;

typedef struct {
  void (*energies)(const ck_molecule *, int frames, const double *coordinates, double *terms, double *forces,
                   void *scratch);
  void (*langevin)(const ck_molecule *, const ck_langevin *, const double *masses, const ck_walkers *, int groups,
                   uint64_t step, int steps, void *scratch);
  void (*normal)(const ck_langevin *, uint64_t step, int coordinates, double *out);
  void (*apply)(ck_lane_function, size_t count, const double *in, double *out);
} lanes_code;

extern const lanes_code lanes_avx512, lanes_avx2, lanes_baseline;
