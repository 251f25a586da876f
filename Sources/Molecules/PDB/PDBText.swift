import Foundation

/// A conformation in the PDB's format, for programs that show or read molecules; ångström with three
/// decimals.
///
/// Names and order are those of the topology. Caps and amino acids are ATOM records of chain A,
/// D-residues HETATM records with their bonds.
///
/// - Parameters:
///   - positions: nm, [atoms].
///   - remarks: Lines of at most 60 characters that come first.
/// - SeeAlso: wwpdb.org/documentation/file-format, version 3.3.
package func pdbText(
  _ topology: Topology, positions: [SIMD3<Double>], remarks: [String] = []
) -> String {
  remarks.map { "REMARK   1 \($0)\n" }.joined() + atomRecords(topology, positions)
    + bondRecords(topology) + "END\n"
}

/// Several conformations as the models of one file; otherwise as
/// ``pdbText(_:positions:remarks:)``.
///
/// - Parameter models: nm, [models][atoms].
package func pdbText(
  _ topology: Topology, models: [[SIMD3<Double>]], remarks: [String] = []
) -> String {
  remarks.map { "REMARK   1 \($0)\n" }.joined()
    + models.enumerated().map { number, positions in
      "MODEL     " + String(format: "%4d", (number + 1) % 10_000) + "\n"
        + atomRecords(topology, positions) + "ENDMDL\n"
    }.joined() + bondRecords(topology) + "END\n"
}

private func atomRecords(_ topology: Topology, _ positions: [SIMD3<Double>]) -> String {
  precondition(
    positions.count == topology.atoms, "\(positions.count) positions, \(topology.atoms) atoms")
  var text = ""
  for (atom, position) in positions.enumerated() {
    let residue = topology.residueOfAtom[atom]
    let symbol = ChemicalElement(rawValue: topology.atomicNumbers[atom])?.symbol ?? ""
    let name = topology.atomNames[atom]
    // Elements of one letter begin in the second column of the name, unless it has four letters.
    let field = (name.count < 4 ? " " + name : name).padded(to: 4)
    let place = [position.x, position.y, position.z].map {
      String(format: "%8.3f", $0 / AmberUnits.length)
    }.joined()
    let isD = ResidueNames.residue(topology.residueNames[residue])?.isD ?? false
    text += (isD ? "HETATM" : "ATOM  ") + String(format: "%5d", (atom + 1) % 100_000) + " \(field) "
    text += topology.residueNames[residue].padded(to: 4) + "A"
    text += String(format: "%4d", (residue + 1) % 10_000) + "    \(place)  1.00  0.00          "
    text += String(repeating: " ", count: 2 - symbol.count) + "\(symbol)\n"
  }
  if let last = topology.residueNames.indices.last {
    text += "TER   " + String(format: "%5d", (topology.atoms + 1) % 100_000) + "      "
    text += topology.residueNames[last].padded(to: 4) + "A"
    text += String(format: "%4d", (last + 1) % 10_000) + "\n"
  }
  return text
}

/// The bonds that names do not say: those between sulfurs, and of D-residues.
private func bondRecords(_ topology: Topology) -> String {
  let mirrored = topology.residueNames.map { ResidueNames.residue($0)?.isD ?? false }
  return topology.bonds.filter { bond in
    let atoms = [Int(bond.x), Int(bond.y)]
    return atoms.contains { mirrored[topology.residueOfAtom[$0]] }
      || atoms.allSatisfy { topology.atomicNumbers[$0] == ChemicalElement.sulfur.rawValue }
  }.map { String(format: "CONECT%5d%5d\n", $0.x + 1, $0.y + 1) }.joined()
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
