// Born radii, part of lanes_source.h and of singles_source.h: the integrals, a sum over the pairs j <
// i, and the radii.

// What one atom's sphere adds to another atom's integral, and its derivative by the distance, over
// the distance.
typedef struct {
  vr value, slope;
} born_term;

// The limits of an integral and their reciprocals: U = r + s, L = max(ρ, |r − s|).
typedef struct {
  vr upper, lower, inverse_upper, inverse_lower;
} born_limits;

// A sphere of radius s at distance r from an atom of radius ρ:
//   I = ½ [1/L − 1/U + ¼ (r − s²/r)(1/U² − 1/L²) + ½ ln(L/U)/r],
// nothing where U ≤ ρ (Hawkins, Cramer and Truhlar 1996, J. Phys. Chem. 100, 19824). The
// derivatives by U and L vanish, but for L = s − r, where the one by L is −1/L². There the inner
// sphere, if it counts, adds 1/ρ − 1/L, which cancels it.
FN born_term near_term(vr r, vr inverse, real reduced, real scaled, born_limits limits, int fills) {
  const vr inverse_upper = limits.inverse_upper, inverse_lower = limits.inverse_lower;
  const vr squares = inverse_upper * inverse_upper - inverse_lower * inverse_lower;
  const vr ratio = (scaled * scaled) * inverse;
  const vr log_term = logarithm(limits.lower * inverse_upper) * inverse;
  vr value = 0.5 * ((inverse_lower - inverse_upper) + 0.25 * (r - ratio) * squares + 0.5 * log_term);
  vr derivative = 0.125 * (1.0 + ratio * inverse) * squares - 0.25 * log_term * inverse;
  const vl inside = scaled - r > reduced;
  if (fills)
    value += pick(inside, 1.0 / reduced - inverse_lower, splat(0));
  else
    derivative += pick(inside, inverse_lower * inverse_lower, splat(0));
  const vl reaches = limits.upper > reduced;
  return (born_term){pick(reaches, value, splat(0)), pick(reaches, derivative * inverse, splat(0))};
}

// The same for both atoms of a pair at any distance.
FN void near_terms(vr r, vr inverse, born_atom own, born_atom other, int fills, born_term *first, born_term *second) {
  const vr upper = r + other.scaled, below = absolute(r - other.scaled);
  const vr lower = pick(below > own.reduced, below, splat(own.reduced));
  const vr other_upper = r + own.scaled, other_below = absolute(r - own.scaled);
  const vr other_lower = pick(other_below > other.reduced, other_below, splat(other.reduced));
  // One reciprocal for four.
  const vr product = upper * lower, other_product = other_upper * other_lower;
  const vr whole = reciprocal(product * other_product);
  const vr rest = whole * other_product, other_rest = whole * product;
  const born_limits limits = {upper, lower, lower * rest, upper * rest};
  const born_limits other_limits = {other_upper, other_lower, other_lower * other_rest, other_upper * other_rest};
  *first = near_term(r, inverse, own.reduced, other.scaled, limits, fills);
  *second = near_term(r, inverse, other.reduced, own.scaled, other_limits, fills);
}

// The same for both atoms of a pair whose spheres do not touch, where L = r − s:
// I = (x/(1 − x²) − artanh x)/(2r), x = s/r ≤ CK_FAR_RATIO, without a logarithm (far_shape).
FN void far_terms(vr inverse, real scaled, real other_scaled, born_term *first, born_term *second) {
  const vr x = other_scaled * inverse, y = scaled * inverse;
  const vr p = x * x, q = y * y, rest = 1.0 - p, other_rest = 1.0 - q;
  const vr whole = reciprocal(rest * other_rest);
  const vr a = whole * other_rest, b = whole * rest;
  const vr half = 0.5 * inverse, square = inverse * inverse;
  const vr u = half * x * p, v = half * y * q, shape = far_shape(p), other_shape = far_shape(q);
  *first = (born_term){u * shape, -(u * square) * (shape + 2.0 * a * a)};
  *second = (born_term){v * other_shape, -(v * square) * (other_shape + 2.0 * b * b)};
}

FN born_term pick_term(vl mask, born_term a, born_term b) {
  return (born_term){pick(mask, a.value, b.value), pick(mask, a.slope, b.slope)};
}

// Adds the necks of a pair (Mongan et al. 2007, J. Chem. Theory Comput. 3, 156).
FN void add_necks(vr r, vr inverse, neck_terms neck, born_term *first, born_term *second) {
  const vl near = r <= neck.reach;
  if (!any(near)) return;
  const vr d = r - neck.first_distance, e = r - neck.second_distance;
  const vr d2 = d * d, e2 = e * e, d4 = d2 * d2, e4 = e2 * e2;
  const vr below = 1.0 + d2 * (100.0 + 3e5 * d4), other_below = 1.0 + e2 * (100.0 + 3e5 * e4);
  const vr whole = reciprocal(below * other_below);
  const vr a = whole * other_below, b = whole * below;
  const vr u = neck.first_size * a, v = neck.second_size * b;
  const vr slope = u * a * d * (200.0 + 18e5 * d4), other_slope = v * b * e * (200.0 + 18e5 * e4);
  first->value += pick(near, u, splat(0));
  first->slope -= pick(near, slope * inverse, splat(0));
  second->value += pick(near, v, splat(0));
  second->slope -= pick(near, other_slope * inverse, splat(0));
}

