/// A hydrogen nearer to an atom than this, nm, is bonded to it.
private let longestHydrogenBond = 0.16

extension PDBRecords {
  /// In what the peptide that is built is not what the file says, one line each.
  func notes(on sequence: PeptideSequence) -> [String] {
    missingResidues + openBridges(sequence) + addedHydrogens(sequence)
  }

  /// Residues that SEQRES names and that have no coordinates.
  private var missingResidues: [String] {
    guard let chain = residues.first?.chain, let named = sequences[chain],
      named.count > residues.count
    else { return [] }
    return [
      """
      SEQRES names \(named.count) residues, of which \(residues.count) have coordinates; the others \
      are left out, and an end without a cap is charged
      """
    ]
  }

  /// Pairs of SSBOND whose sulfurs are too far apart.
  private func openBridges(_ sequence: PeptideSequence) -> [String] {
    // Headers of a file that one chain was taken of name the bridges of others, too.
    let own = bridges.filter { bridge in
      bridge.ends.contains { end in end.chain == residues.first?.chain }
    }
    return own.compactMap { bridge in
      let places = bridge.ends.compactMap(place)
      // A residue may be joined to that of a copy of the molecule in the crystal.
      if places.count == 2, places[0] == places[1] { return nil }
      let numbers = places.compactMap { sequence.aminoAcids.firstIndex(of: $0) }.map { $0 + 1 }
      let names = bridge.ends.map(\.number).joined(separator: " and ")
      guard numbers.count == 2 else {
        return "SSBOND joins the residues \(names), which do not both have coordinates"
      }
      // Of two CYX each has a bridge, or the sequence is refused.
      if places.allSatisfy({ sequence.residues[$0].name == "CYX" }) { return nil }
      return """
        SSBOND joins the residues \(names), but only sulfurs within 2.5 Å are bridged; to join \
        them, pass --disulfide \(numbers[0])-\(numbers[1])
        """
    }
  }

  /// Hydrogens that are built where the file has others of the residue, since the residue has no
  /// other state with these.
  private func addedHydrogens(_ sequence: PeptideSequence) -> [String] {
    let joined = Set(bridges.flatMap(\.ends).compactMap(place))
    return residues.indices.compactMap { index in
      let (residue, record) = (sequence.residues[index], residues[index])
      guard record.atoms.contains(where: \.isHydrogen) else { return nil }
      if index == 0, !residue.isCap, let found = record.hydrogens(on: "N") {
        let expected = ["PRO", "HYP"].contains(residue.name) ? 2 : 3
        if found < expected {
          return "\(record.label) has hydrogens, but \(found) on N; as a charged end it gets "
            + "\(expected)"
        }
      }
      let atom: String? =
        switch residue.name {
        case "CYS" where !joined.contains(index): "SG"
        case "TYR": "OH"
        default: nil
        }
      guard let atom, record.hydrogens(on: atom) == 0 else { return nil }
      return "\(record.label) has hydrogens, but none on \(atom); it gets one there"
    }
  }

  /// Which of the residues an end of a disulfide is.
  private func place(_ end: (chain: String, number: String)) -> Int? {
    residues.firstIndex { $0.chain == end.chain && $0.number == end.number }
  }
}

extension PDBResidue {
  /// How many hydrogens are bonded to an atom; nil without it.
  fileprivate func hydrogens(on name: String) -> Int? {
    position(name).map { centre in
      atoms.count { atom in
        let apart = atom.position - centre
        return atom.isHydrogen && dot(apart, apart) < longestHydrogenBond * longestHydrogenBond
      }
    }
  }
}
