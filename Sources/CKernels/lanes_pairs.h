// All that acts between pairs of atoms, part of lanes_source.h and of singles_source.h.
//
// Three passes over the pairs j < i: Born integrals; energies, their slopes by the distance and by
// the Born radii; the forces, those through the Born radii among them. What a pass needs of the one
// before is kept for each pair.

// The pairs of an atom that are of one kind, and what is kept of them.
typedef struct {
  int atom, count;
  const int32_t *partners;
  const pair_terms *pairs;
  kept_pair *kept;
} pair_range;

// The `count` pairs that follow a range.
FN pair_range next_range(pair_range range, int count) {
  return (pair_range){range.atom, count, range.partners + range.count, range.pairs + range.count,
                      range.kept + range.count};
}

typedef struct {
  vr lennard_jones, coulomb;
} interaction_sums;

typedef struct {
  // Of all atoms.
  vr polarization;
  // ∂U/∂B of the atom, from its own pairs.
  vr by_radius;
} solvent_sums;

// `interacts`: Lennard-Jones A/r¹² − B/r⁶ and Coulomb k_e q_i q_j/r. `solvated`: −k τ q_i q_j/f,
// f² = r² + B_i B_j exp(−r²/(4 B_i B_j)) (Still et al. 1990, J. Am. Chem. Soc. 112, 6127), where
// `salted` −k q_i q_j/ε_in (1 − salt_share(f))/f.
FN void pair_energies(const nonbonded *molecule, int interacts, int solvated, int salted, pair_range range,
                      lane_scratch scratch, interaction_sums *sums, solvent_sums *solvent) {
  const kept_atom *own = scratch.atoms + range.atom;
  const v3 place = at(scratch.x + 3 * range.atom);
  const vr inverse_born = own->integral, born = own->born;
  for (int n = 0; n < range.count; n++) {
    const pair_terms *pair = range.pairs + n;
    kept_pair *kept = range.kept + n;
    const int j = range.partners[n];
    kept_atom *other = scratch.atoms + j;
    vr r2, inverse, slope = splat(0);
    if (solvated) {
      r2 = kept->r2;
      inverse = kept->inverse;
    } else {
      const v3 d = difference(place, at(scratch.x + 3 * j));
      r2 = dot(d, d);
      inverse = inverse_root(r2);
    }
    if (interacts) {
      const vr square = inverse * inverse;
      // A pair without an interaction has none at r = 0 either, where 0 · ∞ would be NaN.
      const vr most_square = splat(pair->largest_inverse_square), most = splat(pair->largest_inverse);
      const vr limited = pick(most_square < square, most_square, square);
      const vr sixth = limited * limited * limited;
      const vr repulsive = pair->repulsion * sixth;
      const vr electric = pair->coulomb * pick(most < inverse, most, inverse);
      sums->lennard_jones += sixth * (repulsive - pair->attraction);
      sums->coulomb += electric;
      slope = (sixth * (12.0 * repulsive - 6.0 * pair->attraction) + electric) * square;
    }
    if (solvated) {
      const vr exponent = 0.25 * r2 * (inverse_born * other->integral);
      const vr damping = exponential(-exponent);
      const vr product = born * other->born;
      const vr square = r2 + product * damping;
      const vr softened = inverse_root(square);
      vr energy = pair->polarization * softened;
      vr by_square = 0.5 * energy * softened * softened;
      if (salted) {
        const vr share = salt_share(molecule, square * softened);
        by_square *= 1.0 - share - molecule->inverse_debye_length * share * square * softened;
        energy *= 1.0 - share;
      }
      const vr by_product = by_square * damping * (1.0 + exponent);
      solvent->polarization -= energy;
      slope -= 2.0 * by_square * (1.0 - 0.25 * damping);
      solvent->by_radius += by_product * other->born;
      other->by_radius += by_product * born;
    }
    kept->slope = slope;
  }
}

