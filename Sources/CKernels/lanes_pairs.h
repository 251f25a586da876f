// All that acts between pairs of atoms, for one target; included by lanes.c once for each.
//
// Three passes over the pairs j < i: Born integrals; energies, their slopes by the distance and by the Born radii; the
// forces, those through the Born radii among them. What a pass needs of the one before is kept for each pair.

// What is kept of one pair.
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

// Parameters of an atom in the stream.
enum { RADIUS, REDUCED, SCALED, SELF, SURFACE, ATOM_PARAMETERS };

// What one atom's sphere adds to another atom's integral, and its derivative by the distance, over the distance.
typedef struct {
  vd value, slope;
} born_part;

// A sphere of radius s at distance r from an atom of radius ρ: I = ½ [1/L − 1/U + ¼ (r − s²/r)(1/U² − 1/L²) + ½ ln(L/U)/r],
// U = r + s, L = max(ρ, |r − s|), nothing where U ≤ ρ (Hawkins, Cramer and Truhlar 1996, J. Phys. Chem. 100, 19824).
// The derivatives by U and L vanish, but for L = s − r, where the one by L is −1/L². There the inner sphere, if it
// counts, adds 1/ρ − 1/L, which cancels it.
FN born_part near_part(vd r, vd inverse, double reduced, double scaled, vd upper, vd lower, vd inverse_upper,
                       vd inverse_lower, int fills) {
  const vd squares = inverse_upper * inverse_upper - inverse_lower * inverse_lower;
  const vd ratio = (scaled * scaled) * inverse;
  const vd log_term = logarithm(lower * inverse_upper) * inverse;
  vd value = 0.5 * ((inverse_lower - inverse_upper) + 0.25 * (r - ratio) * squares + 0.5 * log_term);
  vd derivative = 0.125 * (1.0 + ratio * inverse) * squares - 0.25 * log_term * inverse;
  const vl inside = scaled - r > reduced;
  if (fills)
    value += pick(inside, 1.0 / reduced - inverse_lower, splat(0));
  else
    derivative += pick(inside, inverse_lower * inverse_lower, splat(0));
  const vl reaches = upper > reduced;
  return (born_part){pick(reaches, value, splat(0)), pick(reaches, derivative * inverse, splat(0))};
}

// The same for both atoms of a pair at any distance.
FN void near_parts(vd r, vd inverse, double reduced, double scaled, double other_reduced, double other_scaled,
                   int fills, born_part *first, born_part *second) {
  const vd upper = r + other_scaled, below = absolute(r - other_scaled);
  const vd lower = pick(below > reduced, below, splat(reduced));
  const vd other_upper = r + scaled, other_below = absolute(r - scaled);
  const vd other_lower = pick(other_below > other_reduced, other_below, splat(other_reduced));
  // One reciprocal for four.
  const vd product = upper * lower, other_product = other_upper * other_lower;
  const vd whole = reciprocal(product * other_product);
  const vd part = whole * other_product, other_part = whole * product;
  *first = near_part(r, inverse, reduced, other_scaled, upper, lower, lower * part, upper * part, fills);
  *second = near_part(r, inverse, other_reduced, scaled, other_upper, other_lower, other_lower * other_part,
                      other_upper * other_part, fills);
}

// (x/(1 − x²) − artanh x)/x³ of z = x², 0 ≤ z ≤ 0.45².
FN vd far_shape(vd z) {
  const vd z2 = z * z, z4 = z2 * z2;
  const vd a = 0x1.5555555555555p-1 + z * 0x1.9999999999a0dp-1;
  const vd b = 0x1.b6db6db6d26aap-1 + z * 0x1.c71c71cb89b7ep-1;
  const vd c = 0x1.d1745bf586a38p-1 + z * 0x1.d89db6169d1a0p-1;
  const vd d = 0x1.ddd9819f429e5p-1 + z * 0x1.e22c335c68808p-1;
  const vd e = 0x1.e1a0626b4d1e2p-1 + z * 0x1.01ebed6e0abbfp+0;
  const vd f = 0x1.48de19ddcc004p-1 + z * 0x1.14959d7402930p+1;
  const vd g = -0x1.e650146c9033cp+0 + z * 0x1.213b416ce41fcp+2;
  return ((a + z2 * b) + z4 * (c + z2 * d)) + (z4 * z4) * ((e + z2 * f) + z4 * g);
}

// The same for both atoms of a pair whose spheres do not touch, where L = r − s: I = (x/(1 − x²) − artanh x)/(2r),
// x = s/r ≤ 0.45, without a logarithm.
FN void far_parts(vd inverse, double scaled, double other_scaled, born_part *first, born_part *second) {
  const vd x = other_scaled * inverse, y = scaled * inverse;
  const vd p = x * x, q = y * y, rest = 1.0 - p, other_rest = 1.0 - q;
  const vd whole = reciprocal(rest * other_rest);
  const vd a = whole * other_rest, b = whole * rest;
  const vd half = 0.5 * inverse, square = inverse * inverse;
  const vd u = half * x * p, v = half * y * q, shape = far_shape(p), other_shape = far_shape(q);
  *first = (born_part){u * shape, -(u * square) * (shape + 2.0 * a * a)};
  *second = (born_part){v * other_shape, -(v * square) * (other_shape + 2.0 * b * b)};
}

