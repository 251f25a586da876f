// Corrections of two torsions at once by a map, part of lanes_source.h.

// Where the angle of (cos φ, sin φ) lies among `size` equal cells of −π … π: the cell, and how far
// into it, 0 … 1. A value that is no number lies in the first cell.
FN vr cell_of(dihedral_shape s, double size, vr *inside) {
  const vr arc = angle_of(absolute(s.sine), s.cosine);
  const vr place = (pick(s.sine < 0, -arc, arc) * 0x1.45f306dc9c883p-3 + 0.5) * size;
  const vr whole = __builtin_elementwise_floor(place);
  const vr cell = pick(place > 0, pick(place < size, whole, splat(size - 1)), splat(0));
  *inside = place - cell;
  return cell;
}

// Σ_pq c_pq uᵖ vᵠ of the cell that holds (φ, ψ): the periodic bicubic spline of the map (MacKerell,
// Feig and Brooks 2004, J. Comput. Chem. 25, 1400).
APART void cmap_energy(int count, const ck_cmap *cmaps, const vr *x, vr *f, vr *total) {
  vr energy = splat(0);
  for (int n = 0; n < count; n++) {
    const ck_cmap cmap = cmaps[n];
    const dihedral_shape phi = dihedral_of(x, cmap.i, cmap.j, cmap.k, cmap.l);
    const dihedral_shape psi = dihedral_of(x, cmap.j, cmap.k, cmap.l, cmap.m);
    vr u, v;
    const vr cell = cell_of(phi, cmap.size, &u) * (double)cmap.size + cell_of(psi, cmap.size, &v);
    vr c[16];
    for (int lane = 0; lane < CK_LANES; lane++) {
      const double *own = cmap.cells + 16 * (size_t)cell[lane];
      for (int k = 0; k < 16; k++) c[k][lane] = own[k];
    }
    vr value = splat(0), by_u = splat(0), by_v = splat(0);
    for (int p = 3; p >= 0; p--) {
      const vr *row = c + 4 * p;
      const vr sum = row[0] + v * (row[1] + v * (row[2] + v * row[3]));
      by_u = by_u * u + value;
      value = value * u + sum;
      by_v = by_v * u + (row[1] + v * (2.0 * row[2] + 3.0 * v * row[3]));
    }
    energy += value;
    const double scale = cmap.size * 0x1.45f306dc9c883p-3;
    add_dihedral_forces(phi, -scale * by_u, cmap.i, cmap.j, cmap.k, cmap.l, f);
    add_dihedral_forces(psi, -scale * by_v, cmap.j, cmap.k, cmap.l, cmap.m, f);
  }
  *total = energy;
}
