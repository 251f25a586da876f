/// Two sulfurs nearer than this, nm, are bonded.
private let longestBridge = 0.25
/// A peptide bond is not longer than this, nm.
private let longestPeptideBond = 0.2

/// The residue that a record is, with its state of protonation; nil if none is known.
func residue(of record: PDBResidue) -> PeptideSequence.Residue? {
  if let cap = ResidueNames.caps[record.name] { return .init(cap) }
  // CHARMM's and GROMACS' names of histidine.
  let others = ["HSD": "HID", "HSE": "HIE", "HSP": "HIP", "HISD": "HID", "HISE": "HIE"]
  guard var residue = ResidueNames.residue(others[record.name] ?? record.name) else { return nil }
  let isExact = ResidueNames.others.contains(others[record.name] ?? record.name)
  if isExact { return residue }
  switch residue.name {
  case "HIE" where record.has("HD1"): residue.name = record.has("HE2") ? "HIP" : "HID"
  case "ASP" where record.has("HD2"): residue.name = "ASH"
  case "GLU" where record.has("HE2"): residue.name = "GLH"
  case "LYS":
    let hydrogens = record.atoms.filter { $0.isHydrogen && $0.name.hasPrefix("HZ") }
    if hydrogens.count == 2 { residue.name = "LYN" }
  default: break
  }
  return residue
}

/// Whether Cα has the handedness of a D-residue; nil where it has none.
func isMirrored(_ record: PDBResidue) -> Bool? {
  guard let n = record.position("N"), let centre = record.position("CA"),
    let c = record.position("C"), let beta = record.position("CB")
  else { return nil }
  return dot(cross(n - centre, c - centre), beta - centre) < 0
}

/// Whether the peptide bond between two residues is cis.
func isCis(_ first: PDBResidue, _ second: PDBResidue) -> Bool {
  guard let before = first.position("CA") ?? first.position("CH3"), let c = first.position("C"),
    let n = second.position("N"), let after = second.position("CA") ?? second.position("CH3")
  else { return false }
  return dot(cross(c - before, n - c), cross(n - c, after - n)) > 0
}

/// Throws unless C of the first and N of the second are bonded.
func checkBond(
  _ first: PDBResidue, _ second: PDBResidue, _ path: String
) throws(PDBError) {
  guard let c = first.position("C"), let n = second.position("N") else { return }
  let distance = dot(c - n, c - n).squareRoot()
  guard distance < longestPeptideBond else {
    throw .brokenChain(path: path, residues: [first.label, second.label], distance: distance)
  }
}

/// The pairs of cysteines whose sulfurs are bonded, as amino acids from 1.
func bridges(_ records: [PDBResidue], _ sequence: PeptideSequence) -> [SIMD2<Int>] {
  let sulfurs = sequence.aminoAcids.enumerated().compactMap {
    number, place -> (Int, SIMD3<Double>)? in
    guard ["CYS", "CYX"].contains(sequence.residues[place].name) else { return nil }
    return records[place].position("SG").map { (number + 1, $0) }
  }
  return sulfurs.indices.flatMap { i in
    sulfurs[(i + 1)...].compactMap { other -> SIMD2<Int>? in
      let apart = sulfurs[i].1 - other.1
      return dot(apart, apart) < longestBridge * longestBridge
        ? SIMD2(sulfurs[i].0, other.0) : nil
    }
  }
}
