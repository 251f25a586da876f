// The forces between pairs of atoms in single precision, LANES conformations at once, compiled once
// for each target and number of lanes into the code of the name SINGLES_NAME; SINGLES_AVX512 says
// whether AVX-512 may be named. System headers come before it: they are not for the target.
#include "multiversion.h"

#define REAL float
#define WHOLE int32_t
#define NATURAL uint32_t

#include "lanes_vectors.h"
#include "singles_math.h"

// The fields of ck_pair, ck_born_atom and ck_neck in the same order.
typedef struct {
  float repulsion, attraction, coulomb;
  float largest_inverse_square, largest_inverse;
  float polarization;
} pair_terms;

typedef struct {
  float radius, reduced, scaled;
  float self_polarization, surface_energy;
  float alpha, beta, gamma;
} born_atom;

typedef struct {
  float first_size, first_distance, second_size, second_distance;
  float reach;
} neck_terms;

#include "lanes_nonbonded.h"
#include "lanes_born.h"
#include "lanes_pairs.h"
#include "singles_forces.h"

const singles_code SINGLES_NAME = {LANES / CK_LANES, prepare_singles, add_single_forces};
