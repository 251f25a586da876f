/// Why a PDB file is no peptide that can be built.
package enum PDBError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  /// There is no ATOM record.
  case noAtoms(path: String)
  /// A record is cut or its numbers are none. Lines count from 1.
  case badRecord(path: String, line: Int, found: String)
  case unknownResidue(path: String, line: Int, name: String, number: String)
  /// An atom that the residue does not have.
  case unknownAtom(path: String, line: Int, atom: String, residue: String, known: [String])
  case repeatedAtom(path: String, line: Int, atom: String, residue: String)
  /// Heavy atoms that are not in the file: residue and name of each.
  case missingAtoms(path: String, atoms: [String])
  case severalChains(path: String, chains: [String])
  /// Two residues that follow each other are not bonded; nm.
  case brokenChain(path: String, residues: [String], distance: Double)
  case sequence(path: String, SequenceError)
  /// The atoms are not those of a topology.
  case otherAtoms(path: String, problem: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .noAtoms(let path): "\(path): has no ATOM record; is it a PDB file?"
    case .badRecord(let path, let line, let found):
      "\(path):\(line): '\(found)' is no whole ATOM record with its coordinates in columns 31–54"
    case .unknownResidue(let path, let line, let name, let number):
      "\(path):\(line): \(name) \(number) is no amino acid or cap with parameters; remove it, or "
        + "rename it: "
        + ResidueNames.aminoAcids.union(["ACE", "NME", "NHE"]).sorted().joined(separator: " ")
    case .unknownAtom(let path, let line, let atom, let residue, let known):
      "\(path):\(line): \(residue) has no atom \(atom); it has \(known.joined(separator: " "))"
    case .repeatedAtom(let path, let line, let atom, let residue):
      "\(path):\(line): atom \(atom) of \(residue) appears a second time"
    case .missingAtoms(let path, let atoms):
      "\(path): heavy atoms are missing: \(atoms.joined(separator: ", ")); complete the model "
        + "first, such as with PDBFixer"
        + (atoms.contains { $0.hasSuffix(" OXT") } ? ", or cap its end with NME" : "")
    case .severalChains(let path, let chains):
      "\(path): has the chains \(chains.joined(separator: ", ")), expected one peptide"
    case .brokenChain(let path, let residues, let distance):
      "\(path): C of \(residues[0]) and N of \(residues[1]) are \((distance * 1e4).rounded() / 1e3) "
        + "Å apart; is a residue missing between them?"
    case .sequence(let path, let error): "\(path): \(error)"
    case .otherAtoms(let path, let problem):
      "\(path): \(problem); it is to have every atom of the topology, by its name"
    }
  }
}
