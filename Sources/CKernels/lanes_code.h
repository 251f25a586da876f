// The code of the lanes for one kind of CPU. Each file lanes_….c makes it from the same source for another target: a
// vector of eight doubles is one register of AVX-512, two of AVX2, four of SSE2. (target_clones would not reach into
// the small functions that the large ones are made of.)
#pragma once
#include <math.h>
#include <string.h>

#include "lanes.h"

typedef struct {
  void (*energies)(const ck_molecule *, const int32_t *indices, const double *parameters, int frames,
                   const double *coordinates, double *terms, double *forces, void *scratch);
  void (*langevin)(const ck_molecule *, const int32_t *indices, const double *parameters, const ck_langevin *,
                   uint64_t step, int steps, const double *masses, const double *thermal, double *x, double *v,
                   double *potential, double *kinetic, void *scratch);
  void (*normal)(const ck_langevin *, uint64_t step, int coordinates, double *out);
  void (*apply)(ck_lane_function, size_t count, const double *in, double *out);
} lanes_code;

extern const lanes_code lanes_avx512, lanes_avx2, lanes_baseline;
