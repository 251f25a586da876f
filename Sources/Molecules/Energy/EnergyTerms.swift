import CKernels

/// The potential energy of one conformation, term by term, kJ/mol.
package struct EnergyTerms: Equatable, Sendable {
  package var bond = 0.0
  package var angle = 0.0
  /// Proper dihedrals.
  package var properTorsion = 0.0
  /// Improper dihedrals.
  package var improperTorsion = 0.0
  /// The correction of pairs of torsions by maps (CMAP).
  package var correctionMap = 0.0
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

  /// How many terms the lanes compute.
  static let count = Int(CK_LANE_TERMS.rawValue)

  /// The terms of one conformation, [`CK_LANE_TERMS`] by `ck_term`.
  init(lane values: ArraySlice<Double>) {
    func value(_ term: ck_term) -> Double { values[values.startIndex + Int(term.rawValue)] }
    bond = value(ck_term_bond)
    angle = value(ck_term_angle)
    properTorsion = value(ck_term_proper_torsion)
    improperTorsion = value(ck_term_improper_torsion)
    correctionMap = value(ck_term_cmap)
    distantLennardJones = value(ck_term_distant_lennard_jones)
    lennardJones14 = value(ck_term_lennard_jones_14)
    distantCoulomb = value(ck_term_distant_coulomb)
    coulomb14 = value(ck_term_coulomb_14)
    polarization = value(ck_term_polarization)
    surfaceArea = value(ck_term_surface_area)
  }

  /// Proper and improper dihedrals.
  package var torsion: Double { properTorsion + improperTorsion }
  /// Lennard-Jones of all pairs.
  package var lennardJones: Double { distantLennardJones + lennardJones14 }
  /// Coulomb of all pairs.
  package var coulomb: Double { distantCoulomb + coulomb14 }
  /// The potential energy; infinite or NaN where atoms coincide.
  package var total: Double {
    bond + angle + torsion + lennardJones + coulomb + polarization + surfaceArea + correctionMap
  }
}
