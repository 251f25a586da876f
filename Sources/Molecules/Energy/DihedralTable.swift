import CKernels

/// The dihedrals as the lanes read them: all cosines over the same four atoms are one entry,
/// `constant + Σ_n (a_n cos nφ + b_n sin nφ)` with `a_n = Σ k cos δ`, `b_n = Σ k sin δ`.
struct DihedralTable {
  let proper: [ck_dihedral]
  let improper: [ck_dihedral]
  /// `a_n`, `b_n` for n = 1, 2, … of each dihedral, one after another.
  let harmonics: [ck_harmonic]

  /// Collects neighbouring terms over the same atoms.
  init(proper: [Torsion], improper: [Torsion]) {
    var harmonics: [ck_harmonic] = []
    self.proper = collect(proper, into: &harmonics)
    self.improper = collect(improper, into: &harmonics)
    self.harmonics = harmonics
  }
}

private func collect(_ torsions: [Torsion], into harmonics: inout [ck_harmonic]) -> [ck_dihedral] {
  var dihedrals: [ck_dihedral] = []
  var last: SIMD4<Int32>?
  for torsion in torsions {
    if torsion.atoms != last {
      let atoms = torsion.atoms
      dihedrals.append(
        ck_dihedral(
          i: atoms.x, j: atoms.y, k: atoms.z, l: atoms.w, first_harmonic: Int32(harmonics.count),
          harmonics: 0, constant: 0))
      last = atoms
    }
    let index = dihedrals.count - 1
    let (cosine, sine) = torsion.phaseCosineAndSine
    dihedrals[index].constant += torsion.barrier
    guard torsion.periodicity > 0 else {
      dihedrals[index].constant += torsion.barrier * cosine
      continue
    }
    while dihedrals[index].harmonics < torsion.periodicity {
      harmonics.append(ck_harmonic(cosine: 0, sine: 0))
      dihedrals[index].harmonics += 1
    }
    let place = Int(dihedrals[index].first_harmonic) + torsion.periodicity - 1
    harmonics[place].cosine += torsion.barrier * cosine
    harmonics[place].sine += torsion.barrier * sine
  }
  return dihedrals
}
