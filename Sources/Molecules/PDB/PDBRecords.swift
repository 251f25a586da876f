import Foundation

/// An atom of a PDB file.
struct PDBAtom {
  /// Without blanks, a leading digit moved to the end: `1HB` is `HB1`.
  var name: String
  var isHydrogen: Bool
  /// nm.
  var position: SIMD3<Double>
  var line: Int
}

/// A residue of a PDB file.
struct PDBResidue {
  var name: String
  /// Number and insertion code.
  var number: String
  var chain: String
  var atoms: [PDBAtom]

  /// What messages call it.
  var label: String { "\(name) \(number)" }

  func position(_ name: String) -> SIMD3<Double>? { atoms.first { $0.name == name }?.position }
  func has(_ name: String) -> Bool { atoms.contains { $0.name == name } }
}

/// What a PDB file says of a molecule.
struct PDBRecords {
  /// Those of the first model with coordinates, in their order.
  var residues: [PDBResidue] = []
  /// The residues that SEQRES names, by chain; none without it.
  var sequences: [String: [String]] = [:]
  /// The disulfides of SSBOND.
  var bridges: [PDBBridge] = []
  /// What the user should know, one line each.
  var notes: [String] = []
}

/// A disulfide by the chains and numbers of its residues, as those of ``PDBResidue``.
struct PDBBridge {
  var ends: [(chain: String, number: String)]
}

/// Reads a PDB file up to the end of its first model.
///
/// Of several places of an atom the first is taken, and the notes say so.
func readPDBRecords(path: String) throws(PDBError) -> PDBRecords {
  let text: String
  do {
    text = try String(contentsOfFile: path, encoding: .isoLatin1)
  } catch {
    let exists = FileManager.default.fileExists(atPath: path)
    throw .unreadable(path: path, reason: exists ? "it is no text" : "no such file")
  }
  var found = PDBRecords()
  var key = ""
  for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    .enumerated()
  {
    let columns = Array(line)
    func field(_ range: ClosedRange<Int>) -> String {
      guard range.lowerBound <= columns.count else { return "" }
      return String(columns[(range.lowerBound - 1)..<min(range.upperBound, columns.count)])
        .trimmingCharacters(in: .whitespaces)
    }
    let record = field(1...6)
    if record == "ENDMDL" {
      if text.contains("MODEL        2") || text.components(separatedBy: "ENDMDL").count > 2 {
        found.notes.append("\(path): has several models; the first is taken")
      }
      break
    }
    if record == "SEQRES" {
      found.sequences[field(12...12), default: []] += field(20...70).split(separator: " ")
        .map(String.init)
    }
    if record == "SSBOND" {
      found.bridges.append(
        PDBBridge(ends: [(field(16...16), field(18...22)), (field(30...30), field(32...36))]))
    }
    guard record == "ATOM" || record == "HETATM" else { continue }
    guard let x = Double(field(31...38)), let y = Double(field(39...46)),
      let z = Double(field(47...54)), x.isFinite, y.isFinite, z.isFinite
    else { throw .badRecord(path: path, line: index + 1, found: String(line.prefix(30))) }
    let (name, residue) = (field(13...16), field(18...21))
    let (chain, number) = (field(22...22), field(23...27))
    let place = "\(chain) \(number) \(residue)"
    if place != key {
      key = place
      found.residues.append(
        PDBResidue(name: residue.uppercased(), number: number, chain: chain, atoms: []))
    }
    let digits = name.prefix { $0.isNumber }
    var plain = String(name.dropFirst(digits.count) + digits).uppercased()
    var element = field(77...78).uppercased()
    if element.isEmpty { element = String(plain.prefix(1)) }
    if element == "D" {
      element = "H"
      plain = "H" + plain.dropFirst()
    }
    let atom = PDBAtom(
      name: plain, isHydrogen: element == "H",
      position: SIMD3(x, y, z) * AmberUnits.length, line: index + 1)
    let last = found.residues.count - 1
    if found.residues[last].has(plain) {
      guard !field(17...17).isEmpty else {
        throw .repeatedAtom(
          path: path, line: index + 1, atom: plain, residue: found.residues[last].label)
      }
      let label = found.residues[last].label
      let note = "\(path): \(label) has atoms in several places; the first is taken"
      if !found.notes.contains(note) { found.notes.append(note) }
      continue
    }
    found.residues[last].atoms.append(atom)
  }
  if found.residues.isEmpty { throw .noAtoms(path: path) }
  return found
}