FN void pair_forces(const nonbonded *molecule, int solvated, lane_scratch scratch) {
  const int atoms = molecule->atom_count;
  const ck_row *rows = molecule->rows;
  const int32_t *partner = molecule->partners;
  const kept_pair *kept = scratch.pairs;
  for (int i = 0; i < atoms; i++) {
    const int interacting = rows[i].distant + rows[i].scaled, excluded = rows[i].excluded;
    const int partners = solvated ? interacting + excluded : interacting;
    const vr by_integral = scratch.atoms[i].by_radius;
    const v3 own = at(scratch.x + 3 * i);
    v3 sum = {splat(0), splat(0), splat(0)};
    for (int n = 0; n < partners; n++) {
      const int j = partner[n];
      vr slope = kept[n].slope;
      if (solvated) slope -= by_integral * kept[n].first + scratch.atoms[j].by_radius * kept[n].second;
      const v3 force = times(slope, difference(own, at(scratch.x + 3 * j)));
      sum = plus(sum, force);
      take_from(scratch.f + 3 * j, force);
    }
    add_to(scratch.f + 3 * i, sum);
    partner += interacting + excluded, kept += interacting + excluded;
  }
}

// Adds to the forces and sets the energies of the pairs and the solvent, which were zero.
FN void pairs(const nonbonded *molecule, int solvated, int fills, int necks, int salted, lane_scratch scratch,
              vr *energies) {
  const int atoms = molecule->atom_count;
  const ck_row *rows = molecule->rows;
  if (solvated) {
    born_integrals(molecule, fills, necks, scratch);
    born_radii(molecule, salted, scratch.atoms, energies);
  }
  interaction_sums distant = {splat(0), splat(0)}, scaled = distant, none = distant;
  solvent_sums solvent = {splat(0), splat(0)};
  pair_range range = {0, 0, molecule->partners, molecule->pairs, scratch.pairs};
  for (int i = 0; i < atoms; i++) {
    range.atom = i;
    solvent.by_radius = splat(0);
    range = next_range(range, rows[i].distant);
    pair_energies(molecule, 1, solvated, salted, range, scratch, &distant, &solvent);
    range = next_range(range, rows[i].scaled);
    pair_energies(molecule, 1, solvated, salted, range, scratch, &scaled, &solvent);
    range = next_range(range, rows[i].excluded);
    if (solvated) {
      pair_energies(molecule, 0, 1, salted, range, scratch, &none, &solvent);
      scratch.atoms[i].by_radius += solvent.by_radius;
    }
  }
  energies[ck_term_distant_lennard_jones] = distant.lennard_jones;
  energies[ck_term_lennard_jones_14] = scaled.lennard_jones;
  energies[ck_term_distant_coulomb] = distant.coulomb;
  energies[ck_term_coulomb_14] = scaled.coulomb;
  energies[ck_term_polarization] += solvent.polarization;
  if (solvated)
    for (int i = 0; i < atoms; i++) scratch.atoms[i].by_radius *= scratch.atoms[i].radius_slope;
  pair_forces(molecule, solvated, scratch);
}

// The pairs in each kind of solvent, apart, so that none makes the code of another one slower.
#define PAIRS(name, solvated, fills, necks, salted)                                                                    \
  APART void name(const nonbonded *molecule, lane_scratch scratch, vr *energies) {                                     \
    pairs(molecule, solvated, fills, necks, salted, scratch, energies);                                                \
  }
PAIRS(vacuum_pairs, 0, 0, 0, 0)
PAIRS(solvated_pairs, 1, 0, 0, 0)
PAIRS(filling_pairs, 1, 1, 0, 0)
PAIRS(salted_pairs, 1, 0, 0, 1)
PAIRS(neck_pairs, 1, 0, 1, 0)
PAIRS(salted_neck_pairs, 1, 0, 1, 1)
#undef PAIRS

// The pairs in the solvent that the molecule is in.
static void any_pairs(const nonbonded *molecule, lane_scratch scratch, vr *energies) {
  const int necks = molecule->necks != NULL, salted = molecule->inverse_debye_length > 0;
  if (!molecule->born_atoms)
    vacuum_pairs(molecule, scratch, energies);
  else if (molecule->fills_inner_sphere)
    filling_pairs(molecule, scratch, energies);
  else if (necks)
    (salted ? salted_neck_pairs : neck_pairs)(molecule, scratch, energies);
  else
    (salted ? salted_pairs : solvated_pairs)(molecule, scratch, energies);
}
