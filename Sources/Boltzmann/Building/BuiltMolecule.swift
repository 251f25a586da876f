import Kernels
import Molecules
import Reporting
import Runs

/// A molecule that is built in memory, with its parameters and its energy.
struct BuiltMolecule {
  let settings: BuildSettings
  let peptide: Peptide
  let prmtop: Prmtop
  let energy: Energy

  /// Joins the residues and gives them parameters.
  ///
  /// - Throws: `SequenceError`, or `RunError.configuration` for Born radii that the force field has
  ///   not, or that the solvent's model is not made for.
  init(_ settings: BuildSettings) throws {
    let radii = settings.bornRadii
    if radii == .amber99OBC, !settings.forceField.parameters.hasBornRadii {
      throw RunError.configuration(
        source: radii.rawValue,
        problem: "these radii belong to \(AmberForceField.ff99SBILDN.rawValue), not to "
          + settings.forceField.rawValue)
    }
    self.settings = settings
    peptide = try Peptide(settings.sequence, forceField: settings.forceField)
    prmtop = peptide.prmtop(radii: radii)
    try Self.checkNecks(prmtop, settings)
    energy = Energy(prmtop.forceField, solvent: settings.implicitSolvent)
  }

  /// Checks that a model with necks knows them for all radii.
  private static func checkNecks(
    _ prmtop: Prmtop, _ settings: BuildSettings
  ) throws(RunError) {
    let (topology, radii) = (prmtop.topology, prmtop.forceField.radii)
    guard settings.implicitSolvent.bornModel?.neckScale != nil,
      let atom = radii.firstIndex(where: { !BornModel.neckRadii.contains($0) })
    else { return }
    let residue = topology.residueOfAtom[atom]
    throw .configuration(
      source: settings.bornRadii.rawValue,
      problem: "these radii give \(topology.atomNames[atom]) of "
        + "\(topology.residueNames[residue])\(residue + 1) \((10 * radii[atom]).fixed(1)) Å, but "
        + "\(settings.solvent.rawValue) is made for 1 to 2 Å; leave --radii out, or choose another "
        + "--solvent")
  }

  /// In what the molecule, temperature or energy of a system is another one, in words; nil if they
  /// are the same.
  ///
  /// Energies are those of a few conformations, to the digits of a prmtop; handedness and isomers
  /// are those of the start.
  func difference(of system: MolecularSystem) -> String? {
    if system.topology != peptide.topology {
      return moleculeDifference(system.topology, peptide.topology) ?? "other masses"
    }
    let (temperature, wanted) = (system.description.temperature, settings.temperature)
    if temperature != wanted { return "\(kelvin(temperature)) K, not \(kelvin(wanted)) K" }
    if let difference = solventDifference(of: system) { return difference }
    guard
      let own = try? peptide.startStructure(field: prmtop.forceField, energy: energy)
    else { return "no start structure to compare energies with" }
    guard hasEnergies(of: system, near: own) else {
      let found = system.description.forceField ?? "another force field or other radii"
      return "the energies of \(found), not of \(settings.forceField.rawValue), "
        + "\(settings.bornRadii.rawValue) radii"
    }
    // A run that was moved may have no start; then its names have to do.
    guard let path = try? system.startPath(), let start = try? readStart(path, of: system) else {
      return nil
    }
    let stereochemistry = Stereochemistry(peptide.topology)
    guard stereochemistry.isomers(own) == stereochemistry.isomers(start) else {
      return "other amides are cis"
    }
    return stereochemistry.handedness(own) == stereochemistry.handedness(start)
      ? nil : "another handedness"
  }

  private func solventDifference(of system: MolecularSystem) -> String? {
    let wanted = settings.implicitSolvent
    guard let found = try? system.description.solvent(path: system.descriptionPath) else {
      return "an unknown implicit solvent"
    }
    if found.model != wanted.model {
      return "the implicit solvent \(found.model.rawValue), not \(wanted.model.rawValue)"
    }
    if found.inverseDebyeLength != wanted.inverseDebyeLength {
      return "salt with a κ of \(found.inverseDebyeLength.fixed(4)) nm⁻¹, not "
        + "\(wanted.inverseDebyeLength.fixed(4)) nm⁻¹"
    }
    return found == wanted ? nil : "other dielectrics or another surface term"
  }

  /// Whether a system's energies about a minimum are those of the molecule.
  private func hasEnergies(of system: MolecularSystem, near minimum: [SIMD3<Double>]) -> Bool {
    var generator = RandomGenerator(seed: 1, stream: .perturbation)
    // Away from the minimum every parameter shows.
    let distorted = (0..<4).map { frame in
      minimum.map { x in
        x + 0.005 * Double(frame)
          * SIMD3(generator.normal(), generator.normal(), generator.normal())
      }
    }
    return distorted.allSatisfy { x in
      let (own, other) = (energy.terms(x).total, system.energy.terms(x).total)
      // The digits of a prmtop: nine of each parameter.
      return abs(own - other) <= max(1e-3, 1e-6 * abs(own))
    }
  }
}

extension BuildSettings {
  /// In what the molecule, temperature or energy of a system is another one than that of these
  /// settings, in words; nil if they are the same.
  ///
  /// - Throws: `SequenceError`, or `RunError.configuration` where they build nothing.
  package func difference(of system: MolecularSystem) throws -> String? {
    try BuiltMolecule(self).difference(of: system)
  }
}
