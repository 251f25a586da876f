/// The names of residues in the field.
enum ResidueNames {
  static let firstCaps: Set<String> = ["ACE"]
  static let lastCaps: Set<String> = ["NME", "NHE"]

  static func isCap(_ name: String) -> Bool { firstCaps.contains(name) || lastCaps.contains(name) }

  /// Caps as a sequence writes them.
  static let capTexts = ["ACE": "Ace", "NME": "Nme", "NHE": "NH2"]

  /// What stands for a cap in a PDB file, in capitals.
  static let caps = [
    "ACE": "ACE", "AC": "ACE", "NME": "NME", "NMA": "NME", "NHME": "NME", "NHE": "NHE",
    "NH2": "NHE",
  ]

  /// The cap that a part of a sequence is; nil if it is none.
  ///
  /// ACE, AC, NME and NHE are also three amino acids or two, which they are but at the end where the
  /// cap belongs; Ac is written in this way alone.
  static func cap(_ part: String, isFirst: Bool, isLast: Bool) -> String? {
    let capitals = part.uppercased()
    guard let cap = caps[capitals] else { return nil }
    let isWord = part == part.prefix(1).uppercased() + part.dropFirst().lowercased()
    if capitals == "AC" { return isFirst && isWord ? cap : nil }
    let isAtItsEnd = firstCaps.contains(cap) ? isFirst : isLast
    return isAtItsEnd || isWord || capitals.contains("2") ? cap : nil
  }

  /// The cap or amino acid that a part between hyphens is the name of; nil for letters.
  static func named(_ part: String, isFirst: Bool, isLast: Bool) -> PeptideSequence.Residue? {
    if let cap = cap(part, isFirst: isFirst, isLast: isLast) { return PeptideSequence.Residue(cap) }
    guard part.count > 1, part.first?.isUppercase == true else { return nil }
    return residue(part.uppercased())
  }

  /// The amino acid of each letter, charged as at pH 7; histidine has its hydrogen on Nε.
  static let letters: [Character: String] = [
    "A": "ALA", "C": "CYS", "D": "ASP", "E": "GLU", "F": "PHE", "G": "GLY", "H": "HIE", "I": "ILE",
    "K": "LYS", "L": "LEU", "M": "MET", "N": "ASN", "P": "PRO", "Q": "GLN", "R": "ARG", "S": "SER",
    "T": "THR", "V": "VAL", "W": "TRP", "Y": "TYR",
  ]

  static func letter(of name: String) -> String? {
    letters.first { $0.value == name }.map { String($0.key) }
  }

  /// Names without a letter: other states of protonation, a bridged cysteine, hydroxyproline.
  static let others = ["HID", "HIE", "HIP", "ASH", "GLH", "LYN", "CYX", "CYM", "HYP"]

  /// Every amino acid by its three letters; HIS is HIE.
  static let aminoAcids: Set<String> = Set(letters.values).union(others).union(["HIS"])

  /// The PDB's names of D-amino acids.
  static let mirrored = [
    "DAL": "ALA", "DAR": "ARG", "DSG": "ASN", "DAS": "ASP", "DCY": "CYS", "DGN": "GLN",
    "DGL": "GLU", "DHI": "HIE", "DIL": "ILE", "DLE": "LEU", "DLY": "LYS", "MED": "MET",
    "DPN": "PHE", "DPR": "PRO", "DSN": "SER", "DTH": "THR", "DTR": "TRP", "DTY": "TYR",
    "DVA": "VAL",
  ]

  /// The name of a D-residue: the PDB's, or `D` before that of its mirror image where there is none.
  static func mirroredName(_ name: String) -> String {
    mirrored.first { $0.value == name }?.key ?? "D" + name
  }

  /// The residue of a name in capitals: three letters, a D-residue's name of the PDB, or `D` before
  /// three letters; nil where there is none.
  static func residue(_ name: String) -> PeptideSequence.Residue? {
    if aminoAcids.contains(name) { return .init(name == "HIS" ? "HIE" : name) }
    if let natural = mirrored[name] { return .init(natural, isD: true) }
    if name.hasPrefix("D"), let natural = residue(String(name.dropFirst())), !natural.isD {
      return .init(natural.name, isD: natural.name != "GLY")
    }
    return nil
  }
}
