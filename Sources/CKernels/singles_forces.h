// Between groups of eight walkers in double precision and the lanes of single precision, part of
// singles_source.h.

_Static_assert(sizeof(pair_terms) * 2 == sizeof(ck_pair), "the fields of ck_pair");
_Static_assert(sizeof(born_atom) * 2 == sizeof(ck_born_atom), "the fields of ck_born_atom");
_Static_assert(sizeof(neck_terms) * 2 == sizeof(ck_neck), "the fields of ck_neck");

// Where the parts lie in singles_memory.
typedef struct {
  vr *x, *f;
  born_atom *atoms;
  pair_terms *pairs;
  float *reaches;
  neck_terms *necks;
} singles_parts;

FN singles_parts parts_in(void *memory, size_t atoms) {
  const size_t pairs = pair_count(atoms);
  vr *x = memory, *f = x + 3 * atoms;
  // Sixteen lanes have room there.
  born_atom *born = memory + 6 * atoms * LINE;
  pair_terms *terms = (pair_terms *)(born + atoms);
  float *reaches = (float *)(terms + pairs);
  return (singles_parts){x, f, born, terms, reaches, (neck_terms *)(reaches + pairs)};
}

FN void round_all(const void *in, void *out, size_t bytes) {
  const double *from = in;
  float *to = out;
  for (size_t k = 0; k < bytes / sizeof(double); k++) to[k] = (float)from[k];
}

static void prepare_singles(const ck_molecule *molecule, void *memory) {
  const size_t atoms = molecule->atom_count, pairs = pair_count(atoms);
  const singles_parts parts = parts_in(memory, atoms);
  round_all(molecule->pairs, parts.pairs, pairs * sizeof(ck_pair));
  round_all(molecule->reaches, parts.reaches, pairs * sizeof(double));
  if (molecule->born_atoms) round_all(molecule->born_atoms, parts.atoms, atoms * sizeof(ck_born_atom));
  if (molecule->necks) round_all(molecule->necks, parts.necks, pairs * sizeof(ck_neck));
}

typedef double group_doubles __attribute__((ext_vector_type(CK_LANES)));
typedef float group_floats __attribute__((ext_vector_type(CK_LANES)));

static void add_single_forces(const ck_molecule *molecule, const double *positions, double *forces, void *kept,
                              void *memory) {
  const int atoms = molecule->atom_count, count = 3 * atoms;
  const singles_parts parts = parts_in(memory, atoms);
  const nonbonded terms = {atoms,
                           molecule->rows,
                           molecule->partners,
                           parts.pairs,
                           parts.reaches,
                           molecule->born_atoms ? parts.atoms : NULL,
                           molecule->necks ? parts.necks : NULL,
                           molecule->fills_inner_sphere,
                           molecule->plain_radii,
                           (float)molecule->inverse_debye_length,
                           (float)molecule->dielectric_ratio};
  const lane_scratch scratch = scratch_of(parts.x, parts.f, kept, atoms);
  for (int group = 0; group < LANES / CK_LANES; group++) {
    const group_doubles *x = (const group_doubles *)positions + group * count;
    for (int k = 0; k < count; k++) {
      // Counted from the first atom: where a molecule has wandered to must not cost digits.
      const group_floats near = __builtin_convertvector(x[k] - x[k % 3], group_floats);
      memcpy((float *)(scratch.x + k) + group * CK_LANES, &near, sizeof near);
    }
  }
  vr energies[CK_LANE_TERMS];
  for (int k = 0; k < count; k++) scratch.f[k] = splat(0);
  for (int k = 0; k < CK_LANE_TERMS; k++) energies[k] = splat(0);
  any_pairs(&terms, scratch, energies);
  for (int group = 0; group < LANES / CK_LANES; group++) {
    group_doubles *f = (group_doubles *)forces + group * count;
    for (int k = 0; k < count; k++) {
      group_floats own;
      memcpy(&own, (float *)(scratch.f + k) + group * CK_LANES, sizeof own);
      f[k] += __builtin_convertvector(own, group_doubles);
    }
  }
}
