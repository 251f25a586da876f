/// A peptide as a PDB file has it: its sequence, with the states of protonation, and coordinates.
package struct PDBModel: Sendable {
  /// The file.
  package let source: String
  package let sequence: PeptideSequence
  /// What the user should know, one line each.
  package let notes: [String]
  /// One for each residue of the sequence.
  private let records: [PDBResidue]

  /// Reads the first model of a file.
  ///
  /// Histidine, aspartate, glutamate and lysine are protonated as their hydrogens say, or else as
  /// at pH 7 (histidine on Nε). Sulfurs of two cysteines within 0.25 nm are bridged. A residue
  /// whose coordinates are those of the mirror image is one, whatever its name.
  ///
  /// - Throws: ``PDBError`` naming the residue or atom.
  package init(path: String) throws(PDBError) {
    let file = try readPDBRecords(path: path)
    let records = file.residues
    var notes = file.notes
    source = path
    let chains = records.map(\.chain).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    if chains.count > 1 { throw .severalChains(path: path, chains: chains) }
    var residues: [PeptideSequence.Residue] = []
    for record in records {
      guard var residue = residue(of: record) else {
        throw .unknownResidue(
          path: path, line: record.atoms[0].line, name: record.name, number: record.number)
      }
      if residue.name == "HIE", record.name.hasPrefix("HI"), !record.has("HE2"),
        record.name != "HIE"
      {
        notes.append("\(path): \(record.label) has no hydrogen on its ring; it becomes HIE")
      }
      if let isD = isMirrored(record) {
        if isD != residue.isD {
          notes.append("\(path): \(record.label) has the handedness of \(isD ? "D" : "L")")
        }
        residue.isD = isD
      }
      if let previous = residues.indices.last {
        residue.hasCisBond = isCis(records[previous], record)
        if residue.hasCisBond, residue.name != "PRO" {
          notes.append("\(path): the peptide bond before \(record.label) is cis")
        }
        try checkBond(records[previous], record, path)
      }
      residues.append(residue)
    }
    self.records = records
    do throws(SequenceError) {
      var sequence = try PeptideSequence(residues)
      for pair in bridges(records, sequence) { try sequence.addDisulfide(pair) }
      self.sequence = sequence
      self.notes = notes + file.notes(on: sequence).map { "\(path): \($0)" }
    } catch {
      throw .sequence(path: path, error)
    }
  }

  /// The coordinates of the file, with the hydrogens that it lacks: nm, [atoms].
  ///
  /// Hydrogens of the file are found by their names, or else by the heavy atom that they are next
  /// to. The others are placed from ideal lengths and angles and relaxed while all else is fixed.
  ///
  /// - Throws: ``PDBError`` for atoms that the peptide does not have, or heavy atoms that are
  ///   missing.
  package func positions(
    of peptide: Peptide, field: ForceField
  ) throws(PDBError) -> [SIMD3<Double>] {
    let topology = peptide.topology
    var known = [SIMD3<Double>?](repeating: nil, count: topology.atoms)
    for (residue, record) in records.enumerated() {
      var unmatched: [PDBAtom] = []
      for atom in record.atoms {
        let name = atomName(atom.name, peptide, residue)
        if let place = peptide.atom(residue, name), known[place] == nil {
          known[place] = atom.position
        } else {
          unmatched.append(atom)
        }
      }
      for atom in unmatched {
        guard atom.isHydrogen, let place = hydrogen(near: atom, peptide, residue, known) else {
          throw .unknownAtom(
            path: source, line: atom.line, atom: atom.name, residue: record.label,
            known: peptide.atomNames(residue))
        }
        known[place] = atom.position
      }
    }
    let missing = known.indices.filter { known[$0] == nil && topology.atomicNumbers[$0] != 1 }
    if !missing.isEmpty {
      throw .missingAtoms(
        path: source,
        atoms: missing.map {
          "\(records[topology.residueOfAtom[$0]].label) \(topology.atomNames[$0])"
        })
    }
    var placement = AtomPlacement(peptide, BondGeometry(peptide, field), known: known)
    placement.placeRest()
    let built = known.indices.filter { known[$0] == nil }
    return relaxed(built, placement.positions, Energy(field, solvent: .vacuum))
  }

  /// A hydrogen of the peptide without a place, on the heavy atom that is next to this one.
  private func hydrogen(
    near atom: PDBAtom, _ peptide: Peptide, _ residue: Int, _ known: [SIMD3<Double>?]
  ) -> Int? {
    let neighbours = peptide.topology.neighbours
    let waiting = known.indices.filter {
      peptide.topology.residueOfAtom[$0] == residue && known[$0] == nil
        && peptide.topology.atomicNumbers[$0] == 1
    }
    func distance(_ hydrogen: Int) -> Double {
      guard let heavy = neighbours[hydrogen].first, let position = known[heavy] else {
        return .infinity
      }
      let apart = position - atom.position
      return dot(apart, apart).squareRoot()
    }
    return waiting.filter { distance($0) < 0.13 }.min { distance($0) < distance($1) }
  }
}

/// The name of an atom in the force field, of those that other programs give it.
private func atomName(_ name: String, _ peptide: Peptide, _ residue: Int) -> String {
  if peptide.atom(residue, name) != nil { return name }
  let others = [
    "CD": "CD1", "OT1": "O", "OT2": "OXT", "OT": "O", "O1": "O", "O2": "OXT", "HN": "H",
    "HT1": "H1",
    "HT2": "H2", "HT3": "H3", "CY": "C", "OY": "O", "CAY": "CH3", "CAT": "CH3", "NT": "N",
  ]
  if name == "C", peptide.sequence.residues[residue].name == "NME" { return "CH3" }
  guard let other = others[name], peptide.atom(residue, other) != nil else { return name }
  return other
}

/// Moves some atoms downhill while the others stay: nm, [atoms].
private func relaxed(
  _ moving: [Int], _ start: [SIMD3<Double>], _ energy: Energy
) -> [SIMD3<Double>] {
  if moving.isEmpty { return start }
  var x = start
  var (terms, forces) = energy.termsAndForces(x)
  var longest = 0.002
  for _ in 0..<200 where longest > 1e-5 {
    let largest = moving.map { dot(forces[$0], forces[$0]).squareRoot() }.max() ?? 0
    guard largest > 50 else { break }
    var trial = x
    for atom in moving { trial[atom] += forces[atom] * (longest / largest) }
    let next = energy.termsAndForces(trial)
    if next.terms.total < terms.total || !terms.total.isFinite {
      (x, terms, forces) = (trial, next.terms, next.forces)
      longest = min(longest * 1.2, 0.005)
    } else {
      longest /= 2
    }
  }
  return x
}
