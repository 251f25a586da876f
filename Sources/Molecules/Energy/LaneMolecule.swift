import CKernels

/// A molecule as the lanes read it, `ck_molecule` of `CKernels/include/lanes.h`: arrays of C
/// structs, which belong to this object and never change.
final class LaneMolecule: @unchecked Sendable {
  private let molecule: ck_molecule
  private let corrections: CorrectionMapTable

  /// Lays out all terms of the energy.
  init(_ forceField: ForceField, solvent: ImplicitSolvent, instructions: VectorInstructions) {
    let solvation = GeneralizedBorn(forceField, solvent: solvent)
    let dihedrals = DihedralTable(proper: forceField.torsions, improper: forceField.impropers)
    let pairs = PairTable(forceField, solvation: solvation)
    corrections = CorrectionMapTable(forceField)
    molecule = ck_molecule(
      target: instructions.target, atom_count: Int32(forceField.atoms),
      bond_count: Int32(forceField.bonds.count), angle_count: Int32(forceField.angles.count),
      torsion_count: Int32(dihedrals.proper.count), improper_count: Int32(dihedrals.improper.count),
      cmap_count: Int32(corrections.terms.count),
      bonds: copy(forceField.bonds.map(ck_bond.init)),
      angles: copy(forceField.angles.map(ck_angle.init)), torsions: copy(dihedrals.proper),
      impropers: copy(dihedrals.improper), harmonics: copy(dihedrals.harmonics),
      cmaps: copy(corrections.terms),
      rows: copy(pairs.rows), partners: copy(pairs.partners), pairs: copy(pairs.pairs),
      reaches: copy(pairs.reaches), born_atoms: (solvation?.atoms).map(copy),
      necks: pairs.necks.isEmpty ? nil : copy(pairs.necks),
      fills_inner_sphere: solvation?.model.fillsInnerSphere == true ? 1 : 0,
      plain_radii: solvation?.model.curve == .plain ? 1 : 0,
      inverse_debye_length: solvation?.inverseDebyeLength ?? 0,
      dielectric_ratio: solvation?.dielectricRatio ?? 0)
  }

  deinit {
    molecule.bonds.deallocate()
    molecule.angles.deallocate()
    molecule.torsions.deallocate()
    molecule.impropers.deallocate()
    molecule.harmonics.deallocate()
    molecule.cmaps.deallocate()
    molecule.rows.deallocate()
    molecule.partners.deallocate()
    molecule.pairs.deallocate()
    molecule.reaches.deallocate()
    molecule.born_atoms?.deallocate()
    molecule.necks?.deallocate()
  }

  /// Runs `body` with the molecule and the scratch memory that one call at a time needs.
  private func withScratch<Result>(
    _ body: (UnsafePointer<ck_molecule>, UnsafeMutableRawPointer) -> Result
  ) -> Result {
    withUnsafePointer(to: molecule) { molecule in
      // The lanes' vectors are 64 bytes.
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: ck_lanes_scratch(molecule), alignment: 64)
      defer { scratch.deallocate() }
      return body(molecule, scratch)
    }
  }
}

extension LaneMolecule {
  /// Energies, and forces if they are wanted, of any number of conformations.
  ///
  /// - Parameters:
  ///   - coordinates: nm, [frames, atoms, 3].
  ///   - terms: kJ/mol, [frames, `CK_LANE_TERMS`].
  ///   - forces: kJ mol⁻¹ nm⁻¹, [frames, atoms, 3].
  func energies(
    frames: Int, coordinates: UnsafePointer<Double>, terms: UnsafeMutablePointer<Double>,
    forces: UnsafeMutablePointer<Double>?
  ) {
    let width = 3 * Int(molecule.atom_count)
    withScratch { molecule, scratch in
      for first in stride(from: 0, to: frames, by: Energy.lanes) {
        ck_lanes_energies(
          molecule, Int32(min(Energy.lanes, frames - first)), coordinates + first * width,
          terms + first * EnergyTerms.count, forces.map { $0 + first * width }, scratch)
      }
    }
  }

  /// Steps of Langevin dynamics of one or two groups of eight walkers, `ck_lanes_langevin`.
  ///
  /// - Parameter masses: u, [atoms].
  func langevin(
    _ settings: ck_langevin, masses: [Double], walkers: ck_walkers, groups: Int, step: Int,
    steps: Int
  ) {
    withScratch { molecule, scratch in
      withUnsafePointer(to: settings) { settings in
        withUnsafePointer(to: walkers) { walkers in
          ck_lanes_langevin(
            molecule, settings, masses, walkers, Int32(groups), UInt64(step), Int32(steps), scratch)
        }
      }
    }
  }
}

extension ck_bond {
  fileprivate init(_ bond: HarmonicBond) {
    self.init(i: bond.atoms.x, j: bond.atoms.y, length: bond.length, stiffness: bond.stiffness)
  }
}

extension ck_angle {
  fileprivate init(_ angle: HarmonicAngle) {
    self.init(
      i: angle.atoms.x, j: angle.atoms.y, k: angle.atoms.z, angle: angle.angle,
      stiffness: angle.stiffness)
  }
}

/// The elements in memory of their own, to be deallocated by the caller.
private func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
  let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
  memory.initialize(from: elements, count: elements.count)
  return UnsafePointer(memory)
}