// The integrals of all atoms, and of each pair the distance and the slopes.
FN void born_integrals(const nonbonded *molecule, int fills, int necks, lane_scratch scratch) {
  const int atoms = molecule->atom_count;
  const ck_row *rows = molecule->rows;
  const born_atom *born = molecule->born_atoms;
  const int32_t *partner = molecule->partners;
  const real *reach = molecule->reaches;
  const neck_terms *neck = molecule->necks;
  kept_pair *kept = scratch.pairs;
  for (int i = 0; i < atoms; i++) scratch.atoms[i].integral = splat(0);
  for (int i = 0; i < atoms; i++) {
    const int partners = rows[i].distant + rows[i].scaled + rows[i].excluded;
    const born_atom own = born[i];
    const v3 place = at(scratch.x + 3 * i);
    vr sum = splat(0);
    for (int n = 0; n < partners; n++, partner++, reach++, kept++) {
      const int j = *partner;
      const born_atom other = born[j];
      const v3 d = difference(place, at(scratch.x + 3 * j));
      const vr r2 = dot(d, d), inverse = inverse_root(r2), r = r2 * inverse;
      kept->r2 = r2;
      kept->inverse = inverse;
      // Each lane takes what its own distance asks for, whatever the others do.
      const vl far = r > *reach;
      born_term first, second;
      if (all(far)) {
        far_terms(inverse, own.scaled, other.scaled, &first, &second);
      } else {
        near_terms(r, inverse, own, other, fills, &first, &second);
        if (any(far)) {
          born_term far_first, far_second;
          far_terms(inverse, own.scaled, other.scaled, &far_first, &far_second);
          first = pick_term(far, far_first, first);
          second = pick_term(far, far_second, second);
        }
      }
      if (necks) add_necks(r, inverse, *neck++, &first, &second);
      sum += first.value;
      scratch.atoms[j].integral += second.value;
      kept->first = first.slope;
      kept->second = second.slope;
    }
    scratch.atoms[i].integral += sum;
  }
}

// The share (ε_in/ε_out) exp(−κ f) of an interaction at the distance f that salt leaves to the
// solvent (Srinivasan et al. 1999, Theor. Chem. Acc. 101, 426).
FN vr salt_share(const nonbonded *molecule, vr f) {
  return molecule->dielectric_ratio * exponential(-molecule->inverse_debye_length * f);
}

// Born radii 1/B = 1/ρ − tanh(α ψ − β ψ² + γ ψ³)/R, ψ = ρ I (Onufriev, Bashford and Case 2004,
// Proteins 55, 383), or 1/B = 1/ρ − I, and what depends on one radius alone: −½ k τ q²/B, with salt
// −½ k q²/ε_in (1 − salt_share(B))/B, and g (R + 0.14 nm)² (R/B)⁶ (Schaefer, Bartels and Karplus
// 1998, J. Mol. Biol. 284, 835). Adds to two of the energies.
FN void born_radii(const nonbonded *molecule, int salted, kept_atom *kept, vr *energies) {
  const born_atom *atom = molecule->born_atoms;
  vr own = splat(0), area = splat(0);
  for (int i = 0; i < molecule->atom_count; i++, atom++, kept++) {
    const real a = atom->alpha, b = atom->beta, c = atom->gamma;
    const real radius = atom->radius, reduced = atom->reduced;
    vr inverse, born;
    if (molecule->plain_radii) {
      inverse = 1.0 / reduced - kept->integral;
      born = 1.0 / inverse;
      kept->radius_slope = born * born;
    } else {
      const vr psi = reduced * kept->integral;
      const vr level = hyperbolic_tangent(psi * (a - psi * (b - psi * c)));
      inverse = 1.0 / reduced - level / radius;
      born = 1.0 / inverse;
      const vr slope = a - psi * (2.0 * b - 3.0 * c * psi);
      kept->radius_slope = born * born * (1.0 - level * level) * slope * (reduced / radius);
    }
    kept->integral = inverse;
    kept->born = born;
    const vr whole = 0.5 * atom->self_polarization * inverse;
    vr self = whole, by_radius = whole;
    if (salted) {
      const vr share = salt_share(molecule, born);
      self = whole * (1.0 - share);
      by_radius = self - molecule->inverse_debye_length * whole * share * born;
    }
    const vr ratio = radius * inverse, cube = ratio * ratio * ratio;
    const vr patch = atom->surface_energy * cube * cube;
    own -= self;
    area += patch;
    kept->by_radius = (by_radius - 6.0 * patch) * inverse;
  }
  energies[ck_term_polarization] += own;
  energies[ck_term_surface_area] += area;
}
