/// The potential energy of one conformation, term by term, kJ/mol.
package struct EnergyTerms: Equatable, Sendable {
  package var bond = 0.0
  package var angle = 0.0
  /// Proper dihedrals.
  package var properTorsion = 0.0
  /// Improper dihedrals.
  package var improperTorsion = 0.0
  /// Lennard-Jones between atoms more than three bonds apart.
  package var distantLennardJones = 0.0
  /// Lennard-Jones of the 1–4 pairs.
  package var lennardJones14 = 0.0
  /// Coulomb between atoms more than three bonds apart.
  package var distantCoulomb = 0.0
  /// Coulomb of the 1–4 pairs.
  package var coulomb14 = 0.0
  /// The polarization of the implicit solvent.
  package var polarization = 0.0
  /// The surface-area term of the implicit solvent.
  package var surfaceArea = 0.0

  package init() {}

  /// The terms of one conformation in the order of `CKernels/include/lanes.h`, [10].
  init(lane values: ArraySlice<Double>) {
    let value = { values[values.startIndex + $0] }
    (bond, angle, properTorsion, improperTorsion) = (value(0), value(1), value(2), value(3))
    (distantLennardJones, lennardJones14) = (value(4), value(5))
    (distantCoulomb, coulomb14) = (value(6), value(7))
    (polarization, surfaceArea) = (value(8), value(9))
  }

  /// Proper and improper dihedrals.
  package var torsion: Double { properTorsion + improperTorsion }
  /// Lennard-Jones of all pairs.
  package var lennardJones: Double { distantLennardJones + lennardJones14 }
  /// Coulomb of all pairs.
  package var coulomb: Double { distantCoulomb + coulomb14 }
  /// The potential energy; infinite or NaN where atoms coincide.
  package var total: Double {
    bond + angle + torsion + lennardJones + coulomb + polarization + surfaceArea
  }
}
