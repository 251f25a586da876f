import CKernels
import Kernels

/// The potential energy of a molecule and the forces on its atoms, for many conformations at once.
///
/// A group of eight conformations is evaluated together, one in each lane of a vector of doubles.
/// Every lane goes through the same operations: the result for a conformation depends on neither
/// its lane, the other conformations, nor the workers, to the last bit (LaneTests). Everything that
/// does not depend on the positions is prepared once.
package struct Energy: Sendable {
  /// The number of atoms.
  package let atoms: Int
  let molecule: LaneMolecule

  /// The number of conformations in a group.
  package static let lanes = Int(CK_LANES)

  /// Prepares the energy of a molecule in a solvent.
  ///
  /// - Parameter instructions: Others than the best are for comparisons, and end the program where
  ///   the CPU lacks them.
  /// - Precondition: The arrays of the force field fit together.
  package init(
    _ forceField: ForceField, solvent: ImplicitSolvent,
    instructions: VectorInstructions = .best
  ) {
    forceField.checkShapes()
    atoms = forceField.atoms
    molecule = LaneMolecule(forceField, solvent: solvent, instructions: instructions)
  }

  /// The energies of many conformations, on several workers.
  ///
  /// Each term agrees with OpenMM's Reference platform to 1e-3 kJ/mol, or to 1e-6 of a large term
  /// (GoldenEnergyTests). Never traps on values: atoms in one place, or positions that are not
  /// finite, give an infinite or NaN energy.
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  /// - Returns: One entry per frame.
  package func terms(coordinates: [Double], execution: Execution) -> [EnergyTerms] {
    evaluate(coordinates, forces: nil, execution: execution)
  }

  /// The energies of many conformations and the forces `−∂U/∂x`, kJ mol⁻¹ nm⁻¹, [frames, atoms, 3].
  ///
  /// The forces are the numeric gradient of every term to 1e-7 (ForceTests) and agree with OpenMM's
  /// to 1e-2 kJ mol⁻¹ nm⁻¹, or to 1e-6 of a large one (GoldenEnergyTests).
  ///
  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package func termsAndForces(
    coordinates: [Double], execution: Execution
  ) -> (terms: [EnergyTerms], forces: [Double]) {
    var forces = [Double](repeating: 0, count: coordinates.count)
    let terms = forces.withUnsafeMutableBufferPointer {
      evaluate(coordinates, forces: $0.baseAddress, execution: execution)
    }
    return (terms, forces)
  }

  /// The energy of one conformation, term by term.
  ///
  /// - Parameter positions: nm, [atoms].
  package func terms(_ positions: [SIMD3<Double>]) -> EnergyTerms {
    termsAndForces(positions).terms
  }

  /// The energy of one conformation and the force `−∂U/∂x` on each atom, kJ mol⁻¹ nm⁻¹, [atoms].
  ///
  /// - Parameter positions: nm, [atoms].
  package func termsAndForces(
    _ positions: [SIMD3<Double>]
  ) -> (terms: EnergyTerms, forces: [SIMD3<Double>]) {
    precondition(positions.count == atoms, "\(positions.count) positions for \(atoms) atoms")
    let (terms, forces) = termsAndForces(
      coordinates: positions.flatMap { [$0.x, $0.y, $0.z] }, execution: .serial)
    return (
      terms.first ?? EnergyTerms(),
      (0..<atoms).map { SIMD3(forces[3 * $0], forces[3 * $0 + 1], forces[3 * $0 + 2]) }
    )
  }

  private func evaluate(
    _ coordinates: [Double], forces: UnsafeMutablePointer<Double>?, execution: Execution
  ) -> [EnergyTerms] {
    let width = 3 * atoms
    guard width > 0 else { return [] }
    precondition(
      coordinates.count % width == 0, "\(coordinates.count) coordinates, \(atoms) atoms")
    let frames = coordinates.count / width
    let framesPerTask = Self.lanes * Tuning.groupsPerTask
    var values = [Double](repeating: 0, count: frames * EnergyTerms.count)
    values.withUnsafeMutableBufferPointer { values in
      coordinates.withUnsafeBufferPointer { coordinates in
        // Every task has its own stretch of each.
        nonisolated(unsafe) let (values, coordinates, forces) = (values, coordinates, forces)
        parallel((frames + framesPerTask - 1) / framesPerTask, workers: execution.workers) { task in
          guard let values = values.baseAddress, let coordinates = coordinates.baseAddress else {
            return
          }
          let first = task * framesPerTask
          molecule.energies(
            frames: min(framesPerTask, frames - first), coordinates: coordinates + first * width,
            terms: values + first * EnergyTerms.count, forces: forces.map { $0 + first * width })
        }
      }
    }
    return (0..<frames).map { frame in
      let first = frame * EnergyTerms.count
      return EnergyTerms(lane: values[first..<first + EnergyTerms.count])
    }
  }
}
