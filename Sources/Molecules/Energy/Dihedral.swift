/// All cosines over the same four atoms, `Σ_n (a_n cos nφ + b_n sin nφ)` with `a_n = k cos δ`, `b_n = k sin δ`.
struct Dihedral {
  let atoms: SIMD4<Int32>
  /// `Σ k`, and `Σ k cos δ` of the terms with n = 0.
  var constant = 0.0
  /// `a_n`, `b_n` for n = 1, 2, ….
  var factors: [SIMD2<Double>] = []
}

/// Collects neighbouring terms over the same atoms.
func dihedrals(_ torsions: [Torsion]) -> [Dihedral] {
  var result: [Dihedral] = []
  for torsion in torsions {
    if result.last?.atoms != torsion.atoms { result.append(Dihedral(atoms: torsion.atoms)) }
    let last = result.count - 1
    let (cosine, sine) = torsion.phaseCosineAndSine
    result[last].constant += torsion.barrier
    guard torsion.periodicity > 0 else {
      result[last].constant += torsion.barrier * cosine
      continue
    }
    while result[last].factors.count < torsion.periodicity { result[last].factors.append(.zero) }
    result[last].factors[torsion.periodicity - 1] += torsion.barrier * SIMD2(cosine, sine)
  }
  return result
}
