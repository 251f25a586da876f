/// The atoms and bonds of a peptide, as the residues of a force field make them.
package struct Peptide: Sendable {
  package let sequence: PeptideSequence
  package let forceField: AmberForceField
  /// Residues have the names of the force field, without the mark of a charged end; D-residues those
  /// of the PDB.
  package let topology: Topology
  /// The residues with their atoms, [residues].
  let templates: [ResidueTemplate]
  /// The first atom of each residue, [residues].
  let firstAtoms: [Int]

  /// Joins the residues: C of each to N of the next, and the sulfurs of a disulfide.
  ///
  /// Atoms have the order and the names that tleap and OpenMM give them (PeptideTests).
  ///
  /// - Throws: ``SequenceError`` where the force field has no such residue.
  package init(
    _ sequence: PeptideSequence, forceField: AmberForceField
  ) throws(SequenceError) {
    self.sequence = sequence
    self.forceField = forceField
    let parameters = forceField.parameters
    let last = sequence.residues.count - 1
    var templates: [ResidueTemplate] = []
    for (place, residue) in sequence.residues.enumerated() {
      let end: (mark: String, name: String)? =
        residue.isCap
        ? nil : place == 0 ? ("N", "N-terminal") : place == last ? ("C", "C-terminal") : nil
      guard let template = parameters.residues[(end?.mark ?? "") + residue.name] else {
        throw .noParameters(
          residue: residue.name, number: place + 1, end: end?.name, forceField: forceField.rawValue)
      }
      templates.append(template)
    }
    self.templates = templates
    var firstAtoms: [Int] = []
    var atoms = 0
    for template in templates {
      firstAtoms.append(atoms)
      atoms += template.atoms.count
    }
    self.firstAtoms = firstAtoms

    func atom(_ residue: Int, _ name: String) -> Int? {
      templates[residue].place(name).map { firstAtoms[residue] + $0 }
    }
    var bonds: [(Int, Int)] = []
    for (residue, template) in templates.enumerated() {
      let first = firstAtoms[residue]
      bonds += template.bonds.map { (first + $0.x, first + $0.y) }
      if residue > 0, let carbon = atom(residue - 1, "C"), let nitrogen = atom(residue, "N") {
        bonds.append((carbon, nitrogen))
      }
    }
    for pair in sequence.disulfides {
      if let i = atom(pair.x, "SG"), let j = atom(pair.y, "SG") { bonds.append((i, j)) }
    }
    let all = templates.flatMap(\.atoms)
    let classes = all.compactMap { parameters.classes[$0.atomClass] }
    precondition(classes.count == all.count, "an atom class without parameters")
    topology = Topology(
      atomNames: all.map(\.name), atomicNumbers: classes.map(\.atomicNumber),
      masses: classes.map(\.mass), residueNames: sequence.residues.map(\.label),
      residueOfAtom: templates.indices.flatMap { residue in
        templates[residue].atoms.map { _ in residue }
      },
      bonds: bonds.map { SIMD2(Int32(min($0, $1)), Int32(max($0, $1))) }
        .sorted { ($0.x, $0.y) < ($1.x, $1.y) })
  }

  /// Amber's types of the atoms, [atoms].
  package var atomTypes: [String] {
    let classes = forceField.parameters.classes
    return atomClasses.map { classes[$0]?.amberType ?? $0 }
  }

  /// The classes of the atoms in the force field, [atoms].
  var atomClasses: [String] { templates.flatMap { $0.atoms.map(\.atomClass) } }

  /// The natural form of the residue of an atom, such as ARG.
  func naturalName(of atom: Int) -> String {
    sequence.residues[topology.residueOfAtom[atom]].name
  }

  /// The names of a residue's atoms.
  func atomNames(_ residue: Int) -> [String] { templates[residue].atoms.map(\.name) }

  /// The atom of a name in a residue.
  func atom(_ residue: Int, _ name: String) -> Int? {
    guard templates.indices.contains(residue) else { return nil }
    return templates[residue].place(name).map { firstAtoms[residue] + $0 }
  }
}
