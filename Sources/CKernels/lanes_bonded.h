// Bonds, angles and torsions of eight conformations, part of lanes_source.h. x and f are [atoms, 3]
// vectors; every term adds to f.

// ½ k (r − r₀)².
FN vr bond_energy(int count, const ck_bond *bonds, const vr *x, vr *f) {
  vr energy = splat(0);
  for (int n = 0; n < count; n++) {
    const ck_bond bond = bonds[n];
    const v3 d = minus(x + 3 * bond.i, x + 3 * bond.j);
    const vr r = root(dot(d, d)), stretch = r - bond.length;
    energy += 0.5 * bond.stiffness * stretch * stretch;
    const v3 force = times(-bond.stiffness * stretch * reciprocal(r), d);
    add_to(f + 3 * bond.i, force);
    take_from(f + 3 * bond.j, force);
  }
  return energy;
}

// ½ k (θ − θ₀)² with arms a, b, normal n = a × b and θ = atan2(|n|, a·b), which is exact near 0 and
// π where an arc cosine is not; ∂θ/∂a = (a × n)/(a² |n|), ∂θ/∂b = (n × b)/(b² |n|). No force where
// the arms are in line: there no direction is better than another.
FN vr angle_energy(int count, const ck_angle *angles, const vr *x, vr *f) {
  vr energy = splat(0);
  for (int n = 0; n < count; n++) {
    const ck_angle angle = angles[n];
    const v3 a = minus(x + 3 * angle.i, x + 3 * angle.j), b = minus(x + 3 * angle.k, x + 3 * angle.j);
    const v3 normal = cross(a, b);
    const vr nn = dot(normal, normal), sine = root(nn);
    const vr bend = angle_of(sine, dot(a, b)) - angle.angle;
    energy += 0.5 * angle.stiffness * bend * bend;
    const vr slope = pick(nn == 0, splat(0), -angle.stiffness * bend * reciprocal(sine));
    const v3 first = times(slope * reciprocal(dot(a, a)), cross(a, normal));
    const v3 third = times(slope * reciprocal(dot(b, b)), cross(normal, b));
    add_to(f + 3 * angle.i, first);
    add_to(f + 3 * angle.k, third);
    take_from(f + 3 * angle.j, plus(first, third));
  }
  return energy;
}

// A dihedral: bond vectors a, b, c, m = a × b, n = b × c, cos φ = m·n/(|m||n|) and
// sin φ = |b| a·n/(|m||n|). Where three atoms are in line φ has no value: it is taken as 0.
typedef struct {
  v3 a, b, c, m, n;
  vr mm, nn, bb, length;
  vl line;
  vr cosine, sine;
} dihedral_shape;

FN dihedral_shape dihedral_of(const vr *x, int i, int j, int k, int l) {
  dihedral_shape s;
  s.a = minus(x + 3 * j, x + 3 * i), s.b = minus(x + 3 * k, x + 3 * j), s.c = minus(x + 3 * l, x + 3 * k);
  s.m = cross(s.a, s.b), s.n = cross(s.b, s.c);
  s.mm = dot(s.m, s.m), s.nn = dot(s.n, s.n), s.bb = dot(s.b, s.b);
  s.line = s.mm * s.nn == 0;
  s.length = root(s.bb);
  const vr scale = inverse_root(s.mm * s.nn);
  s.cosine = pick(s.line, splat(1), dot(s.m, s.n) * scale);
  s.sine = pick(s.line, splat(0), s.length * dot(s.a, s.n) * scale);
  return s;
}

// Adds the forces of a dihedral for `slope`, −∂U/∂φ. Those on the ends are along m and n (Blondel and
// Karplus 1996, J. Comput. Chem. 17, 1132), free of 1/sin φ; none where three atoms are in line.
FN void add_dihedral_forces(dihedral_shape s, vr slope, int i, int j, int k, int l, vr *f) {
  slope = pick(s.line, splat(0), slope * s.length);
  const v3 first = times(-slope * reciprocal(pick(s.line, splat(1), s.mm)), s.m);
  const v3 last = times(slope * reciprocal(pick(s.line, splat(1), s.nn)), s.n);
  const vr inverse = pick(s.line, splat(0), reciprocal(s.bb));
  const v3 shift = difference(times(dot(s.a, s.b) * inverse, first), times(dot(s.c, s.b) * inverse, last));
  add_to(f + 3 * i, first);
  take_from(f + 3 * j, plus(first, shift));
  take_from(f + 3 * k, difference(last, shift));
  add_to(f + 3 * l, last);
}

// Σ_n (a_n cos nφ + b_n sin nφ); multiples of φ come from powers of cos φ + i sin φ, so no arc
// function is needed.
FN vr torsion_energy(int count, const ck_dihedral *dihedrals, const ck_harmonic *harmonics, const vr *x, vr *f) {
  vr energy = splat(0);
  for (int n = 0; n < count; n++) {
    const ck_dihedral torsion = dihedrals[n];
    const dihedral_shape shape = dihedral_of(x, torsion.i, torsion.j, torsion.k, torsion.l);
    const vr cosine = shape.cosine, sine = shape.sine;
    vr multiple_cosine = cosine, multiple_sine = sine, slope = splat(0);
    energy += torsion.constant;
    const ck_harmonic *harmonic = harmonics + torsion.first_harmonic;
    for (int multiple = 1; multiple <= torsion.harmonics; multiple++, harmonic++) {
      energy += harmonic->cosine * multiple_cosine + harmonic->sine * multiple_sine;
      slope += (double)multiple * (harmonic->cosine * multiple_sine - harmonic->sine * multiple_cosine);
      const vr next = multiple_cosine * cosine - multiple_sine * sine;
      multiple_sine = multiple_sine * cosine + multiple_cosine * sine;
      multiple_cosine = next;
    }
    add_dihedral_forces(shape, slope, torsion.i, torsion.j, torsion.k, torsion.l, f);
  }
  return energy;
}