FN born_part pick_part(vl mask, born_part a, born_part b) {
  return (born_part){pick(mask, a.value, b.value), pick(mask, a.slope, b.slope)};
}

// `reaches`: for each pair the distance from which on it is far.
FN void born_integrals(int atoms, const int32_t *rows, const double *atom_parameters, const double *reaches, int fills,
                       const vd *x, kept_pair *kept, kept_atom *per_atom) {
  for (int i = 0; i < atoms; i++) per_atom[i].integral = splat(0);
  for (int i = 0; i < atoms; i++) {
    const int partners = rows[0] + rows[1] + rows[2];
    const double reduced = atom_parameters[i * ATOM_PARAMETERS + REDUCED];
    const double scaled = atom_parameters[i * ATOM_PARAMETERS + SCALED];
    const v3 own = at(x + 3 * i);
    vd sum = splat(0);
    rows += 3;
    for (int n = 0; n < partners; n++, rows++, kept++, reaches++) {
      const int j = *rows;
      const double other_scaled = atom_parameters[j * ATOM_PARAMETERS + SCALED];
      const v3 d = difference(own, at(x + 3 * j));
      const vd r2 = dot(d, d), inverse = inverse_root(r2), r = r2 * inverse;
      kept->r2 = r2;
      kept->inverse = inverse;
      // Each lane takes what its own distance asks for, whatever the others do.
      const vl far = r > *reaches;
      born_part first, second;
      if (all(far)) {
        far_parts(inverse, scaled, other_scaled, &first, &second);
      } else {
        const double other_reduced = atom_parameters[j * ATOM_PARAMETERS + REDUCED];
        near_parts(r, inverse, reduced, scaled, other_reduced, other_scaled, fills, &first, &second);
        if (any(far)) {
          born_part far_first, far_second;
          far_parts(inverse, scaled, other_scaled, &far_first, &far_second);
          first = pick_part(far, far_first, first);
          second = pick_part(far, far_second, second);
        }
      }
      sum += first.value;
      per_atom[j].integral += second.value;
      kept->first = first.slope;
      kept->second = second.slope;
    }
    per_atom[i].integral += sum;
  }
}

// Born radii 1/B = 1/ρ − tanh(α ψ − β ψ² + γ ψ³)/R, ψ = ρ I (Onufriev, Bashford and Case 2004, Proteins 55, 383), and
// what depends on one radius alone: −½ k τ q²/B, and g (R + 0.14 nm)² (R/B)⁶ (Schaefer, Bartels and Karplus 1998,
// J. Mol. Biol. 284, 835).
FN void born_radii(int atoms, const double *parameters, const ck_molecule *molecule, kept_atom *per_atom,
                   vd *polarization, vd *surface) {
  vd own = splat(0), area = splat(0);
  for (int i = 0; i < atoms; i++, parameters += ATOM_PARAMETERS) {
    const double a = molecule->alpha, b = molecule->beta, c = molecule->gamma;
    const double radius = parameters[RADIUS], reduced = parameters[REDUCED];
    const vd psi = reduced * per_atom[i].integral;
    const vd level = hyperbolic_tangent(psi * (a - psi * (b - psi * c)));
    const vd inverse = 1.0 / reduced - level / radius, born = 1.0 / inverse;
    const vd slope = a - psi * (2.0 * b - 3.0 * c * psi);
    per_atom[i].radius_slope = born * born * (1.0 - level * level) * slope * (reduced / radius);
    per_atom[i].integral = inverse;
    per_atom[i].born = born;
    const vd share = 0.5 * parameters[SELF] * inverse;
    const vd ratio = radius * inverse, cube = ratio * ratio * ratio;
    const vd patch = parameters[SURFACE] * cube * cube;
    own -= share;
    area += patch;
    per_atom[i].by_radius = (share - 6.0 * patch) * inverse;
  }
  *polarization += own;
  *surface += area;
}

