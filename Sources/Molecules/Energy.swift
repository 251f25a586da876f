/// The potential energy of a molecule and the forces on its atoms.
///
/// Everything that does not depend on the positions (the list of interacting pairs, their combined
/// parameters) is prepared once.
package struct Energy: Sendable {
  /// The number of atoms.
  package let atoms: Int

  private let bonds: [HarmonicBond]
  private let angles: [HarmonicAngle]
  private let torsions: [Torsion]
  private let impropers: [Torsion]
  private let distantPairs: [NonbondedPair]
  private let pairs14: [NonbondedPair]
  private let solvation: GeneralizedBorn?

  /// Prepares the energy of a molecule in a solvent.
  ///
  /// - Precondition: The arrays of the force field fit together.
  package init(_ forceField: ForceField, solvent: ImplicitSolvent) {
    forceField.checkShapes()
    atoms = forceField.atoms
    bonds = forceField.bonds
    angles = forceField.angles
    torsions = forceField.torsions
    impropers = forceField.impropers
    distantPairs = forceField.nonbondedPairs
    pairs14 = forceField.scaledPairs
    solvation = GeneralizedBorn(forceField, solvent: solvent)
  }

  /// The energy of one conformation, term by term.
  ///
  /// Never traps on values: atoms in one place, or positions that are not finite, give an infinite or NaN energy.
  ///
  /// - Parameter positions: nm, [atoms].
  package func terms(_ positions: [SIMD3<Double>]) -> EnergyTerms {
    check(positions.count)
    return positions.withUnsafeBufferPointer { positions in
      positions.baseAddress.map { evaluate($0, nil) } ?? EnergyTerms()
    }
  }

  /// The energy of one conformation and the force `−∂U/∂x` on each atom, kJ mol⁻¹ nm⁻¹, [atoms].
  ///
  /// - Parameter positions: nm, [atoms].
  package func termsAndForces(
    _ positions: [SIMD3<Double>]
  ) -> (terms: EnergyTerms, forces: [SIMD3<Double>]) {
    check(positions.count)
    var forces = [SIMD3<Double>](repeating: .zero, count: atoms)
    let terms = forces.withUnsafeMutableBufferPointer { forces in
      positions.withUnsafeBufferPointer { positions in
        positions.baseAddress.map { evaluate($0, forces.baseAddress) } ?? EnergyTerms()
      }
    }
    return (terms, forces)
  }

  /// The one path through all terms, with forces or without.
  private func evaluate(_ x: Positions, _ forces: Forces?) -> EnergyTerms {
    var terms = EnergyTerms()
    for bond in bonds { terms.bond += bond.energy(x, forces) }
    for angle in angles { terms.angle += angle.energy(x, forces) }
    for torsion in torsions { terms.properTorsion += torsion.energy(x, forces) }
    for improper in impropers { terms.improperTorsion += improper.energy(x, forces) }
    (terms.distantLennardJones, terms.distantCoulomb) = sum(distantPairs, x, forces)
    (terms.lennardJones14, terms.coulomb14) = sum(pairs14, x, forces)
    if let solvation {
      (terms.polarization, terms.surfaceArea) = solvation.energy(x, forces)
    }
    return terms
  }

  private func sum(
    _ pairs: [NonbondedPair], _ x: Positions, _ forces: Forces?
  ) -> (lennardJones: Double, coulomb: Double) {
    var (lennardJones, coulomb) = (0.0, 0.0)
    for pair in pairs {
      let energies = pair.energy(x, forces)
      lennardJones += energies.lennardJones
      coulomb += energies.coulomb
    }
    return (lennardJones, coulomb)
  }

  private func check(_ count: Int) {
    precondition(count == atoms, "\(count) positions for \(atoms) atoms")
  }
}
