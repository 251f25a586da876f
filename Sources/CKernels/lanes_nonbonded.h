// What the passes over the pairs of atoms read and keep, part of lanes_source.h and of
// singles_source.h, which say what pair_terms, born_atom and neck_terms are.

// A part of ck_molecule (lanes.h) in the precision of the lanes.
typedef struct {
  int atom_count;
  const ck_row *rows;
  const int32_t *partners;
  const pair_terms *pairs;
  const real *reaches;
  const born_atom *born_atoms;
  const neck_terms *necks;
  int fills_inner_sphere, plain_radii;
  real inverse_debye_length, dielectric_ratio;
} nonbonded;

// What is kept of one pair from one pass to the next.
typedef struct {
  vr r2, inverse;
  // ∂I_ij/∂r/r and ∂I_ji/∂r/r.
  vr first, second;
  // −∂U/∂r/r at fixed Born radii.
  vr slope;
} kept_pair;

// What is kept of one atom.
typedef struct {
  // I, then 1/B.
  vr integral;
  vr born;
  // ∂U/∂B, then ∂U/∂I.
  vr by_radius;
  // ∂B/∂I.
  vr radius_slope;
} kept_atom;

typedef struct {
  // Positions and forces, [atoms, 3].
  vr *x, *f;
  // [atoms].
  kept_atom *atoms;
  // In the order of the molecule's pairs.
  kept_pair *pairs;
} lane_scratch;

FN lane_scratch scratch_of(vr *x, vr *f, void *kept, int atoms) {
  return (lane_scratch){x, f, kept, (kept_pair *)((kept_atom *)kept + atoms)};
}