// The pairs of one part of a row. `interacts`: Lennard-Jones A/r¹² − B/r⁶ and Coulomb k_e q_i q_j/r. `solvated`:
// −k τ q_i q_j/f, f² = r² + B_i B_j exp(−r²/(4 B_i B_j)) (Still et al. 1990, J. Am. Chem. Soc. 112, 6127).
FN void pair_energies(int interacts, int solvated, int count, int i, const int32_t *partners, const double *parameters,
                      const vd *x, kept_pair *kept, kept_atom *per_atom, vd *lennard_jones, vd *coulomb,
                      vd *polarization, vd *by_radius) {
  const v3 own = at(x + 3 * i);
  const vd inverse_born = per_atom[i].integral, born = per_atom[i].born;
  for (int n = 0; n < count; n++) {
    const int j = partners[n];
    vd r2, inverse, slope = splat(0);
    if (solvated) {
      r2 = kept[n].r2;
      inverse = kept[n].inverse;
    } else {
      const v3 d = difference(own, at(x + 3 * j));
      r2 = dot(d, d);
      inverse = inverse_root(r2);
    }
    if (interacts) {
      const vd square = inverse * inverse;
      // A pair without an interaction has none at r = 0 either, where 0 · ∞ would be NaN.
      const vd limited = pick(parameters[3] < square, splat(parameters[3]), square);
      const vd sixth = limited * limited * limited;
      const vd repulsive = parameters[0] * sixth;
      const vd electric = parameters[2] * pick(parameters[4] < inverse, splat(parameters[4]), inverse);
      *lennard_jones += sixth * (repulsive - parameters[1]);
      *coulomb += electric;
      slope = (sixth * (12.0 * repulsive - 6.0 * parameters[1]) + electric) * square;
    }
    if (solvated) {
      const double charges = parameters[interacts ? 5 : 0];
      const vd exponent = 0.25 * r2 * (inverse_born * per_atom[j].integral);
      const vd damping = exponential(-exponent);
      const vd product = born * per_atom[j].born;
      const vd softened = inverse_root(r2 + product * damping);
      const vd energy = charges * softened;
      const vd by_square = 0.5 * energy * softened * softened;
      const vd by_product = by_square * damping * (1.0 + exponent);
      *polarization -= energy;
      slope -= 2.0 * by_square * (1.0 - 0.25 * damping);
      *by_radius += by_product * per_atom[j].born;
      per_atom[j].by_radius += by_product * born;
    }
    kept[n].slope = slope;
    parameters += (interacts ? 5 : 0) + 1;
  }
}

FN void pair_forces(int solvated, int atoms, const int32_t *rows, const vd *x, const kept_pair *kept,
                    const kept_atom *per_atom, vd *f) {
  for (int i = 0; i < atoms; i++) {
    const int partners = solvated ? rows[0] + rows[1] + rows[2] : rows[0] + rows[1];
    const vd by_integral = per_atom[i].by_radius;
    const v3 own = at(x + 3 * i);
    v3 sum = {splat(0), splat(0), splat(0)};
    for (int n = 0; n < partners; n++, kept++) {
      const int j = rows[3 + n];
      vd slope = kept->slope;
      if (solvated) slope -= by_integral * kept->first + per_atom[j].by_radius * kept->second;
      const v3 force = times(slope, difference(own, at(x + 3 * j)));
      sum = plus(sum, force);
      take_from(f + 3 * j, force);
    }
    add_to(f + 3 * i, sum);
    rows += 3 + rows[0] + rows[1] + rows[2];
  }
}

// Adds to six energies: distant and 1–4 Lennard-Jones, distant and 1–4 Coulomb, polarization, surface area.
FN void pairs(int solvated, int fills, const ck_molecule *molecule, const int32_t *rows, const double *parameters,
              const vd *x, vd *f, kept_pair *kept, kept_atom *per_atom, vd *energies) {
  const int atoms = molecule->atoms;
  if (solvated) {
    const double *atom_parameters = parameters, *reaches = atom_parameters + ATOM_PARAMETERS * atoms;
    parameters = reaches + atoms * (atoms - 1) / 2;
    born_integrals(atoms, rows, atom_parameters, reaches, fills, x, kept, per_atom);
    born_radii(atoms, atom_parameters, molecule, per_atom, energies + 4, energies + 5);
  }
  vd distant_lj = splat(0), scaled_lj = splat(0), distant_coulomb = splat(0), scaled_coulomb = splat(0),
     polarization = splat(0);
  const int32_t *row = rows;
  kept_pair *pair = kept;
  for (int i = 0; i < atoms; i++) {
    const int distant = row[0], scaled = row[1], silent = row[2];
    vd by_radius = splat(0);
    row += 3;
    pair_energies(1, solvated, distant, i, row, parameters, x, pair, per_atom, &distant_lj, &distant_coulomb,
                  &polarization, &by_radius);
    row += distant, pair += distant, parameters += 6 * distant;
    pair_energies(1, solvated, scaled, i, row, parameters, x, pair, per_atom, &scaled_lj, &scaled_coulomb,
                  &polarization, &by_radius);
    row += scaled, pair += scaled, parameters += 6 * scaled;
    if (solvated) {
      pair_energies(0, 1, silent, i, row, parameters, x, pair, per_atom, &scaled_lj, &scaled_coulomb, &polarization,
                    &by_radius);
      pair += silent;
      per_atom[i].by_radius += by_radius;
    }
    row += silent, parameters += silent;
  }
  energies[0] += distant_lj;
  energies[1] += scaled_lj;
  energies[2] += distant_coulomb;
  energies[3] += scaled_coulomb;
  energies[4] += polarization;
  if (solvated)
    for (int i = 0; i < atoms; i++) per_atom[i].by_radius *= per_atom[i].radius_slope;
  pair_forces(solvated, atoms, rows, x, kept, per_atom, f);
}
